/* session - what every protocol's connection shares: the pump, deadlines, errors, goodbye.
 *
 * A protocol embeds struct session first in its own struct and gives three functions. The pump
 * calls run() when there is input, room, a wake-up or a passed yield; run() consumes input and
 * queues output until it can do neither, and says
 *   STEP_MORE  wait for the next event, whichever it is;
 *   STEP_DONE  send what is queued, then close;
 *   STEP_BAD   close at once.
 * A long command returns STEP_MORE when session_must_pause says so, and goes on when run() is
 * called again: pause means no room to write, or the time slice (5 ms) is over (the pump then
 * calls again after the others had their turn). Nothing here allocates after
 * session_start, but to format more than 1 KiB at once.
 *
 * When the peer has half-closed, a session that says STEP_MORE and waits for nothing but input is
 * over: what is queued is sent, then the stream closes. It waits for something else while its
 * `waiter` waits, its output has no room, session_again was called, or `awaits` is not 0.
 *
 * Deadlines. From the first byte of a TLS handshake on, a session has login_timeout_ms of its host
 * to get a `login`; services without one (SMTP, LMTP, HTTP) have it to become ready. Later it may
 * be idle for idle_timeout_ms: no input came and no output moved. */
#ifndef PROTO_SESSION_H
#define PROTO_SESSION_H

#include "net/timer.h"
#include "proto/host.h"

enum {
	SESSION_SLICE_MS = 5,
	SESSION_ERRORS_BEFORE_LOGIN = 5, /* then goodbye */
	SESSION_ERRORS_AFTER_LOGIN = 20,
	LINE_MAX_BEFORE_LOGIN = 8 * 1024,
};

enum goodbye {
	GOODBYE_TIMEOUT,   /* idle too long, or login took too long */
	GOODBYE_SHUTDOWN,  /* the daemon stops */
	GOODBYE_SWITCHED,  /* the service was switched off, or the user removed */
	GOODBYE_EVICTED,   /* a newer session of the same user needs the place */
	GOODBYE_LIMIT,     /* too many connections: said instead of a greeting */
	GOODBYE_ERRORS,    /* too many errors */
};

struct session_ops {
	const char *name;                                       /* "imap", for logs */
	enum step (*run)(struct session *s);
	/* Queue the protocol's parting words: "* BYE ...", "421 ...", "-ERR ...". */
	void (*goodbye)(struct session *s, enum goodbye why);
	/* How long since the client could not care less (0: busy, do not evict). */
	bool (*is_idle)(const struct session *s);
	void (*free)(struct session *s);                         /* releases all, frees the struct */
};

struct session {
	struct stream_user user;
	struct stream *stream;
	struct host *host;
	const struct session_ops *ops;
	struct list link;            /* the host's list of sessions */
	struct waiter waiter;        /* for any call that may say ERR_AGAIN */
	struct deferred again;
	struct timer deadline;
	struct login *login;         /* NULL before login */
	uint64_t slice_end_ms, started_ms, active_ms;
	uint64_t bytes_in, bytes_out; /* consumed and queued by the protocol */
	uint64_t login_deadline_ms;  /* 0: none; session_await_login starts it anew */
	uint64_t hard_deadline_ms;   /* 0: none; session_set_deadline */
	uint32_t awaits;             /* answers due on other waiters than `waiter` */
	uint32_t id;                 /* for logs; 1, 2, 3, ... */
	uint32_t idle_timeout_ms;    /* re-armed at every input; 0: none */
	uint16_t errors;
	enum service service;
	bool is_ready, is_running, wants_again, is_over;
	/* Of session_run_commands: a command is under way; it has a next part that need not wait for an
	 * event; the session ends with the command. */
	bool is_busy, has_next, is_quitting;
	uint32_t locks;              /* host's */
	char *client;                /* host's: what it calls itself; NULL */
};

/* Takes over the stream, registers with the host, and pumps for the first time when the stream is
 * ready (the protocol then greets). over_limit: says GOODBYE_LIMIT and ends. */
void session_start(struct session *s, const struct session_ops *ops, enum service service,
                   struct host *host, struct stream *stream, bool over_limit);
/* Ends it from outside: goodbye, flush, free. Safe at any time, also from inside run(). */
void session_end(struct session *s, enum goodbye why);

/* The run() of protocols whose commands are taken one after the other. `step` goes on with the command
 * under way, if is_busy, else takes the next one out of the input (STEP_MORE: there is none yet); it
 * says STEP_DONE when a command is through. A command that is not, says session_then: STEP_MORE, but
 * `step` is called again at once. */
enum step session_run_commands(struct session *s, enum step (*step)(struct session *s));
enum step session_then(struct session *s);

bool session_must_pause(struct session *s); /* for loops of long commands; cheap */
void session_again(struct session *s);      /* run() is called again soon, after the others */
void session_set_timeout(struct session *s, uint32_t ms); /* replaces idle_timeout_ms, re-arms */
/* However much moves until then, the session ends in ms; 0: no such deadline. It replaces an earlier. */
void session_set_deadline(struct session *s, uint32_t ms);
void session_await_login(struct session *s); /* the login's deadline starts anew */

/* One more client error; true when it was one too many: say goodbye (GOODBYE_ERRORS). */
bool session_count_error(struct session *s);
/* Counts a success: a client that does real work is forgiven old errors. */
void session_forgive(struct session *s);

/* May a password be taken in clear text on this connection? TLS, loopback, or the LAN setting. */
bool session_may_take_password(const struct session *s);
bool session_is_tls(const struct session *s);
void session_peer_text(const struct session *s, char *dst, size_t dst_size);

/* Output. Errors need no check: the stream is dead then, and the pump will see it. */
void session_say(struct session *s, struct slice bytes);
void session_sayf(struct session *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
