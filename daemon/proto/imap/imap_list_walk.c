#include "proto/imap/imap_list.h"
#include "proto/imap/imap_special.h"
#include "proto/imap/imap_status.h"

/* --- the account's names, in their order ---------------------------------------------------------- */

/* First mailbox whose name is not below `key`. */
static size_t names_at_or_after(const struct account *a, struct slice key)
{
	size_t low = 0, high = a->box_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (slice_cmp(slice_str(a->boxes[middle]->name), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* First mailbox below `name` in the tree, or whatever stands in its place. */
static size_t names_below(const struct account *a, struct slice name)
{
	uint8_t key[MAILBOX_NAME_MAX_BYTES + 1];
	if (name.len > MAILBOX_NAME_MAX_BYTES)
		return a->box_count;
	if (name.len)
		memcpy(key, name.ptr, name.len);
	key[name.len] = MAILBOX_SEPARATOR;
	return names_at_or_after(a, slice_of(key, name.len + 1));
}

static bool is_below(struct slice name, struct slice superior)
{
	return name.len > superior.len && name.ptr[superior.len] == MAILBOX_SEPARATOR &&
	       slice_starts(name, superior);
}

/* --- which names are meant ----------------------------------------------------------------------- */

static bool list_has_selection(const struct imap_list *list)
{
	return list->select & (LIST_SUBSCRIBED | LIST_SPECIAL_USE);
}

static bool list_selects(const struct imap_list *list, const struct mailbox *box)
{
	if ((list->select & LIST_SUBSCRIBED) && !box->is_subscribed)
		return false;
	if ((list->select & LIST_SPECIAL_USE) && !box->special_use)
		return false;
	return list_has_selection(list) || box->exists;
}

static uint64_t list_levels(struct imap_list *list, struct slice name)
{
	uint64_t levels = 0;
	for (size_t i = 0; i < list->count; i++)
		levels |= imap_pattern_levels(&list->patterns[i], name);
	return levels;
}

static unsigned level_count(struct slice name)
{
	unsigned count = 1;
	for (size_t i = 0; i < name.len; i++)
		count += name.ptr[i] == MAILBOX_SEPARATOR;
	return count;
}

static bool list_matches(struct imap_list *list, struct slice name)
{
	return list_levels(list, name) >> (level_count(name) - 1) & 1;
}

static bool has_children(const struct account *a, struct slice name)
{
	for (size_t i = names_below(a, name);
	     i < a->box_count && is_below(slice_str(a->boxes[i]->name), name); i++)
		if (a->boxes[i]->exists)
			return true;
	return false;
}

/* A selected mailbox somewhere below; with only_unlisted one that the patterns leave out, since
 * telling of the others twice is redundant (RFC 5258 3.5). */
static bool has_selected_below(const struct account *a, struct imap_list *list, struct slice name,
			       bool only_unlisted)
{
	for (size_t i = names_below(a, name);
	     i < a->box_count && is_below(slice_str(a->boxes[i]->name), name); i++)
		if (list_selects(list, a->boxes[i]) &&
		    !(only_unlisted && list_matches(list, slice_str(a->boxes[i]->name))))
			return true;
	return false;
}

/* --- one line ------------------------------------------------------------------------------------- */

static void write_attribute(struct imap_out *o, const char **separator, const char *name)
{
	out_str(o, *separator);
	out_str(o, name);
	*separator = " ";
}

static void write_attributes(struct imap_session *s, const struct imap_list *list,
			     struct slice name, const struct mailbox *box, bool is_selected)
{
	const struct account *a = s->base.login->account;
	bool is_lsub = list->verb[1] == 'S';
	bool is_plain = !list->is_extended && !is_lsub;
	bool exists = box && box->exists;
	const char *separator = "";
	out_str(&s->out, "(");
	if (is_lsub ? !exists || !is_selected : !exists)
		write_attribute(&s->out, &separator,
				list->is_extended ? "\\NonExistent" : "\\Noselect");
	/* The pair "\\NonExistent \\HasChildren" tells why the name is there (RFC 5258 3.5). */
	bool tells_children = is_plain || list->returns_children ||
			      (!exists && list->is_extended && !list_has_selection(list));
	if (tells_children)
		write_attribute(&s->out, &separator,
				has_children(a, name) ? "\\HasChildren" : "\\HasNoChildren");
	bool tells_subscribed = list->returns_subscribed || (list->select & LIST_SUBSCRIBED);
	if (!is_lsub && tells_subscribed && box && box->is_subscribed)
		write_attribute(&s->out, &separator, "\\Subscribed");
	bool tells_use = is_plain || list->returns_special_use || (list->select & LIST_SPECIAL_USE);
	if (tells_use && exists)
		special_use_write(&s->out, separator, box->special_use);
	out_str(&s->out, ")");
}

static void write_childinfo(struct imap_session *s, const struct imap_list *list)
{
	bool is_subscribed = list->select & LIST_SUBSCRIBED;
	bool is_special_use = list->select & LIST_SPECIAL_USE;
	out_fmt(&s->out, " (\"CHILDINFO\" (%s%s%s))", is_subscribed ? "\"SUBSCRIBED\"" : "",
		is_subscribed && is_special_use ? " " : "",
		is_special_use ? "\"SPECIAL-USE\"" : "");
}

/* A name that the patterns match: box is NULL for one that exists only above others. */
static void list_name(struct imap_session *s, struct imap_list *list, struct slice name,
		      const struct mailbox *box)
{
	const struct account *a = s->base.login->account;
	bool is_selected = box && list_selects(list, box);
	bool has_below = false;
	if (list->select & LIST_RECURSIVEMATCH)
		has_below = has_selected_below(a, list, name, !is_selected);
	else if (!list_has_selection(list) && !is_selected)
		has_below = has_children(a, name);
	if (!is_selected && !has_below)
		return;

	out_fmt(&s->out, "* %s ", list->verb);
	write_attributes(s, list, name, box, is_selected);
	out_str(&s->out, " \"/\" ");
	out_mailbox(&s->out, name);
	if (has_below && list_has_selection(list) && list->verb[1] != 'S')
		write_childinfo(s, list);
	out_str(&s->out, "\r\n");
}

/* --- the walk ------------------------------------------------------------------------------------- */

/* Superiors that have no entry of their own come with the first name below them. */
static void list_superiors(struct imap_session *s, struct imap_list *list, size_t at,
			   uint64_t levels)
{
	const struct account *a = s->base.login->account;
	struct slice name = slice_str(a->boxes[at]->name);
	for (size_t i = 0; i < name.len && levels; i++) {
		if (name.ptr[i] != MAILBOX_SEPARATOR)
			continue;
		struct slice superior = slice_upto(name, i);
		size_t entry = names_at_or_after(a, superior);
		bool has_entry = entry < a->box_count &&
				 slice_eq(slice_str(a->boxes[entry]->name), superior);
		if ((levels & 1) && !has_entry && names_below(a, superior) == at)
			list_name(s, list, superior, NULL);
		levels >>= 1;
	}
}

static void list_box(struct imap_session *s, struct imap_list *list, size_t at)
{
	const struct mailbox *box = s->base.login->account->boxes[at];
	struct slice name = slice_str(box->name);
	uint64_t levels = list_levels(list, name);
	list_superiors(s, list, at, levels);
	if (levels >> (level_count(name) - 1) & 1) {
		list_name(s, list, name, box);
		list->wants_status = list->status_items && box->exists && list_selects(list, box);
	}
	if (name.len)
		memcpy(list->last, name.ptr, name.len);
	list->last_len = name.len;
	list->has_last = true;
}

/* Where to go on: behind the last name, whatever became of it. */
static size_t list_next(const struct account *a, const struct imap_list *list)
{
	struct slice last = slice_of(list->last, list->last_len);
	if (!list->has_last)
		return 0;
	size_t at = names_at_or_after(a, last);
	return at + (at < a->box_count && slice_eq(slice_str(a->boxes[at]->name), last));
}

static enum step list_status(struct imap_session *s, struct imap_list *list)
{
	struct mailbox *box = imap_find_box(s, slice_of(list->last, list->last_len));
	/* A mailbox that cannot be opened has no STATUS, and the others still have theirs. */
	if (box && imap_status_put(s, box, list->status_items) == STEP_MORE)
		return STEP_MORE;
	list->wants_status = false;
	return STEP_DONE;
}

enum step imap_list_walk(struct imap_session *s, struct imap_list *list)
{
	struct account *a = s->base.login->account;
	/* There are no remote mailboxes, so asking for them too changes nothing. */
	while (list->count) {
		if (list->wants_status && list_status(s, list) == STEP_MORE)
			return STEP_MORE;
		size_t at = list_next(a, list);
		if (at >= a->box_count)
			break;
		list_box(s, list, at);
		if (imap_must_pause(s))
			return STEP_MORE;
	}
	return STEP_DONE;
}
