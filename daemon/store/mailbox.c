#include "base/must.h"
#include "store/account.h"
#include "store/quota.h"

enum err mailbox_open(struct mailbox *box, struct waiter *w)
{
	struct store *st = box->account->store;
	if (box->is_gone || !box->exists)
		return box->is_gone ? ERR_GONE : ERR_NOT_FOUND;
	if (box->open_count == 0) {
		enum err err = store_hooks(st)->box_open(box, w);
		if (err)
			return err;
	}
	box->open_count++;
	box->account->holds++;
	return ERR_NONE;
}

void mailbox_close(struct mailbox *box)
{
	struct store *st = box->account->store;
	must(box->open_count);
	mailbox_hold(box);
	box->account->holds--;
	if (--box->open_count == 0) {
		store_hooks(st)->box_close(box);
	}
	mailbox_release(box);
}

static struct store *mailbox_store(const struct mailbox *box)
{
	must(box->open_count);
	return box->account->store;
}

uint32_t mailbox_position(struct mailbox *box, uint32_t uid)
{
	struct store *st = mailbox_store(box);
	return box->is_gone ? box->messages : store_hooks(st)->position(box, uid);
}

enum err mailbox_info(struct mailbox *box, uint32_t position, struct msg_info *info_out)
{
	struct store *st = mailbox_store(box);
	if (box->is_gone)
		return ERR_GONE;
	return position < box->messages ? store_hooks(st)->info(box, position, info_out)
					: ERR_NOT_FOUND;
}

enum err mailbox_info_uid(struct mailbox *box, uint32_t uid, struct msg_info *info_out)
{
	enum err err = mailbox_info(box, mailbox_position(box, uid), info_out);
	return !err && info_out->uid != uid ? ERR_NOT_FOUND : err;
}

uint32_t mailbox_take_recent(struct mailbox *box)
{
	uint32_t first = box->recent_from;
	if (first == box->uid_next)
		return first;
	box->recent_from = box->uid_next;
	box->account->recent_moved = true;
	store_schedule(box->account->store, box->account->store->config.flag_delay_ms);
	return first;
}

uint32_t mailbox_first_unseen(struct mailbox *box)
{
	struct msg_info info;
	if (box->unseen == 0)
		return 0;
	uint32_t at = mailbox_position(box, box->first_unseen_uid_hint);
	for (; mailbox_info(box, at, &info) == ERR_NONE; at++) {
		box->first_unseen_uid_hint = info.uid;
		if (!(info.flags & FLAG_SEEN))
			return info.uid;
	}
	return 0;
}

/* --- counters --------------------------------------------------------------------------------- */

static void mailbox_count_unseen(struct mailbox *box, uint32_t uid)
{
	if (box->unseen++ == 0 || uid < box->first_unseen_uid_hint)
		box->first_unseen_uid_hint = uid;
}

void mailbox_count_add(struct mailbox *box, const struct msg_info *info)
{
	box->messages++;
	box->size_bytes += info->size;
	box->deleted += (info->flags & FLAG_DELETED) != 0;
	if (!(info->flags & FLAG_SEEN))
		mailbox_count_unseen(box, info->uid);
}

void mailbox_count_remove(struct mailbox *box, const struct msg_info *info)
{
	must(box->messages && box->size_bytes >= info->size);
	box->messages--;
	box->size_bytes -= info->size;
	box->deleted -= (info->flags & FLAG_DELETED) != 0;
	box->unseen -= !(info->flags & FLAG_SEEN);
}

void mailbox_count_flags(struct mailbox *box, uint32_t uid, flags_t before, flags_t after)
{
	box->deleted -= (before & FLAG_DELETED) != 0;
	box->deleted += (after & FLAG_DELETED) != 0;
	if (before & ~after & FLAG_SEEN)
		mailbox_count_unseen(box, uid);
	if (after & ~before & FLAG_SEEN)
		box->unseen--;
}

/* --- the feed --------------------------------------------------------------------------------- */

void mailbox_listen(struct mailbox *box, struct box_listener *listener)
{
	list_add_tail(&box->listeners, &listener->link);
}

void mailbox_unlisten(struct box_listener *listener)
{
	if (listener->link.next)
		list_remove(&listener->link);
}

void mailbox_announce(struct mailbox *box, const struct box_event *event)
{
	list_for_each (link, &box->listeners) {
		struct box_listener *l = list_owner(link, struct box_listener, link);
		l->on_event(l, event);
	}
}

void mailbox_reveal(struct mailbox *box, uint32_t uid_next, uint64_t modseq, const void *origin)
{
	struct box_event event = {.kind = BOX_EVENT_NEW, .modseq = modseq, .origin = origin};
	must(uid_next > box->uid_next && modseq > box->highest_modseq);
	box->uid_next = uid_next;
	box->highest_modseq = modseq;
	mailbox_announce(box, &event);
}

/* --- messages --------------------------------------------------------------------------------- */

bool mailbox_knows_flags(const struct mailbox *box, flags_t flags)
{
	uint64_t known = ((uint64_t)1 << (FLAG_KEYWORD_FIRST + box->keywords.count)) - 1;
	return (flags & ~known) == 0;
}

static bool change_is_sorted(const struct msg_change *change)
{
	for (size_t i = 0; i < change->count; i++)
		if (change->uids[i] == 0 || (i && change->uids[i] <= change->uids[i - 1]))
			return false;
	return true;
}

static enum err change_check(struct mailbox *box, const struct msg_change *change)
{
	if (box->open_count == 0 || !change_is_sorted(change))
		return ERR_STATE;
	if (box->is_gone)
		return ERR_GONE;
	if (store_is_read_only(box->account->store))
		return ERR_READ_ONLY;
	switch (change->kind) {
	case CHANGE_FLAGS: return mailbox_knows_flags(box, change->flags) ? ERR_NONE : ERR_STATE;
	case CHANGE_EXPUNGE: return ERR_NONE;
	case CHANGE_COPY:
	case CHANGE_MOVE: break;
	}
	if (!change->target)
		return ERR_STATE;
	if (!change->target->exists || change->target->is_gone)
		return ERR_NOT_FOUND;
	return quota_check_copy(box, change);
}

enum err mailbox_change(struct mailbox *box, struct msg_change *change, uint64_t *ticket_out)
{
	struct store *st = box->account->store;
	uint64_t ticket = 0;
	enum err err = change_check(box, change);
	if (err)
		return err;
	change->modseq_out = 0;
	if (change->uids_out && change->count)
		memset(change->uids_out, 0, change->count * sizeof(uint32_t));
	err = store_hooks(st)->change(box, change, &ticket);
	if (!err && ticket_out)
		*ticket_out = ticket;
	return err;
}

enum err mailbox_read(struct mailbox *box, const struct msg_info *info, enum msg_part part,
		      uint64_t offset, uint8_t *dst, size_t n, size_t *got_out, struct waiter *w)
{
	struct store *st = mailbox_store(box);
	*got_out = 0;
	if (box->is_gone)
		return ERR_GONE;
	if (n == 0 || (part == MSG_BODY && offset >= info->size))
		return ERR_NONE;
	enum err err = store_hooks(st)->read(box, info, part, offset, dst, n, got_out, w);
	return err;
}
