#include "proto/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

static uint32_t session_last_id;

/* --- the end ---------------------------------------------------------------------------------- */

/* The struct is gone afterwards. `flush`: what is queued is still sent. */
static void session_free(struct session *s, bool flush)
{
	struct login *login = s->login;
	timer_cancel(&s->deadline);
	deferred_cancel(&s->again);
	waiter_cancel(&s->waiter);
	s->host->ops->session_closed(s->host, s);
	list_remove(&s->link);
	log_debug(s->id, "%s: closed, %llu bytes in, %llu out", s->ops->name,
		  (unsigned long long)s->bytes_in, (unsigned long long)s->bytes_out);
	if (flush)
		stream_close(&s->stream);
	else
		stream_abort(&s->stream);
	s->ops->free(s);
	/* Last: the protocol may have mailboxes of this account open until now. */
	login_unref(&login);
}

/* --- deadlines -------------------------------------------------------------------------------- */

static bool session_needs_login(const struct session *s)
{
	return s->service != SERVICE_SMTP && s->service != SERVICE_LMTP &&
	       s->service != SERVICE_HTTP;
}

/* When the session has waited for too long, on the monotonic clock; UINT64_MAX: never. */
static uint64_t session_due_ms(const struct session *s)
{
	uint64_t due = UINT64_MAX;
	if (!s->is_ready || (session_needs_login(s) && !s->login))
		due = s->login_deadline_ms ? s->login_deadline_ms : UINT64_MAX;
	if (s->is_ready && s->idle_timeout_ms && s->active_ms + s->idle_timeout_ms < due)
		due = s->active_ms + s->idle_timeout_ms;
	if (s->hard_deadline_ms && s->hard_deadline_ms < due)
		due = s->hard_deadline_ms;
	return due;
}

static void session_arm(struct session *s)
{
	uint64_t due = session_due_ms(s);
	uint64_t now = clock_mono_ms();
	if (due == UINT64_MAX)
		timer_cancel(&s->deadline);
	else
		timer_set(&s->deadline, due > now ? due - now : 0);
}

/* The timer is moved only when it fires: input re-arms it by a mere note of the time. */
static void session_on_due(struct timer *t)
{
	struct session *s = list_owner(t, struct session, deadline);
	if (session_due_ms(s) > clock_mono_ms()) {
		session_arm(s);
		return;
	}
	log_info(s->id, "%s: timed out%s", s->ops->name,
		 session_needs_login(s) && !s->login ? " before login" : "");
	session_end(s, GOODBYE_TIMEOUT);
}

void session_set_timeout(struct session *s, uint32_t ms)
{
	s->idle_timeout_ms = ms;
	s->active_ms = clock_mono_ms();
	session_arm(s);
}

void session_set_deadline(struct session *s, uint32_t ms)
{
	s->hard_deadline_ms = ms ? clock_mono_ms() + ms : 0;
	session_arm(s);
}

void session_await_login(struct session *s)
{
	s->login_deadline_ms =
		s->host->login_timeout_ms ? clock_mono_ms() + s->host->login_timeout_ms : 0;
	session_arm(s);
}

/* --- the pump --------------------------------------------------------------------------------- */

static bool session_is_deferred(const struct session *s)
{
	return !list_is_empty(&s->again.link);
}

/* Half-closed, and nothing but input could bring it further. */
static bool session_is_stranded(struct session *s)
{
	return stream_at_eof(s->stream) && !session_is_deferred(s) && !s->awaits &&
	       !waiter_is_waiting(&s->waiter) && stream_room(s->stream) > 0;
}

static void session_pump(struct session *s)
{
	if (s->is_running) {
		s->wants_again = true;
		return;
	}
	if (!s->is_ready)
		return;
	bool had_login = s->login != NULL;
	s->is_running = true;
	s->wants_again = false;
	s->slice_end_ms = clock_mono_ms() + SESSION_SLICE_MS;
	size_t had_bytes = stream_input(s->stream).len;
	enum step step = s->ops->run(s);
	s->bytes_in += had_bytes - stream_input(s->stream).len;
	s->is_running = false;

	if (step == STEP_MORE && s->wants_again)
		session_again(s);
	if (step == STEP_MORE && !s->is_over && session_is_stranded(s))
		step = STEP_DONE;
	if (s->is_over || step != STEP_MORE)
		session_free(s, step != STEP_BAD);
	else if (had_login != (s->login != NULL))
		session_arm(s); /* another deadline counts now */
}

static void session_on_again(struct deferred *d)
{
	session_pump(list_owner(d, struct session, again));
}

/* Deferred: whoever wakes us may be in the middle of another session's call. */
static void session_on_wake(struct waiter *w)
{
	session_again(list_owner(w, struct session, waiter));
}

static void session_on_stream(struct stream_user *user, enum stream_event event)
{
	struct session *s = list_owner(user, struct session, user);
	switch (event) {
	case STREAM_READY:
		s->active_ms = clock_mono_ms();
		s->is_ready = true;
		session_arm(s);
		session_pump(s);
		break;
	case STREAM_INPUT:
	case STREAM_ROOM:
	case STREAM_EOF:
		s->active_ms = clock_mono_ms();
		session_pump(s);
		break;
	case STREAM_DEAD:
		log_debug(s->id, "%s: connection lost", s->ops->name);
		session_free(s, true); /* a dead stream knows only stream_close */
		break;
	}
}

/* --- beginning and end ------------------------------------------------------------------------ */

void session_start(struct session *s, const struct session_ops *ops, enum service service,
		   struct host *host, struct stream *stream, bool over_limit)
{
	char peer[64];
	s->ops = ops;
	s->service = service;
	s->host = host;
	s->stream = stream;
	s->id = ++session_last_id ? session_last_id : ++session_last_id;
	s->started_ms = s->active_ms = clock_mono_ms();
	s->user.on_stream = session_on_stream;
	list_init(&s->link);
	waiter_init(&s->waiter, session_on_wake);
	deferred_init(&s->again, session_on_again);
	timer_init(&s->deadline, host->loop, session_on_due);
	stream_set_user(stream, &s->user);
	session_peer_text(s, peer, sizeof(peer));
	log_debug(s->id, "%s: connection from %s%s", ops->name, peer,
		  over_limit ? ", refused" : "");

	/* The host may want to end it at once: then only after everything is in place. */
	s->is_running = true;
	host->ops->session_opened(host, s);
	s->is_running = false;
	if (s->is_over)
		session_free(s, true);
	else if (over_limit)
		session_end(s, GOODBYE_LIMIT);
	else
		session_await_login(s);
}

void session_end(struct session *s, enum goodbye why)
{
	if (s->is_over)
		return;
	s->is_over = true;
	/* Before TLS is up nothing can be said, and a handshake only in order to refuse would cost
	 * memory and time exactly when there is too little of them. */
	bool can_speak = s->is_ready || !stream_is_tls(s->stream);
	if (can_speak)
		s->ops->goodbye(s, why);
	if (!s->is_running)
		session_free(s, can_speak);
}

/* --- commands, one after the other ------------------------------------------------------------ */

enum step session_then(struct session *s)
{
	s->is_busy = s->has_next = true;
	return STEP_MORE;
}

enum step session_run_commands(struct session *s, enum step (*step)(struct session *s))
{
	for (;;) {
		if (!s->is_busy && session_must_pause(s))
			return STEP_MORE;
		enum step said = step(s);
		if (said == STEP_DONE)
			s->is_busy = false;
		if (said == STEP_BAD || (said == STEP_DONE && s->is_quitting))
			return said;
		if ((said == STEP_MORE && !s->has_next) || s->is_over)
			return STEP_MORE;
		s->has_next = false;
	}
}

/* --- what commands use ------------------------------------------------------------------------ */

bool session_must_pause(struct session *s)
{
	if (s->is_over || stream_room(s->stream) == 0)
		return true;
	if (clock_mono_ms() < s->slice_end_ms)
		return false;
	session_again(s);
	return true;
}

void session_again(struct session *s)
{
	loop_defer(s->host->loop, &s->again);
}

bool session_count_error(struct session *s)
{
	bool is_stranger = session_needs_login(s) && !s->login;
	unsigned most = is_stranger ? SESSION_ERRORS_BEFORE_LOGIN : SESSION_ERRORS_AFTER_LOGIN;
	if (s->errors < UINT16_MAX)
		s->errors++;
	return s->errors > most;
}

void session_forgive(struct session *s)
{
	s->errors = 0;
}

bool session_is_tls(const struct session *s)
{
	return stream_is_tls(s->stream);
}

bool session_may_take_password(const struct session *s)
{
	const struct net_address *peer = stream_peer(s->stream);
	return session_is_tls(s) || net_address_is_loopback(peer) ||
	       (s->host->allow_plaintext_lan && net_address_is_private(peer));
}

void session_peer_text(const struct session *s, char *dst, size_t dst_size)
{
	net_address_text(stream_peer(s->stream), dst, dst_size);
}

void session_say(struct session *s, struct slice bytes)
{
	/* A stream that fails here is dead and says so by its event. */
	if (!stream_add(s->stream, bytes))
		s->bytes_out += bytes.len;
}

void session_sayf(struct session *s, const char *fmt, ...)
{
	char text[1024], *whole = NULL;
	va_list args, again;
	va_start(args, fmt);
	va_copy(again, args);
	int len = vsnprintf(text, sizeof(text), fmt, args);
	/* Too long for the stack: rare, and bounded by what the caller formats. */
	if (len >= (int)sizeof(text))
		len = vasprintf(&whole, fmt, again);
	if (len >= 0)
		session_say(s, slice_of(whole ? whole : text, (size_t)len));
	free(whole);
	va_end(again);
	va_end(args);
}
