#include "net/loop.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/must.h"
#include "net/timer.h"

enum { LOOP_BATCH = 64, LOOP_SIGNAL_BATCH = 8 };

struct loop {
	int epoll_fd;
	bool stopped;
	struct timer_group timers;
	struct list watches, deferred, turn_end, at_free;
	/* Ready descriptors of this turn; watch_remove strikes those that are still to come. */
	struct epoll_event events[LOOP_BATCH];
	size_t event_at, event_count;
	struct watch signal_watch;
	sigset_t mask_before;
	void (*on_signal)(int signal, void *owner);
	void *signal_owner;
	uint8_t scratch[LOOP_SCRATCH_BYTES];
};

enum err loop_new(struct loop **loop_out)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		return ERR_NOMEM;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0) {
		free(loop);
		return ERR_LIMIT;
	}
	timer_group_init(&loop->timers);
	list_init(&loop->watches);
	list_init(&loop->deferred);
	list_init(&loop->turn_end);
	list_init(&loop->at_free);
	*loop_out = loop;
	return ERR_NONE;
}

static void loop_run_calls(struct list *calls)
{
	struct list now;
	list_init(&now);
	list_splice_tail(&now, calls);
	while (!list_is_empty(&now)) {
		struct deferred *d = list_owner(now.next, struct deferred, link);
		list_remove(&d->link);
		d->call(d);
	}
}

static void loop_forget_signals(struct loop *loop)
{
	if (!loop->signal_watch.loop)
		return;
	watch_remove(&loop->signal_watch);
	close(loop->signal_watch.fd);
	pthread_sigmask(SIG_SETMASK, &loop->mask_before, NULL);
}

void loop_free(struct loop **loop)
{
	struct loop *l = *loop;
	if (!l)
		return;
	loop_run_calls(&l->at_free);
	loop_forget_signals(l);
	must(list_is_empty(&l->watches));
	timer_group_free(&l->timers);
	close(l->epoll_fd);
	free(l);
	*loop = NULL;
}

uint8_t *loop_scratch(struct loop *loop)
{
	return loop->scratch;
}

struct timer_group *loop_timers(struct loop *loop)
{
	return &loop->timers;
}

bool loop_has_work(const struct loop *loop)
{
	return !list_is_empty(&loop->deferred) || !list_is_empty(&loop->turn_end) ||
	       timer_group_next(&loop->timers) <= clock_mono_ms();
}

/* --- turns ------------------------------------------------------------------------------------ */

/* Milliseconds epoll may sleep; -1 for ever. */
static int loop_sleep_ms(const struct loop *loop, uint32_t max_wait_ms)
{
	if (!list_is_empty(&loop->deferred) || !list_is_empty(&loop->turn_end))
		return 0;
	uint64_t sleep_ms = max_wait_ms == UINT32_MAX ? UINT64_MAX : max_wait_ms;
	uint64_t next_ms = timer_group_next(&loop->timers);
	if (next_ms != UINT64_MAX) {
		uint64_t now_ms = clock_mono_ms();
		uint64_t until_ms = next_ms > now_ms ? next_ms - now_ms : 0;
		sleep_ms = until_ms < sleep_ms ? until_ms : sleep_ms;
	}
	if (sleep_ms == UINT64_MAX)
		return -1;
	return sleep_ms > INT_MAX ? INT_MAX : (int)sleep_ms;
}

static unsigned loop_ready_bits(uint32_t events)
{
	if (events & (EPOLLERR | EPOLLHUP))
		return WATCH_READ | WATCH_WRITE;
	return (events & EPOLLIN ? WATCH_READ : 0u) | (events & EPOLLOUT ? WATCH_WRITE : 0u);
}

static void loop_run_watches(struct loop *loop)
{
	while (loop->event_at < loop->event_count) {
		struct epoll_event *event = &loop->events[loop->event_at++];
		struct watch *w = event->data.ptr;
		if (w && w->interest)
			w->on_ready(w, loop_ready_bits(event->events));
	}
	loop->event_at = loop->event_count = 0;
}

enum err loop_turn(struct loop *loop, uint32_t max_wait_ms)
{
	int count = epoll_wait(loop->epoll_fd, loop->events, LOOP_BATCH,
			       loop_sleep_ms(loop, max_wait_ms));
	if (count < 0 && errno != EINTR)
		return ERR_IO;
	loop->event_at = 0;
	loop->event_count = count > 0 ? (size_t)count : 0;
	timer_group_run(&loop->timers, clock_mono_ms());
	loop_run_watches(loop);
	loop_run_calls(&loop->deferred);
	loop_run_calls(&loop->turn_end);
	return ERR_NONE;
}

enum err loop_run(struct loop *loop)
{
	enum err err = ERR_NONE;
	while (!err && !loop->stopped)
		err = loop_turn(loop, UINT32_MAX);
	loop->stopped = false;
	return err;
}

void loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

/* --- watches ---------------------------------------------------------------------------------- */

/* Asleep means edge-triggered without interest: a hang-up, which epoll always reports, then comes
 * once instead of in every turn, and waking up again cannot fail for lack of memory. */
static struct epoll_event watch_event(struct watch *w)
{
	struct epoll_event event = {.data.ptr = w};
	if (w->interest == 0)
		event.events = EPOLLET;
	if (w->interest & WATCH_READ)
		event.events |= EPOLLIN;
	if (w->interest & WATCH_WRITE)
		event.events |= EPOLLOUT;
	return event;
}

enum err watch_add(struct loop *loop, struct watch *w)
{
	struct epoll_event event = watch_event(w);
	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, w->fd, &event) != 0)
		return errno == ENOMEM ? ERR_NOMEM : errno == ENOSPC ? ERR_LIMIT : ERR_IO;
	w->loop = loop;
	list_add_tail(&loop->watches, &w->link);
	return ERR_NONE;
}

void watch_set(struct watch *w, unsigned interest)
{
	if (!w->loop || w->interest == interest)
		return;
	w->interest = interest;
	struct epoll_event event = watch_event(w);
	int failed = epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_MOD, w->fd, &event);
	must(!failed);
}

void watch_remove(struct watch *w)
{
	struct loop *loop = w->loop;
	if (!loop)
		return;
	for (size_t i = loop->event_at; i < loop->event_count; i++)
		if (loop->events[i].data.ptr == w)
			loop->events[i].data.ptr = NULL;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	list_remove(&w->link);
	w->loop = NULL;
}

/* --- deferred calls --------------------------------------------------------------------------- */

void deferred_init(struct deferred *d, void (*call)(struct deferred *d))
{
	list_init(&d->link);
	d->call = call;
}

static void loop_enlist(struct list *calls, struct deferred *d)
{
	if (list_is_empty(&d->link))
		list_add_tail(calls, &d->link);
}

void loop_defer(struct loop *loop, struct deferred *d)
{
	loop_enlist(&loop->deferred, d);
}

void loop_at_turn_end(struct loop *loop, struct deferred *d)
{
	loop_enlist(&loop->turn_end, d);
}

void loop_at_free(struct loop *loop, struct deferred *d)
{
	loop_enlist(&loop->at_free, d);
}

void deferred_cancel(struct deferred *d)
{
	list_remove(&d->link);
}

/* --- signals ---------------------------------------------------------------------------------- */

static void loop_on_signal_fd(struct watch *w, unsigned ready)
{
	struct loop *loop = list_owner(w, struct loop, signal_watch);
	struct signalfd_siginfo infos[LOOP_SIGNAL_BATCH];
	(void)ready;
	ssize_t got = read(w->fd, infos, sizeof(infos));
	for (size_t i = 0; got > 0 && i < (size_t)got / sizeof(infos[0]); i++)
		loop->on_signal((int)infos[i].ssi_signo, loop->signal_owner);
}

enum err loop_on_signals(struct loop *loop, const int *signals, size_t count,
			 void (*handler)(int signal, void *owner), void *owner)
{
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, signals[i]);
	loop_forget_signals(loop);
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return ERR_LIMIT;
	loop->on_signal = handler;
	loop->signal_owner = owner;
	loop->signal_watch =
		(struct watch){.fd = fd, .interest = WATCH_READ, .on_ready = loop_on_signal_fd};
	enum err err = watch_add(loop, &loop->signal_watch);
	if (err) {
		close(fd);
		return err;
	}
	pthread_sigmask(SIG_BLOCK, &set, &loop->mask_before);
	return ERR_NONE;
}
