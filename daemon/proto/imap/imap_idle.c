#include "proto/imap/imap_engine.h"
#include "proto/imap/imap_verbs.h"

/* IDLE (RFC 2177). The state in which sessions spend their lives: it owns nothing but its struct, so
 * it uses no arena, and no handler state but one octet to tell the first call from later ones. */
static uint8_t idle_is_running;

static void idle_on_keepalive(struct timer *t)
{
	struct imap_session *s = list_owner(t, struct imap_session, keepalive);
	s->is_keepalive_due = true;
	session_again(&s->base);
}

void imap_idle_init(struct imap_session *s, struct loop *loop)
{
	timer_init(&s->keepalive, loop, idle_on_keepalive);
}

static void idle_arm(struct imap_session *s)
{
	uint32_t every_ms = s->base.host->idle_keepalive_ms;
	if (every_ms)
		timer_set(&s->keepalive, every_ms);
}

static void idle_end(struct imap_session *s)
{
	timer_cancel(&s->keepalive);
	s->is_keepalive_due = false;
}

static void idle_begin(struct imap_session *s)
{
	s->cmd = &idle_is_running;
	s->cmd_end = idle_end;
	imap_gather_next(s);
	out_str(&s->out, "+ idling\r\n");
	/* A peer that has vanished is found out by our own words, not by its silence. */
	if (s->base.host->idle_keepalive_ms)
		session_set_timeout(&s->base, 0);
	idle_arm(s);
}

enum step imap_run_idle(struct imap_session *s)
{
	struct slice line = SLICE_EMPTY;
	if (!s->cmd) {
		if (!lex_end(&s->lex))
			return imap_bad_lex(s);
		idle_begin(s);
	}
	if (!imap_sync(s, true))
		return STEP_MORE;
	if (s->is_keepalive_due) {
		s->is_keepalive_due = false;
		out_str(&s->out, "* OK Still here\r\n");
		idle_arm(s);
	}
	switch (imap_gather_line(s, &line)) {
	case STEP_MORE: return STEP_MORE;
	case STEP_BAD: line = SLICE_EMPTY; break;
	case STEP_DONE: break;
	}
	session_set_timeout(&s->base, s->base.host->imap_idle_timeout_ms);
	if (!slice_eq_str_nocase(slice_trim(line), "DONE"))
		return imap_bad(s, "Expected DONE");
	return imap_ok(s, NULL, NULL);
}
