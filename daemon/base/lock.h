/* lock - one thread at a time, and waiting for one another.
 *
 * Semaphores by the kernel's futex (futex(2)), of which a lock is one that is 1 when nobody has it. libc's
 * are five times as large, with time-outs and cancelling that nobody here asks for. Without a wait neither
 * is a system call. Whoever has a lock must not ask for it again. The
 * memory may go when the last give has returned. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <stdatomic.h>
#include <stdint.h>

struct semaphore {
	_Atomic uint32_t count, waiting;
};

void semaphore_init(struct semaphore *s, uint32_t count);
void semaphore_take(struct semaphore *s); /* waits while it is 0; no signal ends that */
void semaphore_give(struct semaphore *s);

struct lock {
	struct semaphore free;
};

#define LOCK_FREE {{1, 0}} /* in place of lock_init, for what is static */
void lock_init(struct lock *l);
void lock_take(struct lock *l);
void lock_give(struct lock *l);

#endif
