/* ram_parts - what the files of the ram backend share. */
#ifndef STORE_RAM_PARTS_H
#define STORE_RAM_PARTS_H

#include "store/store_backend.h"

/* Bytes of a message and its summary, shared by its copies. */
struct ram_body {
	uint64_t serial; /* msg_info.place */
	uint32_t refs;
	size_t size, cap;
	uint8_t *bytes;
	size_t summary_size;
	uint8_t *summary;
};

struct ram_message {
	struct msg_info info;
	struct ram_body *body;
};

/* messages[0 .. box->messages) are visible; the rest is accepted and waits for a store_turn. */
struct ram_box {
	struct mailbox *box;
	struct ram_message *messages;
	size_t count, cap, planned; /* planned: room already promised to a change being checked */
	uint32_t uid_given;
	uint8_t *note;              /* what mailbox.note shows */
	struct list unrevealed;     /* link in ram_store.unrevealed, while count > box->messages */
	struct mailbox saved;       /* while the account is unloaded */
	struct ram_box *next;       /* in ram_account.boxes */
};

struct ram_account {
	struct ram_account *next;
	char *name;
	uint64_t used_bytes, used_messages;
	uint32_t last_uid_validity;
	struct ram_box *boxes; /* while unloaded */
};

struct ram_store {
	struct ram_account *accounts;
	struct ram_body **bodies; /* committed, sorted by serial */
	size_t body_count, body_cap;
	uint64_t last_serial;
	uint64_t capacity;        /* octets; 0: no limit */
	struct list unrevealed;
	struct list sleepers;     /* struct waiter */
	bool is_slow, said_again;
};

struct ram_store *ram_of(struct store *st);
struct ram_box *ram_box_of(struct mailbox *box);
struct ram_box *ram_box_new(struct mailbox *box);
/* Drops the messages and the box; the account's charge is the caller's business. */
void ram_box_free(struct store *st, struct ram_box *rb);
void ram_body_unref(struct store *st, struct ram_body *body);
void ram_body_free(struct ram_body *body);
void ram_count_bytes(struct store *st); /* refreshes store->status after bodies changed */

/* True when the caller has to say ERR_AGAIN this time. */
bool ram_must_wait(struct store *st, struct waiter *w);
/* A ticket for what was just done; in the fast variant durable at once. */
uint64_t ram_ticket(struct store *st);
void ram_reveal_all(struct store *st);

/* Moves every visible message. Nothing has happened when it fails. */
MUST_CHECK enum err ram_move_all(struct mailbox *from, struct mailbox *into);
MUST_CHECK enum err ram_append_write(struct append *a, struct slice bytes, struct waiter *w);
MUST_CHECK enum err ram_append_commit(struct append *const *a, size_t n, uint64_t *ticket_out,
                                      struct waiter *w);
void ram_append_end(struct append *a);
MUST_CHECK enum err ram_change(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out);

#endif
