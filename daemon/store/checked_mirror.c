#include "store/checked_mirror.h"

#include <stdlib.h>

enum { MIRROR_SMALL = 32, MIRROR_RECOUNT_EVERY = 64 };

void checker_promise_info(const struct mailbox *box, const struct msg_info *info)
{
	static const struct msg_id no_id;
	uint64_t known = ((uint64_t)1 << (FLAG_KEYWORD_FIRST + box->keywords.count)) - 1;
	PROMISE(info->uid > 0 && info->uid < box->uid_next);
	PROMISE(info->modseq > 0 && info->modseq <= box->highest_modseq);
	PROMISE((info->flags & ~known) == 0);
	PROMISE(memcmp(&info->id, &no_id, sizeof(no_id)) != 0);
}

/* The entry at this position; false when it can not be read now. */
static bool mirror_look(const struct mirror *m, uint32_t position, struct msg_info *info)
{
	if (m->checker->inner->info(m->box, position, info))
		return false;
	checker_promise_info(m->box, info);
	return true;
}

static size_t mirror_find(const struct mirror *m, uint32_t uid)
{
	size_t low = 0, high = m->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (m->messages[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	PROMISE(low < m->count && m->messages[low].uid == uid); /* told of a message that is not */
	return low;
}

static bool mirror_reserve(struct mirror *m, size_t need)
{
	if (need <= m->cap)
		return true;
	struct mirror_message *grown = realloc(m->messages, need * 2 * sizeof(*grown));
	if (!grown)
		return false;
	m->messages = grown;
	m->cap = need * 2;
	return true;
}

/* The messages beyond those known. When memory is short the mirror gives up, not the store. */
static bool mirror_take_new(struct mirror *m)
{
	if (!mirror_reserve(m, m->box->messages))
		return false;
	while (m->count < m->box->messages) {
		struct msg_info info;
		if (!mirror_look(m, (uint32_t)m->count, &info))
			return false;
		PROMISE(m->count == 0 || info.uid > m->messages[m->count - 1].uid);
		m->messages[m->count++] =
			(struct mirror_message){info.uid, info.flags, info.modseq};
	}
	return true;
}

static void mirror_new(struct mirror *m, const struct box_event *event)
{
	size_t known = m->count;
	PROMISE(m->box->messages > known && m->box->uid_next > m->uid_next);
	PROMISE(event->modseq > m->highest_modseq);
	if (!mirror_take_new(m))
		m->is_over = true;
	for (size_t i = known; i < m->count; i++) {
		PROMISE(m->messages[i].uid >= m->uid_next);
		PROMISE(m->messages[i].modseq > m->highest_modseq);
	}
}

static void mirror_flags(struct mirror *m, const struct box_event *event)
{
	PROMISE(event->count && event->modseq > m->highest_modseq);
	for (size_t i = 0; i < event->count; i++) {
		struct mirror_message *known = &m->messages[mirror_find(m, event->uids[i])];
		uint32_t at = m->checker->inner->position(m->box, event->uids[i]);
		struct msg_info info;
		PROMISE(i == 0 || event->uids[i] > event->uids[i - 1]);
		if (!mirror_look(m, at, &info))
			continue;
		PROMISE(info.uid == known->uid && info.modseq == event->modseq);
		PROMISE(info.flags != known->flags); /* no event when nothing changed */
		known->flags = info.flags;
		known->modseq = info.modseq;
	}
}

static void mirror_expunged(struct mirror *m, const struct box_event *event)
{
	size_t kept = 0, next = 0;
	PROMISE(event->count && event->modseq > m->highest_modseq);
	for (size_t i = 0; i < m->count; i++) {
		if (next < event->count && event->uids[next] == m->messages[i].uid)
			next++;
		else
			m->messages[kept++] = m->messages[i];
	}
	PROMISE(next == event->count); /* all of them were there, in ascending order */
	m->count = kept;
}

/* Counted whether or not the mirror is whole. */
static void checker_count_event(struct checker *checker, const struct box_event *event)
{
	if (event->kind != BOX_EVENT_FLAGS && event->kind != BOX_EVENT_EXPUNGED)
		return;
	checker->events++;
	checker->told++;
	PROMISE(!checker->changing || event->origin == checker->changing->origin);
}

static void mirror_hear(struct box_listener *listener, const struct box_event *event)
{
	struct mirror *m = list_owner(listener, struct mirror, listener);
	PROMISE(!m->box->is_gone || event->kind == BOX_EVENT_GONE);
	checker_count_event(m->checker, event);
	if (event->kind == BOX_EVENT_GONE)
		m->is_over = true;
	if (m->is_over)
		return;
	switch (event->kind) {
	case BOX_EVENT_NEW: mirror_new(m, event); break;
	case BOX_EVENT_FLAGS: mirror_flags(m, event); break;
	case BOX_EVENT_EXPUNGED: mirror_expunged(m, event); break;
	case BOX_EVENT_GONE: break;
	}
	PROMISE(event->modseq == m->box->highest_modseq);
	m->uid_next = m->box->uid_next;
	m->highest_modseq = m->box->highest_modseq;
}

enum err mirror_open(struct checker *checker, struct mailbox *box)
{
	struct mirror *m = calloc(1, sizeof(*m));
	if (!m)
		return ERR_NOMEM;
	*m = (struct mirror){.checker = checker,
			     .box = box,
			     .listener = {.on_event = mirror_hear},
			     .uid_next = box->uid_next,
			     .uid_validity = box->uid_validity,
			     .highest_modseq = box->highest_modseq};
	if (!mirror_take_new(m)) {
		free(m->messages);
		free(m);
		return ERR_NOMEM;
	}
	list_add_tail(&checker->mirrors, &m->link);
	mailbox_listen(box, &m->listener);
	return ERR_NONE;
}

void mirror_close(struct checker *checker, struct mailbox *box)
{
	list_for_each (link, &checker->mirrors) {
		struct mirror *m = list_owner(link, struct mirror, link);
		if (m->box != box)
			continue;
		list_remove(&m->link);
		mailbox_unlisten(&m->listener);
		free(m->messages);
		free(m);
	}
}

void mirror_give_up(struct checker *checker, const struct mailbox *box)
{
	list_for_each (link, &checker->mirrors) {
		struct mirror *m = list_owner(link, struct mirror, link);
		m->is_over |= m->box == box;
	}
}

static void mirror_recount(const struct mirror *m)
{
	const struct mailbox *box = m->box;
	uint32_t unseen = 0, deleted = 0;
	uint64_t bytes = 0;
	PROMISE(box->messages == m->count);
	PROMISE(box->uid_next == m->uid_next && box->uid_validity == m->uid_validity);
	PROMISE(box->highest_modseq == m->highest_modseq);
	for (uint32_t i = 0; i < m->count; i++) {
		const struct mirror_message *known = &m->messages[i];
		struct msg_info info;
		if (!mirror_look(m, i, &info))
			return;
		PROMISE(info.uid == known->uid && info.flags == known->flags);
		PROMISE(info.modseq == known->modseq);
		bytes += info.size;
		unseen += !(info.flags & FLAG_SEEN);
		deleted += (info.flags & FLAG_DELETED) != 0;
	}
	PROMISE(box->unseen == unseen && box->deleted == deleted && box->size_bytes == bytes);
}

void checker_recount_some(struct checker *checker)
{
	bool all = checker->until_recount == 0;
	checker->until_recount = all ? MIRROR_RECOUNT_EVERY : checker->until_recount - 1;
	list_for_each (link, &checker->mirrors) {
		const struct mirror *m = list_owner(link, struct mirror, link);
		if (!m->is_over && !m->box->is_gone && (all || m->count <= MIRROR_SMALL))
			mirror_recount(m);
	}
}
