/* pop3_session - one POP3 connection (RFC 1939, 2449, 2595, 3206, 5034, 6856).
 *
 * For the files of proto/pop3 only; the way in is pop3_session_start (proto/protocols.h).
 *
 * A command is a struct pop3_verb: in which states it is legal, what CAPA says of it, how many arguments
 * it takes, and its handler. Those that are always there are a table in pop3_verbs.c. A handler that cannot finish at once returns
 * pop3_then(s, function); the session calls that function at once, and again after every event
 * while it says STEP_MORE. Commands are taken one after the other, so pipelining needs nothing
 * more. */
#ifndef PROTO_POP3_SESSION_H
#define PROTO_POP3_SESSION_H

#include "proto/dot.h"
#include "proto/line.h"
#include "proto/pop3/pop3_drop.h"
#include "proto/pop3/pop3_text.h"
#include "proto/sasl.h"

enum pop3_when { /* bits, for the table: the states (RFC 1939 3) */
	POP3_AUTHORIZATION = 1,
	POP3_TRANSACTION = 2,
	POP3_ANY_STATE = 3,
	/* What CAPA says of a command (RFC 2449 5). */
	POP3_IN_CAPA = 4,
	POP3_IF_CLEAR = 8,   /* where a password may come in clear text */
	POP3_IF_NO_TLS = 16, /* where TLS can be started */
	POP3_FOR_USER = 32,  /* with USER behind it */
};

enum {
	POP3_LINE_MAX = LINE_MAX_BEFORE_LOGIN, /* RFC 2449 4 asks for 255; SASL needs more */
	POP3_ARGS_MAX = 2,
	POP3_CHUNK_BYTES = 8192, /* of a message, read and sent at a time */
};

struct pop3_line {
	struct slice name;
	struct slice args[POP3_ARGS_MAX];
	size_t argc;       /* those there are, also beyond POP3_ARGS_MAX */
	struct slice rest; /* all behind the name and one space: PASS takes spaces (RFC 1939 7) */
};

struct pop3_session {
	struct session s; /* first */
	struct line_reader reader;
	enum pop3_when state;
	const struct pop3_lang *lang; /* NULL: English */
	bool has_greeted;
	enum step (*go_on)(struct pop3_session *s); /* of the command under way, if s.is_busy */
	struct sasl sasl; /* between USER and PASS it holds the name */
	struct pop3_drop drop;
	bool is_draining;     /* QUIT waits until all that was sent has left */
	/* Of the long answer under way. */
	uint32_t number;      /* message, or next line of a listing */
	bool has_answered;    /* its +OK is out */
	bool is_uidl, is_top;
	struct msg_info info;
	uint64_t offset;
	struct dot_writer dot;
	struct pop3_top {
		uint64_t lines_left;
		bool in_body, is_line_empty, is_over;
	} top;
};

struct pop3_verb {
	char name[5];
	uint8_t when;               /* bits of enum pop3_when */
	uint8_t args_min, args_max; /* UINT8_MAX: the handler reads line->rest */
	enum step (*run)(struct pop3_session *s, const struct pop3_line *line);
};
const struct pop3_verb *pop3_verb_at(size_t place); /* NULL behind the last */
/* What options add, closed by NULL; a generated table (daemon/tables.sh). */
extern const struct pop3_verb *const pop3_more_verbs[];

/* The command goes on with this function. Returns STEP_MORE. */
enum step pop3_then(struct pop3_session *s, enum step (*go_on)(struct pop3_session *s));

/* Replies: one line each, with the text's response code. All return STEP_DONE; pop3_refuse also
 * counts an error of the client's, and may end the session. */
enum step pop3_ok(struct pop3_session *s, enum pop3_text text);
enum step pop3_err(struct pop3_session *s, enum pop3_text text);
enum step pop3_refuse(struct pop3_session *s, enum pop3_text text);
/* The words for what the store or the host could not do. */
enum step pop3_fail(struct pop3_session *s, enum err err);
void pop3_say_total(struct pop3_session *s); /* how much there is, as the reply that it is good */
const char *pop3_say(const struct pop3_session *s, enum pop3_text text);

enum step pop3_user(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_pass(struct pop3_session *s, const struct pop3_line *line);
/* Goes on with what a login by any command has come to. */
enum step pop3_login_result(struct pop3_session *s, enum sasl_result result);

enum step pop3_list(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_uidl(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_retr(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_top(struct pop3_session *s, const struct pop3_line *line);

#endif
