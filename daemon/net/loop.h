/* loop - one thread, one epoll: file descriptors, timers, deferred calls, signals.
 *
 * Owners embed their nodes (watch, timer, deferred); nothing is allocated to arm one, and all of
 * them may be removed or freed from inside any callback, their own included. One turn of the loop
 * is: due timers, ready descriptors (at most a bounded batch), then all calls deferred so far, then
 * the calls of the turn's end. Calls deferred during that phase run in the next turn, so a session
 * that yields by deferring itself lets every other one pass first. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/err.h"
#include "base/heap.h"
#include "base/list.h"

struct loop;

MUST_CHECK enum err loop_new(struct loop **loop_out);
void     loop_free(struct loop **loop); /* stores NULL; watches must be gone */
enum err loop_run(struct loop *loop);   /* until loop_stop */
void     loop_stop(struct loop *loop);  /* from a callback */
/* Runs one turn, waiting at most max_wait_ms for something to happen. For tests and tools. */
enum err loop_turn(struct loop *loop, uint32_t max_wait_ms);
/* True when the next turn has calls or due timers to run and will not wait. For tests. */
bool loop_has_work(const struct loop *loop);

/* Scratch memory for reading: shared by everybody on the loop, so what is in it is good until the
 * next callback only. */
enum { LOOP_SCRATCH_BYTES = 16 * 1024 };
uint8_t *loop_scratch(struct loop *loop);

/* Descriptors. Level-triggered. `ready` holds the bits that are ready (errors set both). */
enum { WATCH_READ = 1, WATCH_WRITE = 2 };
struct watch {
	int fd;
	unsigned interest;
	void (*on_ready)(struct watch *w, unsigned ready);
	struct loop *loop; /* NULL while not added */
	struct list link;  /* the loop's */
};
MUST_CHECK enum err watch_add(struct loop *loop, struct watch *w); /* fd, interest, on_ready set */
void watch_set(struct watch *w, unsigned interest);                /* 0: stays added, asleep */
void watch_remove(struct watch *w);                                /* harmless when not added */

/* Deferred calls: once each, however often they were asked for meanwhile. */
struct deferred {
	void (*call)(struct deferred *d);
	struct list link;
};
void deferred_init(struct deferred *d, void (*call)(struct deferred *d));
void loop_defer(struct loop *loop, struct deferred *d); /* harmless when deferred already */
/* After all deferred calls of this turn, also when one of them asks for it: for flushing output. */
void loop_at_turn_end(struct loop *loop, struct deferred *d);
/* By loop_free: for what lives on after its user left (a stream that says goodbye). */
void loop_at_free(struct loop *loop, struct deferred *d);
void deferred_cancel(struct deferred *d);

/* Signals arrive as ordinary calls on the loop (signalfd). One handler for all watched signals;
 * a second call replaces the first. They are blocked until loop_free, which restores the mask. */
MUST_CHECK enum err loop_on_signals(struct loop *loop, const int *signals, size_t count,
                                    void (*handler)(int signal, void *owner), void *owner);

#endif
