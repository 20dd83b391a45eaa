/* imap_session - one IMAP connection: states, tags, the verb table, pipelining (RFC 9051 3, 5.5, 6).
 *
 * For the handlers in proto/imap only. A command is gathered, looked up in the verb table (which
 * states, which flags), parsed by its handler with a lexer, then run. A handler is called again and
 * again until it says STEP_DONE or STEP_BAD; between calls its data lives in `cmd` (arena). It ends a
 * command by imap_ok/imap_no/imap_bad exactly once and returns STEP_DONE. Untagged news (EXPUNGE,
 * EXISTS, FETCH) is written by imap_sync just before the tagged reply, as the verb's row allows. */
#ifndef PROTO_IMAP_SESSION_H
#define PROTO_IMAP_SESSION_H

#include "base/arena.h"
#include "proto/imap/imap_gather.h"
#include "proto/imap/imap_lex.h"
#include "proto/imap/imap_seqset.h"
#include "proto/imap/imap_write.h"
#include "proto/session.h"
#include "store/view.h"

enum {
	IMAP_ARENA_MAX_BYTES = 1024 * 1024,
	IMAP_NESTING_MAX = 50,
	IMAP_REPLY_MAX_BYTES = 2 * 1024 * 1024, /* of responses not yet taken by the stream */
};

enum imap_state { /* RFC 9051 3; bits, for the verb table */
	IMAP_NOT_AUTHENTICATED = 1,
	IMAP_AUTHENTICATED = 2,
	IMAP_SELECTED = 4,
	IMAP_LOGOUT = 8,
	IMAP_ANY_STATE = 15,
};

/* Which news may go out before a tagged reply: a sequence-numbered FETCH, STORE or SEARCH must not
 * renumber (RFC 3501 7.4.1). */
enum imap_sync_rule { SYNC_NONE, SYNC_NO_EXPUNGE, SYNC_ALL };

struct imap_session;
struct imap_verb {
	char name[13];
	uint8_t legal_in;      /* bits of enum imap_state */
	uint8_t sync;          /* enum imap_sync_rule */
	bool has_uid_form;     /* "UID name": is_uid is set, and SYNC_ALL applies */
	/* Parses from `lex` and runs. Called with lex->rest behind the verb (and its space not yet
	 * taken) the first time; STEP_MORE: call again when there is room, input or a wake-up. */
	enum step (*run)(struct imap_session *s);
};

struct imap_session {
	struct session base;   /* first */
	enum imap_state state;
	struct view view;      /* of the selected mailbox; view.box NULL when none is */
	bool is_read_only;     /* EXAMINE */
	bool condstore, utf8, qresync, rev2; /* enabled (RFC 5161), or implied by use */
	/* The command in hand. */
	const struct imap_verb *verb; /* NULL: waiting for a command */
	struct slice tag;      /* the first bytes of `command` */
	bool is_uid;
	struct imap_lex lex;
	struct arena arena;    /* everything of the command; reset when it is over */
	void *cmd;             /* the handler's own state, in the arena; NULL on its first call */
	/* Frees what cmd owns outside the arena (read buffers, decoders). Set by a handler that owns
	 * such things; called once, when the command is over or the session ends, then cleared. */
	void (*cmd_end)(struct imap_session *s);
	uint64_t ticket;       /* of the last change that the command has made; 0: none */
	/* A response has been sent in part: no other word, not even BYE, may be put between. */
	bool in_response;
	struct buf command;    /* the gathered text */
	struct buf reply;      /* responses on their way to the stream */
	struct imap_out out;   /* writes into reply */
	struct imap_seqset saved_result; /* "$": UIDs; its ranges are on the heap */
	/* STATUS of a mailbox of which only the newest messages are shown: what was counted so far. */
	struct imap_counting {
		struct mailbox *box; /* open; NULL: nothing is being counted */
		uint32_t next_uid;
		uint32_t messages, unseen, deleted, recent;
		uint64_t size_bytes;
	} counting;
	/* The rest belongs to the engine: imap_session.c, imap_gather.c, imap_reply.c. */
	struct imap_gather gather;
	struct buf tagged;     /* the tagged reply, until the news before it is out */
	bool is_ending;        /* the handler is done; news and the tagged reply are due */
	bool is_greeted;
	bool is_closing;       /* BYE was said: send what is queued, then close */
	bool wants_goodbye;    /* too many errors: BYE follows the tagged reply */
	bool is_keepalive_due; /* IDLE */
	enum imap_sync_rule news; /* what may go out with this tagged reply */
	uint32_t recent_told;     /* of the selected mailbox: the number in the last RECENT */
	bool has_told_expunge;    /* since then */
	uint32_t keywords_told;   /* of the selected mailbox: how many stood in the last FLAGS */
	struct timer keepalive;
};

/* Sends what is in `reply` to the stream when it grew large or the command pauses. True when the
 * handler must return STEP_MORE now (no room, or the slice is over). Call after each response. */
bool imap_must_pause(struct imap_session *s);

/* Sends as much of `reply` as there is room for. True when all of it went. */
bool imap_flush(struct imap_session *s);

/* The tagged reply. `code` is the text between brackets or NULL ("TRYCREATE"); `text` NULL: "Select
 * completed". All return STEP_DONE. News is written before, as the verb allows. */
enum step imap_ok(struct imap_session *s, const char *code, const char *text);
enum step imap_no(struct imap_session *s, const char *code, const char *text);
enum step imap_bad(struct imap_session *s, const char *text);
enum step imap_bad_lex(struct imap_session *s); /* from lex.why */
/* NO with the response code that belongs to an error (RFC 5530, 7889, 9208): OVERQUOTA, ... */
enum step imap_no_err(struct imap_session *s, enum err err);

/* Changes, of the selected mailbox (as its own: no news of them) and of the account's names. The tagged
 * reply waits until they are durable, and becomes a NO when that fails: handlers need not wait. */
MUST_CHECK enum err imap_change(struct imap_session *s, struct msg_change *change);
MUST_CHECK enum err imap_change_box(struct imap_session *s, const struct box_change *change);
/* For what must come before the reply all the same: ERR_NONE once they are durable, ERR_AGAIN. */
MUST_CHECK enum err imap_wait(struct imap_session *s);
/* Octets of a message of the selected mailbox: *n at most, and one at least. ERR_AGAIN: call again. */
MUST_CHECK enum err imap_read(struct imap_session *s, const struct msg_info *info, uint64_t at,
                              uint8_t *dst, size_t *n);
/* ERR_AGAIN when the command must pause now (imap_must_pause), to be returned to the engine. */
MUST_CHECK enum err imap_pause(struct imap_session *s);

/* "1:3" or "$" to numbers of this session: resolves a parsed set against the view, by UID or by
 * sequence number. ERR_SYNTAX (answer BAD) when a sequence number is above EXISTS. */
MUST_CHECK enum err imap_resolve(struct imap_session *s, struct imap_seqset *set);
/* Walks it: next message of the set with UID > after_uid; false at the end. O(log n). */
bool imap_set_next(struct imap_session *s, const struct imap_seqset *set, uint32_t after_uid,
                   uint32_t *uid_out, uint32_t *seq_out);

/* Writes pending news; bounded steps: false when it must pause (call again). */
bool imap_sync(struct imap_session *s, bool may_expunge);
/* One untagged FETCH with FLAGS (and UID, MODSEQ as the session's state asks). */
void imap_write_flags(struct imap_session *s, uint32_t seq, const struct msg_info *info);

/* Tells the client the keywords it has not heard of yet (untagged FLAGS), before a FETCH that uses
 * them. Cheap when there are none. */
void imap_tell_keywords(struct imap_session *s);
void imap_write_flag_lists(struct imap_session *s); /* FLAGS and PERMANENTFLAGS, always */
void imap_write_exists(struct imap_session *s);     /* EXISTS and RECENT */
/* A CONDSTORE enabling command came (RFC 7162 3.1): from now on FETCH responses carry MODSEQ. The
 * first one with a mailbox selected is answered by its HIGHESTMODSEQ. */
void imap_enable_condstore(struct imap_session *s);
/* "$" becomes the empty set (RFC 5182); frees it. */
void imap_save_nothing(struct imap_session *s);
/* The account's mailbox of that name; NULL: none exists. */
struct mailbox *imap_find_box(const struct imap_session *s, struct slice name);
/* Closes the selected mailbox, if any: IMAP_AUTHENTICATED afterwards. */
void imap_unselect(struct imap_session *s);

/* Handlers, by file. Those of this half are in imap_verbs.h. */
enum step imap_run_fetch(struct imap_session *s);    /* imap_fetch.c */
enum step imap_run_search(struct imap_session *s);   /* imap_search.c */
enum step imap_run_store(struct imap_session *s);    /* imap_change.c */
enum step imap_run_copy(struct imap_session *s);     /* imap_change.c: COPY */
enum step imap_run_move(struct imap_session *s);     /* imap_change.c: MOVE */
enum step imap_run_expunge(struct imap_session *s);  /* imap_change.c: EXPUNGE, UID EXPUNGE */
enum step imap_run_append(struct imap_session *s);   /* imap_append.c */

#endif
