/* store_backend - what store.c keeps for every backend, and the ways a backend changes it.
 *
 * For backends and the common part of the store only. The common part owns the shared structs
 * (store, account, mailbox, append) and the table of names; a backend hangs its own data on their
 * `backend` pointers, makes changes durable, and tells through the calls below what happened.
 * Nothing here assumes that a backend is synchronous: durability is told later by ticket number,
 * calls may say ERR_AGAIN, and tellings may come from store_turn or from a job's done(). */
#ifndef STORE_STORE_BACKEND_H
#define STORE_STORE_BACKEND_H

#include "store/store_ops.h"

struct store {
	const struct store_ops *ops;
	struct store_config config; /* path and medium stay the owner's */
	void *backend;
	void *checker;              /* checked_store's, for it has no place of its own */
	struct store_status status; /* the backend's to keep, but is_read_only */
	struct account **accounts;  /* loaded ones, in no order */
	size_t account_count;
	uint32_t account_cap;
	uint64_t tickets_given, tickets_durable;
	struct list ticket_waiters; /* struct waiter: store_wait said ERR_AGAIN */
	struct list woken;          /* struct waiter: woken at the end of the next store_turn */
	enum err failure;           /* why the store went read-only by itself, or ERR_NONE */
};

/* --- tickets ---------------------------------------------------------------------------------
 * Tickets count up from 1 and become durable in order. A backend takes one per change or one per
 * commit group, as it likes; a change that needs no sync returns 0. */
uint64_t store_new_ticket(struct store *st);
/* All tickets up to this one are durable. Before the call the backend has made visible what they
 * stand for (mailbox_reveal), so that whoever is told OK also sees it. */
void store_ticket_durable(struct store *st, uint64_t up_to);
/* The medium failed in a way that leaves doubt about what is durable: the store is read-only from
 * now on, every ticket given and not durable fails with err. Nothing is retried. Call it once. */
void store_fail(struct store *st, enum err err);

/* --- waiting ---------------------------------------------------------------------------------
 * store_sleep puts a caller's waiter (NULL: the caller polls) on a queue of the backend's, before
 * it returns ERR_AGAIN. store_wake moves the queue to those who are woken at the end of the next
 * store_turn, which it asks for: nobody is woken from inside the call that made him wait. */
void store_sleep(struct list *queue, struct waiter *w);
void store_wake(struct store *st, struct list *queue);
/* Asks the owner for a store_turn within delay_ms. */
void store_schedule(struct store *st, uint32_t delay_ms);

/* --- the tables of a backend that loads an account --------------------------------------------
 * account_load calls account_add_box for every name it knows, in any order, and then fills in the
 * public fields: uid_validity, uid_next, highest_modseq, mailbox_id, counters, recent_from,
 * keywords, special_use, is_subscribed, note; also the account's used_bytes, used_messages and
 * last_uid_validity. NULL: out of memory, or the name is there already. When account_load fails it
 * has released the backend's parts, and store.c frees the structs; account_clear frees the boxes
 * earlier, for a load that starts again. */
struct mailbox *account_add_box(struct account *a, struct slice name, bool exists);
void account_clear(struct account *a);
/* The loaded account of that name, or NULL. */
struct account *store_find_account(struct store *st, struct slice name);
/* Greater than any the account has given: wall time when it has moved on, else the last plus 1.
 * The last one is in account->last_uid_validity and must survive a restart. */
uint32_t account_new_uid_validity(struct account *a);
void store_new_id(struct msg_id *id_out); /* random */

/* --- life ------------------------------------------------------------------------------------
 * A deleted mailbox leaves the table at once (is_gone) and its struct is freed when nobody has it
 * open and nobody holds it. A hold keeps struct and loaded account, not the message list. */
void mailbox_hold(struct mailbox *box);
void mailbox_release(struct mailbox *box);

/* --- messages --------------------------------------------------------------------------------
 * UIDs are given in commit order; new messages are revealed in UID order when they are durable.
 * Steps of a reveal: insert into the message list, mailbox_count_add for each of them, then one
 * mailbox_reveal with the new uid_next, which tells the listeners BOX_EVENT_NEW.
 *
 * The mod-sequence of a new message must be greater than any that anybody has been told for this
 * mailbox before it became visible (RFC 7162 3.1.2): a client that knows box->highest_modseq must
 * find the message by asking for what came after. A backend that wrote one at commit time raises it
 * at the reveal when a flag change overtook it. */
void mailbox_count_add(struct mailbox *box, const struct msg_info *info);
void mailbox_count_remove(struct mailbox *box, const struct msg_info *info);
void mailbox_count_flags(struct mailbox *box, uint32_t uid, flags_t before, flags_t after);
void mailbox_reveal(struct mailbox *box, uint32_t uid_next, uint64_t modseq, const void *origin);
/* Tells every listener. For BOX_EVENT_FLAGS and BOX_EVENT_EXPUNGED after the change was made. */
void mailbox_announce(struct mailbox *box, const struct box_event *event);

/* Quota is charged when a message is accepted (append_commit, copy), before it is visible, and
 * given back when it is expunged, or deleted with its mailbox. */
void account_charge(struct account *a, uint64_t bytes, uint64_t messages);
void account_discharge(struct account *a, uint64_t bytes, uint64_t messages);

/* --- keywords --------------------------------------------------------------------------------
 * Anybody may add a name to box->keywords at any time and nothing tells the backend. Before it
 * writes flags, a backend writes the names beyond those it has written before (they are never
 * renumbered, so a count suffices).
 *
 * keyword_map translates words of one mailbox into words of another by name. Names missing in `to`
 * are added as far as `used` needs them and there is room; a keyword that finds no room is dropped,
 * the message is not (RFC 3501 6.4.7: SHOULD). */
struct keyword_map {
	flags_t bit[KEYWORDS_MAX];
};
MUST_CHECK enum err keyword_map_make(struct keyword_map *map, const struct keywords *from,
                                     struct keywords *to, flags_t used);
flags_t keyword_map_flags(const struct keyword_map *map, flags_t flags);

/* --- changes of names --------------------------------------------------------------------------
 * store.c turns a struct box_change into elementary steps. The hook box_change makes them durable
 * as one unit and keeps its own data for them; when it returns ERR_NONE store.c applies them to
 * the table. When it fails nothing has happened and the new structs are freed.
 *
 * In the hook a backend
 *   MAKE   sets box->backend as for an empty mailbox. The box is new, complete (names, ids,
 *          uid_validity, uses, subscription) and not in the table yet. When !exists, it stands for
 *          a subscription only. When the hook fails it must have released box->backend again.
 *   DROP   discharges the account for the messages; releases box->backend when open_count is 0,
 *          else box_close may do so later (is_gone is set then). A box with !exists has no messages.
 *   NAME   notes new_name and is_subscribed for this box; box->name still is the old one.
 *   MARK   notes special_use and is_subscribed.
 *   NOTE   takes a copy of `note`, and when the whole change succeeds makes box->note a view of it.
 *          The bytes are the backend's: kept with the box, good until its next note or its end.
 *   MOVE_ALL  (only in a rename of INBOX, which is open) moves all visible messages of `box` into
 *          `into`, made by an earlier step, with new UIDs, as CHANGE_MOVE would. */
enum box_step_kind {
	BOX_STEP_MAKE,
	BOX_STEP_DROP,
	BOX_STEP_NAME,
	BOX_STEP_MARK,
	BOX_STEP_NOTE,
	BOX_STEP_MOVE_ALL,
};
struct box_step {
	enum box_step_kind kind;
	struct mailbox *box;
	struct mailbox *into;  /* MOVE_ALL */
	char *new_name;        /* NAME */
	bool is_subscribed;    /* NAME, MARK: from now on */
	uint32_t special_use;  /* MARK: from now on */
	struct slice note;     /* NOTE: the caller's, good during the call */
};
struct box_plan {
	struct account *account;
	struct box_step *steps;
	size_t count;
	uint32_t cap;
	enum err err;            /* while it is made: the first one */
	struct box_step nothing; /* what could not be added */
};

#endif
