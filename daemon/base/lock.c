#include "base/lock.h"

void semaphore_take(sem_t *s)
{
	while (sem_wait(s) != 0)
		continue;
}

void lock_init(struct lock *l)
{
	sem_init(&l->free, 0, 1);
}

void lock_end(struct lock *l)
{
	sem_destroy(&l->free);
}

void lock_take(struct lock *l)
{
	semaphore_take(&l->free);
}

void lock_give(struct lock *l)
{
	sem_post(&l->free);
}
