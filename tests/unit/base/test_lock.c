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
}
END_TEST

static struct {
	struct semaphore ball, back;
	int held;
} court;

static void *throw_back(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		semaphore_take(&court.ball);
		court.held++;
		semaphore_give(&court.back);
	}
	return unused;
}

START_TEST(what_was_given_is_taken_once)
{
	pthread_t threads[THREADS];
	semaphore_init(&court.ball, 0);
	semaphore_init(&court.back, 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, throw_back, NULL), 0);
	for (int i = 1; i <= THREADS * ROUNDS; i++) {
		semaphore_give(&court.ball);
		semaphore_take(&court.back);
		ck_assert_int_eq(court.held, i);
	}
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
	ck_assert_uint_eq(court.ball.count, 0);
	ck_assert_uint_eq(court.ball.waiting, 0);
}
END_TEST

SUITE_MAIN("lock", one_thread_at_a_time, what_was_given_is_taken_once)
