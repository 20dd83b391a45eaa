/* lock - one thread at a time.
 *
 * A semaphore that is 1 when nobody has it. Workers need semaphores anyway, and libc's mutexes, which
 * can do much more, are another 1.3 KiB. Whoever has it must not ask for it again. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <semaphore.h>

struct lock {
	sem_t free;
};

void lock_init(struct lock *l);
void lock_end(struct lock *l); /* nobody has it, nobody will ask */
void lock_take(struct lock *l);
void lock_give(struct lock *l);
/* sem_wait that no signal ends. */
void semaphore_take(sem_t *s);

#endif
