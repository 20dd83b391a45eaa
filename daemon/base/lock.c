#include "base/lock.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

static void semaphore_call(struct semaphore *s, int what, uint32_t value)
{
	syscall(SYS_futex, &s->count, what | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

void semaphore_init(struct semaphore *s, uint32_t count)
{
	s->count = count;
	s->waiting = 0;
}

void semaphore_take(struct semaphore *s)
{
	for (;;) {
		uint32_t count = s->count;
		if (count && atomic_compare_exchange_weak(&s->count, &count, count - 1))
			return;
		if (count)
			continue;
		/* Whoever gives after this sees that somebody waits; whoever gave before it changed the
		 * count, and then the kernel does not let us wait. */
		s->waiting++;
		semaphore_call(s, FUTEX_WAIT, 0);
		s->waiting--;
	}
}

void semaphore_give(struct semaphore *s)
{
	s->count++;
	if (s->waiting)
		semaphore_call(s, FUTEX_WAKE, 1);
}

void lock_init(struct lock *l)
{
	semaphore_init(&l->free, 1);
}

void lock_take(struct lock *l)
{
	semaphore_take(&l->free);
}

void lock_give(struct lock *l)
{
	semaphore_give(&l->free);
}
