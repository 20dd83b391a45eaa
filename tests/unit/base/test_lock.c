#include "base/lock.h"

#include <pthread.h>
#include <stdbool.h>

#include "support/suite.h"

enum { THREADS = 4, ROUNDS = 5000 };

static struct {
	struct lock lock;
	bool is_inside;
	int rounds;
} room;

static void *go_round(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		lock_take(&room.lock);
		bool was_alone = !room.is_inside;
		room.is_inside = true;
		room.rounds += was_alone;
		room.is_inside = false;
		lock_give(&room.lock);
	}
	return unused;
}

START_TEST(one_thread_at_a_time)
{
	pthread_t threads[THREADS];
	lock_init(&room.lock);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, go_round, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_int_eq(room.rounds, THREADS * ROUNDS);
	lock_end(&room.lock);
}
END_TEST

SUITE_MAIN("lock", one_thread_at_a_time)
