/* cut_work.h - a day in the life of a store, in steps, for the power-cut tests.
 *
 * Every deed is one change that is waited for until it is durable (or, for flags with a delay, only
 * made). The same deeds on the same state give the same mailboxes, UIDs and bytes, whatever happened
 * to the power meanwhile: so what a store holds after a cut can be compared with what the uncut run
 * held after each deed. */
#pragma once

#include "store/store.h"
#include "support/emu_medium.h"

struct work {
	struct emu_medium *medium;
	struct store_config config;
	struct store *st;
	struct account *alice, *bob;
};

extern const unsigned work_deeds;

enum err work_open(struct work *w, struct emu_medium *m, uint32_t flag_delay_ms, int deflate);
void work_close(struct work *w);
/* One deed. *is_durable_out: everything up to here survives. An error: the medium failed. */
enum err work_do(struct work *w, unsigned number, bool *is_durable_out);
/* Waits for a ticket by turning. */
enum err work_wait(struct work *w, uint64_t ticket);
/* All that a client can see, as text, with checksums of the bytes; the caller frees. NULL: *err_out. */
char *work_describe(struct work *w, enum err *err_out);
enum err work_append(struct work *w, struct account *a, const char *box, unsigned id, size_t size);

/* What may never go back: mod-sequences told, identities given. */
struct work_told {
	struct told_box {
		uint64_t mailbox_id, modseq;
		uint32_t uid_next;
	} boxes[64];
	unsigned count;
	struct told_message {
		uint64_t mailbox_id;
		uint32_t uid;
		struct msg_id id;
	} *messages;
	unsigned message_count;
};
void work_note_told(struct work *w, struct work_told *told);
/* NULL: all is well, else what went back. */
const char *work_check_told(struct work *w, const struct work_told *told);
void work_told_free(struct work_told *told);
