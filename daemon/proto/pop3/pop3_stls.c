/* STLS (RFC 2595 4). */
#include "proto/pop3/pop3_session.h"

#include "base/log.h"

static enum step pop3_stls(struct pop3_session *s, const struct pop3_line *line)
{
	(void)line;
	if (session_is_tls(&s->s))
		return pop3_refuse(s, TEXT_TLS_ALREADY);
	if (!s->s.host->tls)
		return pop3_refuse(s, TEXT_NO_TLS);
	/* What came in clear behind STLS could have been put there by anybody: it must never be
	 * taken for a part of what is said over TLS. */
	if (stream_input(s->s.stream).len) {
		s->s.is_quitting = true;
		return pop3_err(s, TEXT_BYTES_BEFORE_TLS);
	}
	pop3_ok(s, TEXT_START_TLS);
	sasl_end(&s->sasl);
	if (stream_start_tls(s->s.stream, s->s.host->tls)) {
		log_warn(s->s.id, "pop3: TLS cannot be started");
		return STEP_BAD;
	}
	return STEP_DONE;
}

extern const struct pop3_verb pop3_verb_stls; /* named by the generated table */
const struct pop3_verb pop3_verb_stls = {"STLS", POP3_AUTHORIZATION | POP3_IF_NO_TLS, 0, 0,
					 pop3_stls};
