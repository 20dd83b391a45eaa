/* pop3_session - one POP3 connection (RFC 1939, 2449, 2595, 3206, 5034, 6856).
 *
 * For the files of proto/pop3 only; the way in is pop3_session_start (proto/protocols.h).
 *
 * A command is one row of pop3_verbs: in which states it is legal, how many arguments it takes,
 * what CAPA says of it, and its handler. A handler that cannot finish at once returns
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

enum pop3_phase { /* RFC 1939 3; bits, for the table */
	POP3_AUTHORIZATION = 1,
	POP3_TRANSACTION = 2,
	POP3_ANY_STATE = 3,
};

enum {
	POP3_LINE_MAX = LINE_MAX_BEFORE_LOGIN, /* RFC 2449 4 asks for 255; SASL needs more */
	POP3_ARGS_MAX = 2,
	POP3_USER_MAX = 512,
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
	enum pop3_phase state;
	enum pop3_lang lang;
	bool has_greeted;
	enum step (*go_on)(struct pop3_session *s); /* of the command under way, if s.is_busy */
	struct sasl sasl;
	struct buf user;    /* of USER, waiting for PASS */
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
	uint8_t legal_in;
	uint8_t args_min, args_max; /* UINT8_MAX: the handler reads line->rest */
	const char *capa;          /* the line of CAPA it stands for, or NULL */
	enum step (*run)(struct pop3_session *s, const struct pop3_line *line);
};
extern const struct pop3_verb pop3_verbs[];
extern const size_t pop3_verb_count;

/* The command goes on with this function. Returns STEP_MORE. */
enum step pop3_then(struct pop3_session *s, enum step (*go_on)(struct pop3_session *s));

/* Replies: one line each. code: "[AUTH] " with the space, or "". All return STEP_DONE; pop3_refuse
 * also counts an error of the client's, and may end the session. */
enum step pop3_ok(struct pop3_session *s, enum pop3_text text);
enum step pop3_err(struct pop3_session *s, const char *code, enum pop3_text text);
enum step pop3_refuse(struct pop3_session *s, const char *code, enum pop3_text text);
/* The words for what the store or the host could not do. */
enum step pop3_fail(struct pop3_session *s, enum err err);
const char *pop3_say(const struct pop3_session *s, enum pop3_text text);

enum step pop3_user(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_pass(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_apop(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_auth(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_stls(struct pop3_session *s, const struct pop3_line *line);

enum step pop3_list(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_uidl(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_retr(struct pop3_session *s, const struct pop3_line *line);
enum step pop3_top(struct pop3_session *s, const struct pop3_line *line);

#endif
