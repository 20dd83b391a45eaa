/* sasl - server side of SASL: PLAIN (RFC 4616), LOGIN, SCRAM-SHA-256 and -PLUS (RFC 5802, 7677, 9266).
 *
 * How a protocol uses it: sasl_begin, then sasl_start with the initial response if there was one;
 * while SASL_CONTINUE: send `out`, sasl_step with the reply; while SASL_WAIT: return STEP_MORE and
 * sasl_poll when run() is called again; after SASL_OK take login_out; sasl_end in every case. One
 * struct serves any number of attempts, zeroed before the first.
 *
 * Passwords are prepared as far as SASLprep (RFC 4013) goes without Unicode tables: other spaces
 * become SP, invisible characters vanish, control characters are refused. There is no
 * normalisation, so a client that composes accents differently than the one the password was set
 * with does not get in; what is not UTF-8 is used as it is.
 *
 * sasl_begin and so on are a pure exchange: decoded client bytes in, server bytes out. sasl_dialog_*
 * are the same for protocols of lines, in base64; the words are the protocol's.
 * What a name and a password need is there in a build without SASL, too (sasl_password.c).
 * Embedded in a session. SCRAM-PLUS is offered where TLS gives tls-exporter. Names: user names are
 * compared as typed, with '=2C' and '=3D' undone. Secrets are wiped by sasl_end. */
#ifndef PROTO_SASL_H
#define PROTO_SASL_H

#include "proto/line.h"
#include "proto/session.h"

enum sasl_result {
	SASL_CONTINUE, /* send `out` as a challenge (may be empty), feed the reply in */
	SASL_WAIT,     /* the host checks; call sasl_poll after the session's waiter was woken */
	SASL_OK,       /* login_out is set; `out` may hold final server data (SCRAM v=) */
	SASL_FAILED,   /* err tells: ERR_DENIED, ERR_SYNTAX, ERR_LIMIT, ERR_UNSUPPORTED, ... */
	/* Of sasl_dialog_* only. */
	SASL_GARBLED,   /* what came was no base64; err is ERR_SYNTAX */
	SASL_CANCELLED, /* by the client, with "*" */
	SASL_TOO_LONG,  /* the client's line */
};

enum {
	SASL_MAX_BYTES = 4096, /* of one decoded client message */
	SASL_BUFFERS = 7,
};

struct sasl {
	struct session *session;
	const struct sasl_mechanism *mechanism;
	struct auth_request request;
	union {
		struct {
			struct buf user, secret; /* the one who asks, his password or the nonce */
			struct buf out;          /* server's message of this step, not base64 */
			struct buf authzid, scratch, binding;
			struct buf challenge;    /* of sasl_dialog_*: `out` in base64 */
		};
		struct buf buffers[SASL_BUFFERS]; /* all of these */
	};
	bool is_final;          /* the last challenge held the mechanism's own good news */
	int phase, state;
	enum err err;
	struct scram_verifier verifier;
	struct login *login_out;
};

/* Space-separated names offered on this connection now, strongest first, each with `prefix`
 * ("AUTH=" for IMAP): nothing in clear text without TLS unless it may. Appends to dst. */
enum err sasl_list(const struct session *s, const char *prefix, struct buf *dst);
/* ERR_UNSUPPORTED: unknown or not offered here. initial: NULL slice pointer when there was none. */
MUST_CHECK enum err sasl_begin(struct sasl *sasl, struct session *s, struct slice mechanism);
enum sasl_result sasl_step(struct sasl *sasl, struct slice client_bytes);
/* For mechanisms without an initial response: the first challenge. */
enum sasl_result sasl_start(struct sasl *sasl, const struct slice *initial);
/* A password login outside SASL (IMAP LOGIN, POP3 USER/PASS): same checks, same delays. */
enum sasl_result sasl_login(struct sasl *sasl, struct session *s, struct slice user,
                            struct slice password);
/* The same in two steps; what was begun before is given up. ERR_UNSUPPORTED: no password may be taken
 * on this connection; ERR_LIMIT. */
MUST_CHECK enum err sasl_login_name(struct sasl *sasl, struct session *s, struct slice user);
enum sasl_result sasl_login_password(struct sasl *sasl, struct slice password);
enum sasl_result sasl_poll(struct sasl *sasl);
bool sasl_is_waiting(const struct sasl *sasl); /* SASL_WAIT was said, sasl_poll is due */
void sasl_end(struct sasl *sasl); /* wipes; cancels what is pending; harmless when zeroed */

/* In lines of text (RFC 4422, 4954, 5034, 9051), after sasl_begin. The initial response, empty when
 * there was none; the client's next line, without its end; an answer of the host (after SASL_WAIT).
 * With SASL_CONTINUE `challenge` is to be sent. */
enum sasl_result sasl_dialog_start(struct sasl *sasl, struct slice initial);
enum sasl_result sasl_dialog_line(struct sasl *sasl, struct slice line);
enum sasl_result sasl_dialog_poll(struct sasl *sasl);
/* Whatever is due: the answer, or a line. SASL_WAIT: neither is there yet. */
enum sasl_result sasl_dialog_go_on(struct sasl *sasl, struct line_reader *reader, size_t max_bytes);

/* Makes the verifier to store for a password (RFC 5802 3), on any thread: slow on purpose. */
MUST_CHECK enum err scram_make_verifier(struct slice password, const uint8_t salt[16],
                                        uint32_t iterations, struct scram_verifier *v_out);
/* True when the password belongs to the verifier: slow; constant-time comparison. Any thread. */
bool scram_check_password(const struct scram_verifier *v, struct slice password);

#endif
