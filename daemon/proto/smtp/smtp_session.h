/* smtp_session - one SMTP, submission or LMTP connection (RFC 5321, 6409, 2033).
 *
 * For the files of proto/smtp only; the way in is smtp_session_start (proto/protocols.h).
 *
 * A command is one row of smtp_verbs: which services have it, in which states it is legal, what
 * HELP says, and its handler. A handler that cannot finish at once returns smtp_then(s, function);
 * the session calls that function at once, and again after every event while it says STEP_MORE.
 * Commands are taken one after the other, and replies leave together at the end of a turn, which is
 * all that PIPELINING (RFC 2920) needs of a server.
 *
 * The transaction (MAIL to the end of data) owns an arena, which is empty between transactions. */
#ifndef PROTO_SMTP_SESSION_H
#define PROTO_SMTP_SESSION_H

#include "base/arena.h"
#include "proto/dot.h"
#include "proto/line.h"
#include "proto/sasl.h"
#include "proto/smtp/smtp_path.h"
#include "proto/smtp/smtp_reply.h"

enum smtp_state { /* bits, for the table */
	SMTP_FRESH = 1, /* no EHLO yet, or TLS has just started */
	SMTP_READY = 2,
	SMTP_MAIL = 4,  /* a sender, no recipient yet */
	SMTP_RCPT = 8,  /* at least one recipient */
	SMTP_BDAT = 16, /* between two chunks */
	SMTP_ANY_STATE = 31,
	SMTP_NO_TRANSACTION = SMTP_FRESH | SMTP_READY,
};

enum {
	SMTP_LINE_MAX = 4 * 1024,      /* a command (RFC 5321 4.5.3.1.4 and its extensions) */
	SMTP_AUTH_LINE_MAX = 8 * 1024, /* of an AUTH exchange */
	SMTP_CHUNK_BYTES = 4 * 1024,   /* of a message, taken at a time */
	SMTP_HELO_MAX = 255,
	SMTP_MAIL_MAX = 1000, /* transactions of one session (LIMITS MAILMAX) */
	SMTP_BAD_RCPT_MAX = 20, /* refused recipients of one transaction that are not counted as errors */
};

enum smtp_body { SMTP_7BIT, SMTP_8BITMIME, SMTP_BINARYMIME };

struct smtp_session {
	struct session s; /* first */
	struct line_reader reader;
	enum smtp_state state;
	bool is_esmtp, has_greeted;
	enum step (*go_on)(struct smtp_session *s); /* of the command under way, if s.is_busy */
	struct sasl sasl;
	struct buf helo;
	char with[16];      /* RFC 3848 */
	uint32_t mails;     /* transactions so far */

	/* The transaction. */
	struct arena arena;
	struct envelope envelope;
	struct slice *rcpts; /* envelope.rcpt_to */
	size_t rcpt_cap, refused_rcpts;
	struct slice rcpt;   /* while the host is asked */
	enum smtp_body body;
	bool is_utf8;

	/* Its data. */
	struct delivery *delivery; /* NULL: not begun, or given up */
	struct dot_reader dot;
	uint64_t received, chunk_left;
	bool is_chunk, is_last_chunk;
	const struct smtp_reply *verdict; /* why the data is only swallowed, or NULL */
	struct buf pending;               /* text that the host could not take yet */
};

enum { SERVICES_SMTP = 1 << SERVICE_SMTP | 1 << SERVICE_SUBMISSION,
       SERVICES_LMTP = 1 << SERVICE_LMTP,
       SERVICES_ALL = SERVICES_SMTP | SERVICES_LMTP };

struct smtp_verb {
	char name[9];
	uint8_t services, legal_in;
	const char *help;
	enum step (*run)(struct smtp_session *s, struct slice args);
};
extern const struct smtp_verb smtp_verbs[];
extern const size_t smtp_verb_count;

enum step smtp_then(struct smtp_session *s, enum step (*go_on)(struct smtp_session *s));
bool      smtp_is_lmtp(const struct smtp_session *s);

/* One reply line: "250 2.1.0" and words. smtp_refuse also counts an error of the client's, and may
 * end the session. Both return STEP_DONE. */
enum step smtp_say(struct smtp_session *s, const char *code, const char *text);
enum step smtp_refuse(struct smtp_session *s, const char *code, const char *text);
enum step smtp_say_reply(struct smtp_session *s, const struct smtp_reply *reply);

/* Ends the transaction, whatever has become of it; SMTP_READY again. */
void smtp_reset(struct smtp_session *s);

enum step smtp_mail(struct smtp_session *s, struct slice args);
enum step smtp_rcpt(struct smtp_session *s, struct slice args);
enum step smtp_data(struct smtp_session *s, struct slice args);
enum step smtp_bdat(struct smtp_session *s, struct slice args);
enum step smtp_auth(struct smtp_session *s, struct slice args);
enum step smtp_starttls(struct smtp_session *s, struct slice args);
bool      smtp_may_auth(const struct smtp_session *s); /* AUTH is offered now */

#endif
