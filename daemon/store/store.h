/* store - mailboxes, messages and their flags, on one of several backends.
 *
 * Everything here is called on the loop's thread. Objects and who owns them:
 *   store    - the whole: all accounts. Made by store_open, ended by store_close.
 *   account  - one owner's mailboxes. Shared: account_open/account_close count.
 *   mailbox  - name, counters, UIDs, keywords: always at hand while its account is open. Its
 *              message list is at hand only between mailbox_open and mailbox_close (counted).
 *   append   - one message on its way in, for one or several mailboxes, of several accounts too.
 *
 * Durability. A change is applied at once and durable a little later; the call returns a *ticket*,
 * and nobody is told OK before store_wait says that the ticket is durable. Many tickets ride one
 * sync. Flag changes return ticket 0 unless the store is configured to sync them at once: they
 * become durable within flag_delay_ms. New messages become visible (uid_next, counters, feed) when
 * they are durable, so that no client ever sees a UID that a power cut takes back. After a failed
 * sync the store is read-only: every ticket that was waiting and every later change fails.
 *
 * Asynchrony. Calls that take a waiter may return ERR_AGAIN: nothing happened yet, the waiter is
 * woken later, call again with the same arguments. A backend that need not wait never says so.
 *
 * Errors: ERR_QUOTA, ERR_FULL, ERR_READ_ONLY, ERR_IO leave everything as it was. ERR_GONE: the
 * mailbox or message was deleted. ERR_UNSUPPORTED: a build without STORE_ADD was asked to make an
 * account, to change mailboxes in another way than BOX_SET_NOTE, to copy or to move; nothing has
 * happened, and what was to be moved is where it was. append_* are not there at all.
 * Numbers: dates are seconds since 1970 UTC, sizes are octets. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "base/job.h"
#include "store/flags.h"

enum {
	MAILBOX_NAME_MAX_BYTES = 1000,  /* whole name, UTF-8 */
	MAILBOX_DEPTH_MAX = 50,         /* levels */
	MAILBOXES_PER_ACCOUNT_MAX = 10000,
	MAILBOX_NOTE_MAX_BYTES = 32 * 1024,
	ACCOUNT_NAME_MAX_BYTES = 128,
	APPEND_TARGETS_MAX = 1000,
};
#define MAILBOX_SEPARATOR '/'

struct store;
struct store_ops; /* store/store_ops.h, for backends */
struct medium;

struct store_config {
	const char *path;           /* data directory; the backend owns a part of it */
	struct medium *medium;      /* NULL: files under path (the journal; tests give their own) */
	struct job_runner *runner;  /* where blocking work goes; job_inline in tools and tests */
	/* Asks to have store_turn called soon, on the loop: at the latest after delay_ms. NULL: the
	 * owner calls store_turn after every batch of work by itself. */
	void (*schedule)(void *owner, uint32_t delay_ms);
	void *owner;
	uint32_t flag_delay_ms;     /* 0: flag changes are synced like everything else */
	uint64_t reserve_bytes;     /* kept free so that a full disk can delete; 0: default */
	int deflate;                /* bodies: 0 plain, 1 when tidied anyway, 2 all */
	bool read_only;
};

/* A message's permanent identity: survives restart, repair, backup and restore, and never names
 * another message. A copy gets a new one. */
struct msg_id {
	uint8_t bytes[16];
};

struct msg_info {
	uint32_t uid;
	flags_t  flags;
	uint64_t modseq;        /* RFC 7162 */
	int64_t  internal_date;
	int64_t  save_date;     /* when it came into this mailbox (RFC 8514) */
	uint32_t size;          /* exact octets of the message */
	struct msg_id id;
	uint64_t place;         /* the backend's: where the bytes are */
};

struct account {
	struct store *store;
	char *name;             /* of the same memory as the struct */
	struct mailbox **boxes; /* sorted by name, byte order; INBOX is "INBOX" */
	size_t box_count;
	uint64_t used_bytes, used_messages;   /* all mailboxes */
	uint64_t quota_bytes, quota_messages; /* 0: none; the owner of the account may set them */
	uint32_t open_count;
	uint32_t holds;         /* mailboxes open or held: keep it loaded like open_count */
	uint32_t last_uid_validity; /* the greatest ever given */
	uint32_t box_cap;
	uint64_t idle_since_ms; /* while open_count and holds are 0 */
	bool is_loaded;
	bool recent_moved;      /* a box->recent_from; the backend clears it when written */
	void *backend;          /* the backend's own part */
};

/* RFC 6154 uses, as bits. */
enum special_use {
	USE_ALL = 1,
	USE_ARCHIVE = 2,
	USE_DRAFTS = 4,
	USE_FLAGGED = 8,
	USE_JUNK = 16,
	USE_SENT = 32,
	USE_TRASH = 64,
	USE_IMPORTANT = 128,
};

struct mailbox {
	struct account *account;
	char *name;             /* UTF-8, levels separated by MAILBOX_SEPARATOR */
	bool exists;            /* false: only a subscription to a name (RFC 3501 6.3.9) */
	bool is_subscribed;
	uint32_t special_use;   /* bits of enum special_use */
	uint32_t uid_validity;
	uint32_t uid_next;      /* of what is visible: the next UID a client may see is >= this */
	uint64_t highest_modseq;
	uint64_t mailbox_id;    /* unique in the store, for ever (RFC 8474) */
	uint32_t messages, unseen, deleted;
	uint32_t first_unseen_uid_hint; /* no unseen message has a lower UID */
	uint64_t size_bytes;    /* sum of sizes */
	uint32_t recent_from;   /* messages with uid >= this were not announced to any session */
	struct keywords keywords;
	struct slice note;      /* of BOX_SET_NOTE; the store's, good until the next change of names
	                         * or notes */
	uint32_t open_count;
	uint32_t holds;         /* keep the struct alive, for appends and writes under way */
	bool is_gone;           /* deleted, and still here for those who have it open */
	struct list listeners;  /* struct box_listener */
	void *backend;
};

/* --- the whole -------------------------------------------------------------------------------- */
MUST_CHECK enum err store_open(const struct store_ops *ops, const struct store_config *config,
                               struct store **store_out);
void        store_close(struct store **store); /* makes everything durable that can be */
/* Does what is due: group commit, delayed flags, a slice of tidying when `idle`. Cheap when there
 * is nothing to do. */
void        store_turn(struct store *store, bool is_idle);
/* ERR_NONE: durable. ERR_AGAIN: waiter is woken when it is, or failed. Ticket 0 always is. */
MUST_CHECK enum err store_wait(struct store *store, uint64_t ticket, struct waiter *w);
bool        store_is_read_only(const struct store *store);
const char *store_backend_name(const struct store *store);

struct store_status {
	uint64_t bytes_total, bytes_used, bytes_free; /* of the space the store may use */
	uint64_t bytes_written, syncs;                /* since start */
	uint64_t messages;
	uint32_t accounts;
	uint32_t io_errors; /* of the files' device, since start: what could not be read or written */
	bool is_read_only, is_full;
};
void store_status(struct store *store, struct store_status *status_out);

/* --- accounts --------------------------------------------------------------------------------- */
/* With create, a missing account is made, with INBOX and the special-use mailboxes Drafts, Sent,
 * Junk, Trash and Archive, all subscribed; *ticket_out (may be NULL) tells when that is durable. */
MUST_CHECK enum err account_open(struct store *store, struct slice name, bool create,
                                 struct account **account_out, uint64_t *ticket_out,
                                 struct waiter *w);
void account_close(struct account **account); /* stores NULL */
/* ERR_NONE when an account may be called so: UTF-8 without controls, not empty, not too long, no
 * separator, no leading dot. ERR_SYNTAX, ERR_LIMIT. account_open checks it too. */
MUST_CHECK enum err account_name_check(struct slice name);
/* Deletes everything of it. ERR_IN_USE while somebody has it or a mailbox of it open, or mail for
 * it is on its way. */
MUST_CHECK enum err account_remove(struct store *store, struct slice name, uint64_t *ticket_out);

/* --- mailboxes -------------------------------------------------------------------------------- */
/* NULL when there is no such name (exists or not). "inbox" in any case finds INBOX. */
struct mailbox *account_find(struct account *account, struct slice name);
/* The first mailbox with this use, or NULL. */
struct mailbox *account_find_use(struct account *account, enum special_use use);
/* ERR_NONE when the name may be given to a mailbox: UTF-8 without controls, no empty level, not too
 * long or deep, does not end with the separator. ERR_SYNTAX, ERR_LIMIT. */
MUST_CHECK enum err mailbox_name_check(struct slice name);

enum box_change_kind {
	/* name, special_use; missing superior names are created too. ERR_EXISTS. An account has one
	 * mailbox per use: a use that another mailbox had moves to this one (RFC 6154 3). */
	BOX_CREATE,
	/* box: only this name, its inferiors stay; a subscription stays (exists == false). Sessions
	 * that have it open get BOX_EVENT_GONE. Not INBOX: ERR_DENIED. */
	BOX_DELETE,
	/* box -> name, with all inferiors; missing superiors of the new name are created. What is
	 * subscribed is a name and stays behind (RFC 9051 6.3.6). ERR_EXISTS also for its own name,
	 * ERR_DENIED into an inferior of itself. box NULL: old_name is only the superior of others.
	 * INBOX must be open (ERR_STATE): its messages move, it stays empty, inferiors stay. */
	BOX_RENAME,
	BOX_SUBSCRIBE,   /* name; it need not exist. Done already: ERR_NONE, ticket 0 */
	BOX_UNSUBSCRIBE, /* name. Not subscribed: ERR_NONE, ticket 0 */
	BOX_SET_USE,     /* box, special_use: all of its uses; taken from others as above */
	/* box, note: opaque octets that the owner of the account keeps with a mailbox (POP3: what was
	 * downloaded). Empty: none. They go where the mailbox goes and end with it. ERR_LIMIT above
	 * MAILBOX_NOTE_MAX_BYTES; the same as before: ERR_NONE, ticket 0. Any mailbox of a loaded
	 * account has its note at hand, open or not. */
	BOX_SET_NOTE,
};
/* A struct mailbox * that is not open is valid until the next change of names. */
struct box_change {
	enum box_change_kind kind;
	struct mailbox *box;
	struct slice name;
	uint32_t special_use;
	struct slice old_name; /* BOX_RENAME without box */
	struct slice note;     /* BOX_SET_NOTE */
};
MUST_CHECK enum err account_change_box(struct account *account, const struct box_change *change,
                                       uint64_t *ticket_out);

/* After ERR_AGAIN look the mailbox up by name before the next call: it may have been deleted. */
MUST_CHECK enum err mailbox_open(struct mailbox *box, struct waiter *w);
void mailbox_close(struct mailbox *box);

/* Position (0-based) of the first message with UID >= uid; box->messages when there is none.
 * Valid until the next change. Needs an open mailbox, like mailbox_info. O(log n). */
uint32_t mailbox_position(struct mailbox *box, uint32_t uid);
MUST_CHECK enum err mailbox_info(struct mailbox *box, uint32_t position, struct msg_info *info_out);
/* By UID: ERR_NOT_FOUND when there is no such message. */
MUST_CHECK enum err mailbox_info_uid(struct mailbox *box, uint32_t uid, struct msg_info *info_out);
/* Takes the range of messages not yet announced to any session for this one: returns the first
 * UID that is \Recent for it, and moves box->recent_from to uid_next. Kept durable lazily. */
uint32_t mailbox_take_recent(struct mailbox *box);
/* UID of the first message without \Seen, 0 when there is none. Remembers how far it looked. */
uint32_t mailbox_first_unseen(struct mailbox *box);

/* --- the feed: what happened to an open mailbox ----------------------------------------------- */
enum box_event_kind {
	BOX_EVENT_NEW,      /* messages became visible: box->uid_next and counters have moved */
	BOX_EVENT_FLAGS,    /* uids: flags or keywords changed; modseq of all of them */
	BOX_EVENT_EXPUNGED, /* uids: they are gone */
	BOX_EVENT_GONE,     /* the mailbox was deleted; only mailbox_close is legal from now on */
};
struct box_event {
	enum box_event_kind kind;
	const uint32_t *uids; /* ascending; valid during the call */
	size_t count;
	uint64_t modseq;
	const void *origin;   /* as given with the change, or NULL */
};
/* on_event is called from inside the call that changes, for every listener: it may only take
 * notes and schedule work, and must not call the store. */
struct box_listener {
	struct list link;
	void (*on_event)(struct box_listener *listener, const struct box_event *event);
};
void mailbox_listen(struct mailbox *box, struct box_listener *listener);
void mailbox_unlisten(struct box_listener *listener); /* harmless when not listening */

/* --- messages coming in ----------------------------------------------------------------------- */
struct append_target {
	struct mailbox *box;
	flags_t flags;
	uint32_t uid_out; /* after append_commit */
};
struct append_meta {
	struct append_target *targets; /* copied; one body serves them all */
	size_t target_count;
	int64_t internal_date;
	uint64_t expected_bytes;       /* a hint for early refusal; 0: unknown */
	const struct msg_id *id;       /* of the first target; NULL: a new one (the normal case) */
};
struct append {
	struct store *store;
	struct append_target *targets;
	size_t target_count;
	int64_t internal_date;
	uint64_t size;                 /* octets so far */
	struct msg_id id;              /* of the first target; final after append_commit */
	bool id_is_given;              /* by the caller, with append_begin */
	struct slice summary;          /* set by the caller before append_commit; borrowed */
	bool is_committed;
	void *backend;
};
/* ERR_QUOTA or ERR_FULL at once when the expected size cannot fit. The targets are held until
 * append_end: they need not be open; one that is deleted meanwhile makes the commit ERR_GONE. */
MUST_CHECK enum err append_begin(struct store *store, const struct append_meta *meta,
                                 struct append **append_out);
/* ERR_AGAIN: none of the bytes were taken, wait. */
MUST_CHECK enum err append_write(struct append *append, struct slice bytes, struct waiter *w);
/* Before the commit: this mailbox shall not get it after all (its owner has no room, it was
 * deleted). With no target left the append can only be ended. */
void append_drop_target(struct append *append, const struct mailbox *box);
/* All or none of them (MULTIAPPEND, RFC 3502). On success each target has its uid_out. ERR_AGAIN:
 * earlier bytes are still on their way, call again. */
MUST_CHECK enum err append_commit(struct append *const *appends, size_t count,
                                  uint64_t *ticket_out, struct waiter *w);
void append_end(struct append **append); /* forgets whatever was not committed; stores NULL */

/* --- messages changing ------------------------------------------------------------------------ */
enum msg_change_kind { CHANGE_FLAGS, CHANGE_EXPUNGE, CHANGE_COPY, CHANGE_MOVE };
struct msg_change {
	enum msg_change_kind kind;
	const uint32_t *uids;     /* ascending, no doubles; those that do not exist are passed over */
	size_t count;
	enum flags_op op;         /* CHANGE_FLAGS */
	flags_t flags;
	bool keep_system;         /* CHANGE_FLAGS with FLAGS_SET: leave system flags alone */
	uint64_t unchanged_since; /* CHANGE_FLAGS: skip those with a higher modseq; UINT64_MAX: none */
	struct mailbox *target;   /* CHANGE_COPY, CHANGE_MOVE: may be the same mailbox */
	const void *origin;       /* comes back in the events */
	/* Results, written when not NULL, `count` entries each. FLAGS: the UID when it was done
	 * (also when nothing had to change), 0 when it was passed over or had a higher modseq.
	 * EXPUNGE: the UID or 0. COPY/MOVE: the new UID, 0 when passed over. */
	uint32_t *uids_out;
	uint64_t modseq_out;      /* of this change */
};
/* The mailbox must be open; the target need not. COPY and MOVE are all or nothing and atomic.
 * A FLAGS change that changes nothing gets no modseq and no event. */
MUST_CHECK enum err mailbox_change(struct mailbox *box, struct msg_change *change,
                                   uint64_t *ticket_out);

/* --- messages going out ----------------------------------------------------------------------- */
enum msg_part {
	MSG_BODY,    /* the message, exactly as it came */
	MSG_SUMMARY, /* what mail/summary made of it on arrival; empty when there is none */
};
/* Reads up to n octets at offset; *got_out < n only at the end. The info may be older than the last
 * change of the mailbox: a message expunged since stays readable until its space is needed, then
 * ERR_GONE. ERR_CORRUPT: a bad block, this message only. */
MUST_CHECK enum err mailbox_read(struct mailbox *box, const struct msg_info *info,
                                 enum msg_part part, uint64_t offset, uint8_t *dst, size_t n,
                                 size_t *got_out, struct waiter *w);

#endif
