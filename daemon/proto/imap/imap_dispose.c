#include "proto/imap/imap_dispose.h"

#include "proto/imap/imap_copies.h"

/* --- where last copies go ------------------------------------------------------------------------- */

static enum special_use dispose_use(const struct imap_session *s)
{
	bool is_archive = s->base.login->policy.imap_last_copy == LAST_COPY_ARCHIVE;
	return is_archive ? USE_ARCHIVE : USE_TRASH;
}

/* Whatever is thrown away here has been thrown away once, or was never wanted. */
static bool dispose_is_final(const struct imap_session *s)
{
	uint32_t final = USE_TRASH | USE_JUNK | (uint32_t)dispose_use(s);
	return s->base.login->policy.imap_last_copy == LAST_COPY_GONE ||
	       s->view.box->special_use & final;
}

/* The owner has none with this use. One that only has the usual name gets it. */
static enum err dispose_make_target(struct imap_session *s, enum special_use use)
{
	struct account *a = s->base.login->account;
	struct slice name = slice_str(use == USE_TRASH ? "Trash" : "Archive");
	struct mailbox *there = account_find(a, name);
	struct box_change change = {.kind = BOX_CREATE, .name = name, .special_use = (uint32_t)use};
	if (there && there->exists)
		change = (struct box_change){.kind = BOX_SET_USE,
					     .box = there,
					     .special_use = there->special_use | (uint32_t)use};
	enum err err = imap_change_box(s, &change);
	if (err)
		return err;
	change = (struct box_change){.kind = BOX_SUBSCRIBE, .name = name};
	return imap_change_box(s, &change);
}

static enum err dispose_target(struct imap_session *s, struct mailbox **target_out)
{
	struct account *a = s->base.login->account;
	enum special_use use = dispose_use(s);
	enum err err = account_find_use(a, use) ? ERR_NONE : dispose_make_target(s, use);
	*target_out = account_find_use(a, use);
	return !err && !*target_out ? ERR_NOT_FOUND : err;
}

/* --- changes --------------------------------------------------------------------------------------- */

static enum err dispose_mark(struct imap_session *s, const uint32_t *uids, uint32_t count,
			     enum flags_op op)
{
	struct msg_change change = {.kind = CHANGE_FLAGS,
				    .uids = uids,
				    .count = count,
				    .op = op,
				    .flags = FLAG_DELETED,
				    .unchanged_since = UINT64_MAX};
	return imap_change(s, &change);
}

/* The mark goes first, while the messages are still here: a cut in between leaves them here without
 * it. Nobody hears of that, for the expunge that follows at once overtakes it. */
static enum err dispose_move(struct imap_session *s, const uint32_t *uids, uint32_t count)
{
	struct mailbox *target;
	if (!count)
		return ERR_NONE;
	enum err err = dispose_target(s, &target);
	if (err)
		return err;
	struct msg_change move = {
		.kind = target == s->view.box ? CHANGE_EXPUNGE : CHANGE_MOVE,
		.uids = uids,
		.count = count,
		.target = target,
	};
	if (move.kind == CHANGE_MOVE)
		err = dispose_mark(s, uids, count, FLAGS_REMOVE);
	if (err)
		return err;
	err = imap_change(s, &move);
	if (err && move.kind == CHANGE_MOVE) {
		/* They stay, as they were. Without the mark they would stay as well. */
		enum err undo = dispose_mark(s, uids, count, FLAGS_ADD);
		return undo ? undo : err;
	}
	return err;
}

/* Those still marked: the search may have taken its time. */
static void dispose_sort(struct imap_session *s, const struct imap_dispose *d, uint32_t *last,
			 uint32_t *last_count, uint32_t *others, uint32_t *other_count)
{
	*last_count = *other_count = 0;
	for (uint32_t i = 0; i < d->count; i++) {
		struct msg_info info;
		if (mailbox_info_uid(s->view.box, d->uids[i], &info) ||
		    !(info.flags & FLAG_DELETED))
			continue;
		if (d->copies && !copies_has_other(d->copies, info.uid))
			last[(*last_count)++] = info.uid;
		else
			others[(*other_count)++] = info.uid;
	}
}

static enum err dispose_all(struct imap_session *s, struct imap_dispose *d)
{
	uint32_t last[DISPOSE_BATCH], others[DISPOSE_BATCH], last_count, other_count;
	if (d->copies)
		copies_recheck(d->copies);
	dispose_sort(s, d, last, &last_count, others, &other_count);
	enum err err = dispose_move(s, last, last_count);
	struct msg_change expunge = {.kind = CHANGE_EXPUNGE, .uids = others, .count = other_count};
	return err || !other_count ? err : imap_change(s, &expunge);
}

enum err imap_dispose(struct imap_session *s, struct imap_dispose *d)
{
	enum err err = ERR_NONE;
	if (d->count && !d->copies && !dispose_is_final(s))
		err = copies_begin(s, d->uids, d->count, &d->copies);
	if (!err && d->copies)
		err = copies_search(d->copies);
	if (err == ERR_AGAIN)
		return err;
	if (!err && d->count)
		err = dispose_all(s, d);
	imap_dispose_end(d);
	return err;
}

void imap_dispose_end(struct imap_dispose *d)
{
	copies_free(&d->copies);
	d->count = 0;
}
