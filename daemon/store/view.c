#include "store/view.h"

#include <stdlib.h>

#include "base/array.h"

enum { VIEW_SCAN_STEP = 512 }; /* messages looked at in one call of view_next */

/* --- lists of UIDs ---------------------------------------------------------------------------- */

/* How many entries of ascending `uids` stand below `limit`. */
static size_t uids_below(const uint32_t *uids, size_t n, uint32_t limit)
{
	return array_position(uids, n, sizeof(*uids), limit);
}

static uint32_t uid_list_position(const struct uid_list *l, uint32_t uid)
{
	return (uint32_t)uids_below(l->uids, l->count, uid);
}

static bool uid_list_has(const struct uid_list *l, uint32_t uid)
{
	uint32_t at = uid_list_position(l, uid);
	return at < l->count && l->uids[at] == uid;
}

static void uid_list_free(struct uid_list *l)
{
	free(l->uids);
	*l = (struct uid_list){.count = 0};
}

/* Adds n ascending UIDs; those that are there already stay single. False: no memory, unchanged. */
static bool uid_list_merge(struct uid_list *l, const uint32_t *uids, size_t n)
{
	uint32_t *room = array_reserve(l->uids, &l->cap, l->count + n, sizeof(*room));
	if (!room)
		return false;
	l->uids = room;
	/* From the back, so that nothing is overwritten before it is read. */
	size_t old = l->count, add = n, to = old + n;
	while (add) {
		if (old && l->uids[old - 1] > uids[add - 1]) {
			l->uids[--to] = l->uids[--old];
			continue;
		}
		if (old && l->uids[old - 1] == uids[add - 1])
			old--;
		l->uids[--to] = uids[--add];
	}
	/* [0, old) stands still; doubles have left a gap before [to, old + n as it was). */
	size_t tail = l->count + n - to;
	memmove(l->uids + old, l->uids + to, tail * sizeof(uint32_t));
	l->count = (uint32_t)(old + tail);
	return true;
}

static void uid_list_remove_at(struct uid_list *l, uint32_t at)
{
	l->count--;
	memmove(l->uids + at, l->uids + at + 1, (l->count - at) * sizeof(uint32_t));
}

static void uid_list_remove_all(struct uid_list *l, const uint32_t *uids, size_t n)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < l->count; i++) {
		size_t at = uids_below(uids, n, l->uids[i]);
		if (at == n || uids[at] != l->uids[i])
			l->uids[kept++] = l->uids[i];
	}
	l->count = kept;
}

/* --- what the mailbox tells ------------------------------------------------------------------- */

/* Nothing pending: all changes so far are known, and a session that has caught up costs no list. */
static void view_settle_flags(struct view *v)
{
	if (v->changed.count || v->changed_overflow)
		return;
	v->seen_modseq = v->box->highest_modseq;
	uid_list_free(&v->changed);
}

static void view_start_scan(struct view *v)
{
	v->changed_overflow = true;
	v->scan_uid = v->floor;
	uid_list_free(&v->changed);
}

/* Of the UIDs of an event those that are neither hidden nor at `limit` or above it. */
static const uint32_t *view_own_uids(const struct view *v, const struct box_event *event,
				     uint32_t limit, size_t *n_out)
{
	size_t hidden = uids_below(event->uids, event->count, v->floor);
	size_t below = uids_below(event->uids, event->count, limit);
	*n_out = below > hidden ? below - hidden : 0;
	return *n_out ? event->uids + hidden : NULL;
}

static void view_note_flags(struct view *v, const struct box_event *event)
{
	/* A scan under way finds by itself what lies ahead of it. */
	uint32_t limit = v->changed_overflow ? v->scan_uid : v->uid_limit;
	size_t n;
	const uint32_t *uids = view_own_uids(v, event, limit, &n);
	if (n == 0)
		return;
	if (!v->changed.count && !v->changed_overflow)
		v->seen_modseq = event->modseq - 1;
	if (v->changed.count + n > VIEW_CHANGED_MAX || !uid_list_merge(&v->changed, uids, n))
		view_start_scan(v);
}

static void view_note_expunged(struct view *v, const struct box_event *event)
{
	size_t n;
	const uint32_t *uids = view_own_uids(v, event, v->uid_limit, &n);
	if (n && !uid_list_merge(&v->expunged, uids, n))
		v->is_gone = true; /* without an exact list no number would be right any more */
}

/* What changes the numbers. */
static void view_hear_numbers(struct box_listener *listener, const struct box_event *event)
{
	struct view *v = list_owner(listener, struct view, listener);
	if (event->kind == BOX_EVENT_EXPUNGED && !v->is_gone)
		view_note_expunged(v, event);
	if (event->kind == BOX_EVENT_GONE)
		v->is_gone = true;
}

static void view_hear(struct box_listener *listener, const struct box_event *event)
{
	struct view *v = list_owner(listener, struct view, listener);
	if (v->is_gone)
		return;
	if (event->kind == BOX_EVENT_FLAGS)
		view_note_flags(v, event);
	if (event->kind == BOX_EVENT_EXPUNGED) {
		uid_list_remove_all(&v->changed, event->uids, event->count);
		view_settle_flags(v);
	}
	view_hear_numbers(listener, event);
	if (v->on_change)
		v->on_change(v);
}

/* --- \Recent ---------------------------------------------------------------------------------- */

/* Without memory for the range its messages are not \Recent: nothing is lost. */
static void view_add_recent(struct view *v, uint32_t first, uint32_t last)
{
	if (v->recent_count && v->recent[v->recent_count - 1].last + 1 == first) {
		v->recent[v->recent_count - 1].last = last;
		return;
	}
	if (v->recent_count == VIEW_RECENT_MAX) {
		v->recent_count--;
		memmove(v->recent, v->recent + 1, v->recent_count * sizeof(*v->recent));
	}
	struct uid_range *ranges = realloc(v->recent, (v->recent_count + 1) * sizeof(*ranges));
	if (!ranges)
		return;
	v->recent = ranges;
	v->recent[v->recent_count++] = (struct uid_range){first, last};
}

static void view_claim_recent(struct view *v)
{
	if (!v->has_recent)
		return;
	uint32_t first = mailbox_take_recent(v->box);
	if (first < v->floor)
		first = v->floor;
	if (first < v->uid_limit)
		view_add_recent(v, first, v->uid_limit - 1);
}

bool view_is_recent(const struct view *v, uint32_t uid)
{
	/* The last range that begins at or below it is the only one that can hold it. */
	size_t behind = array_position(v->recent, v->recent_count, sizeof(*v->recent), uid + 1);
	return behind && v->recent[behind - 1].last >= uid;
}

uint32_t view_recent(struct view *v)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < v->recent_count; i++)
		n += view_seq_at_or_after(v, v->recent[i].last + 1) -
		     view_seq_at_or_after(v, v->recent[i].first);
	return n;
}

/* --- open and close --------------------------------------------------------------------------- */

/* How many messages are there and hidden. */
static uint32_t view_hidden(const struct view *v)
{
	return v->floor > 1 ? mailbox_position(v->box, v->floor) : 0;
}

/* Numbers everything that is visible now. */
static void view_number_all(struct view *v)
{
	v->uid_limit = v->box->uid_next;
	v->count = v->box->messages - view_hidden(v) + v->expunged.count;
	view_claim_recent(v);
}

uint32_t view_floor(struct mailbox *box, uint64_t newest)
{
	struct msg_info info;
	if (newest == 0 || newest >= box->messages)
		return 1;
	/* An entry that cannot be read hides nothing. */
	return mailbox_info(box, box->messages - (uint32_t)newest, &info) ? 1 : info.uid;
}

enum err view_open(struct view *v, struct mailbox *box, bool claims_recent,
		   void (*on_change)(struct view *view))
{
	return view_open_newest(v, box, 0, claims_recent, on_change);
}

enum err view_open_numbers(struct view *v, struct mailbox *box)
{
	*v = (struct view){.box = box,
			   .listener = {.on_event = view_hear_numbers},
			   .floor = 1,
			   .uid_limit = box->uid_next,
			   .count = box->messages};
	if (box->is_gone)
		return ERR_GONE;
	mailbox_listen(box, &v->listener);
	return ERR_NONE;
}

enum err view_open_newest(struct view *v, struct mailbox *box, uint64_t newest, bool claims_recent,
			  void (*on_change)(struct view *view))
{
	*v = (struct view){.box = box,
			   .listener = {.on_event = view_hear},
			   .on_change = on_change,
			   .has_recent = claims_recent};
	if (box->is_gone)
		return ERR_GONE;
	v->floor = view_floor(box, newest);
	mailbox_listen(box, &v->listener);
	view_number_all(v);
	view_settle_flags(v);
	return ERR_NONE;
}

void view_close(struct view *v)
{
	mailbox_unlisten(&v->listener);
	uid_list_free(&v->expunged);
	uid_list_free(&v->changed);
	free(v->recent);
	*v = (struct view){.box = NULL};
}

/* --- numbers -------------------------------------------------------------------------------------
 * The numbered messages are those of the mailbox from the floor to uid_limit and those of `expunged`,
 * merged by UID. So the number of a UID is one more than what both have below it. */

/* How many numbered messages have UIDs below this one. */
static uint32_t view_below(struct view *v, uint32_t uid)
{
	uint32_t capped = uid < v->uid_limit ? uid : v->uid_limit;
	if (capped <= v->floor)
		return 0;
	return mailbox_position(v->box, capped) - view_hidden(v) +
	       uid_list_position(&v->expunged, capped);
}

static bool view_is_blind(const struct view *v)
{
	return !v->box || v->is_gone;
}

uint32_t view_uid(struct view *v, uint32_t seq)
{
	struct msg_info info;
	if (view_is_blind(v) || seq == 0 || seq > v->count)
		return 0;
	/* How many of the expunged ones have lower numbers: their own numbers ascend. */
	uint32_t low = 0, high = v->expunged.count, hidden = view_hidden(v);
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		uint32_t number =
			mailbox_position(v->box, v->expunged.uids[mid]) - hidden + mid + 1;
		if (number == seq)
			return v->expunged.uids[mid];
		if (number < seq)
			low = mid + 1;
		else
			high = mid;
	}
	return mailbox_info(v->box, hidden + seq - 1 - low, &info) ? 0 : info.uid;
}

static bool view_holds(struct view *v, uint32_t uid)
{
	struct msg_info info;
	if (view_is_blind(v) || uid < v->floor || uid >= v->uid_limit)
		return false;
	return uid_list_has(&v->expunged, uid) || !mailbox_info_uid(v->box, uid, &info);
}

uint32_t view_seq(struct view *v, uint32_t uid)
{
	return view_holds(v, uid) ? view_below(v, uid) + 1 : 0;
}

uint32_t view_seq_at_or_after(struct view *v, uint32_t uid)
{
	return view_is_blind(v) ? v->count + 1 : view_below(v, uid) + 1;
}

uint32_t view_last_uid(struct view *v)
{
	return view_uid(v, v->count);
}

uint32_t view_first_unseen(struct view *v)
{
	struct msg_info info;
	if (view_is_blind(v))
		return 0;
	uint32_t uid = mailbox_first_unseen(v->box);
	if (uid == 0 || uid >= v->floor)
		return uid < v->uid_limit ? uid : 0;
	for (uint32_t at = mailbox_position(v->box, v->floor);
	     !mailbox_info(v->box, at, &info) && info.uid < v->uid_limit; at++)
		if (!(info.flags & FLAG_SEEN))
			return info.uid;
	return 0;
}

enum err view_info(struct view *v, uint32_t uid, struct msg_info *info_out)
{
	if (view_is_blind(v) || uid_list_has(&v->expunged, uid))
		return ERR_GONE;
	bool is_ours = uid >= v->floor && uid < v->uid_limit;
	return is_ours ? mailbox_info_uid(v->box, uid, info_out) : ERR_NOT_FOUND;
}

/* --- news ------------------------------------------------------------------------------------- */

static bool view_has_new(const struct view *v)
{
	return v->box->uid_next > v->uid_limit &&
	       v->box->messages > mailbox_position(v->box, v->uid_limit);
}

/* The highest first: taking from the end moves nothing, however many there are. */
static struct view_news view_next_expunge(struct view *v)
{
	struct view_news news = {.kind = VIEW_EXPUNGE};
	news.uid = v->expunged.uids[v->expunged.count - 1];
	news.seq = view_below(v, news.uid) + 1;
	v->expunged.count--;
	v->count--;
	if (v->expunged.count == 0)
		uid_list_free(&v->expunged);
	return news;
}

static struct view_news view_next_changed(struct view *v)
{
	struct view_news news = {.kind = VIEW_FLAGS, .uid = v->changed.uids[0]};
	news.seq = view_seq(v, news.uid);
	uid_list_remove_at(&v->changed, 0);
	view_settle_flags(v);
	return news;
}

static struct view_news view_next_scanned(struct view *v)
{
	struct msg_info info;
	uint32_t at = mailbox_position(v->box, v->scan_uid);
	for (uint32_t looked = 0; looked < VIEW_SCAN_STEP; looked++, at++) {
		if (mailbox_info(v->box, at, &info) || info.uid >= v->uid_limit) {
			v->changed_overflow = false;
			view_settle_flags(v);
			return (struct view_news){.kind = VIEW_MORE};
		}
		v->scan_uid = info.uid + 1;
		if (info.modseq > v->seen_modseq)
			return (struct view_news){VIEW_FLAGS, view_seq(v, info.uid), info.uid};
	}
	return (struct view_news){.kind = VIEW_MORE};
}

struct view_news view_next(struct view *v, bool may_expunge)
{
	if (view_is_blind(v))
		return (struct view_news){.kind = v->is_gone ? VIEW_GONE : VIEW_NOTHING};
	if (may_expunge && v->expunged.count)
		return view_next_expunge(v);
	if (view_has_new(v)) {
		view_number_all(v);
		return (struct view_news){.kind = VIEW_EXISTS};
	}
	if (v->changed_overflow)
		return view_next_scanned(v);
	if (v->changed.count)
		return view_next_changed(v);
	return (struct view_news){.kind = VIEW_NOTHING};
}

bool view_has_news(const struct view *v, bool may_expunge)
{
	if (view_is_blind(v))
		return v->is_gone;
	if ((may_expunge && v->expunged.count) || v->changed_overflow || v->changed.count)
		return true;
	return view_has_new(v);
}

void view_forget_flags(struct view *v, uint32_t uid)
{
	if (view_is_blind(v) || !uid_list_has(&v->changed, uid))
		return;
	uid_list_remove_at(&v->changed, uid_list_position(&v->changed, uid));
	view_settle_flags(v);
}
