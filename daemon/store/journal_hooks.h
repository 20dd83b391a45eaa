/* journal_hooks - the journal as a backend. */
#ifndef STORE_JOURNAL_HOOKS_H
#define STORE_JOURNAL_HOOKS_H

#include "store/journal_read.h"
#include "store/journal_unit.h"

#define JOURNAL_HOOKS                                     \
	{                                                 \
		.name = "journal",                        \
		.open = journal_open,                     \
		.close = journal_close,                   \
		.turn = journal_turn,                     \
		.count = journal_count,                   \
		.account_load = journal_account_load,     \
		.account_unload = journal_account_unload, \
		.account_remove = journal_account_remove, \
		.box_change = journal_box_change,         \
		.box_open = journal_box_open,             \
		.box_close = journal_box_close,           \
		.position = journal_position,             \
		.info = journal_info,                     \
		.append_write = journal_append_write,     \
		.append_commit = journal_append_commit,   \
		.append_end = journal_append_end,         \
		.change = journal_change,                 \
		.read = journal_read,                     \
	}

MUST_CHECK enum err journal_open(struct store *st, const struct store_config *config);
/* With another way from flash to memory than journal_mount. */
MUST_CHECK enum err journal_open_by(struct store *st, const struct store_config *config,
                                    enum err (*mount)(struct journal *j));
void journal_close(struct store *st);
void journal_turn(struct store *st, bool is_idle);
void journal_count(struct store *st);
uint32_t journal_position(struct mailbox *box, uint32_t uid);
MUST_CHECK enum err journal_info(struct mailbox *box, uint32_t position, struct msg_info *info_out);

#endif
