/* memory - gives what was freed back to the system.
 *
 * A C library keeps what was freed for the next who asks. After a busy hour that is most of what the
 * daemon holds, on a box where others need it. musl gives large pieces back by itself. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

void memory_trim(void); /* some milliseconds at most for a heap of this size: not often */

#endif
