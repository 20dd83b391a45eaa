#include "proto/pop3/pop3_drop.h"

static enum special_use move_use(const struct pop3_drop *d)
{
	return d->login->policy.pop3_after == POP3_AFTER_ARCHIVE ? USE_ARCHIVE : USE_TRASH;
}

static const char *move_name(const struct pop3_drop *d)
{
	return move_use(d) == USE_ARCHIVE ? "Archive" : "Trash";
}

static struct mailbox *move_target(const struct pop3_drop *d)
{
	struct mailbox *box = account_find_use(d->login->account, move_use(d));
	if (!box || !box->exists)
		box = account_find(d->login->account, slice_str(move_name(d)));
	return box && box->exists ? box : NULL;
}

enum pop3_after pop3_drop_after(const struct pop3_drop *d, const struct mailbox *box)
{
	enum pop3_after after = (enum pop3_after)d->login->policy.pop3_after;
	bool moves = after == POP3_AFTER_ARCHIVE || after == POP3_AFTER_TRASH;
	return moves && move_target(d) == box ? POP3_AFTER_KEEP : after;
}

enum err pop3_drop_make_target(const struct pop3_drop *d, struct mailbox **box_out,
			       uint64_t *ticket_out)
{
	struct box_change change = {
		.kind = BOX_CREATE,
		.name = slice_str(move_name(d)),
		.special_use = move_use(d),
	};
	*box_out = move_target(d);
	if (*box_out)
		return ERR_NONE;
	enum err err = account_change_box(d->login->account, &change, ticket_out);
	*box_out = err ? NULL : move_target(d);
	return err || *box_out ? err : ERR_GONE;
}
