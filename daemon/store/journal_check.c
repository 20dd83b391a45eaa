#include "store/journal_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/journal_box.h"
#include "store/journal_list.h"
#include "store/journal_mount.h"
#include "store/journal_rescue.h"
#include "store/journal_salvage.h"
#include "store/journal_segment.h"

enum { LINE_BYTES = 1400 };

struct check {
	struct store *st;
	struct journal *journal;
	bool repair;
	void (*say)(void *arg, const char *line);
	void *arg;
	struct journal_check *found;
	uint64_t not_repaired;
};

static PRINTF_LIKE(2, 3) void check_say(struct check *c, const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list args;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (c->say)
		c->say(c->arg, line);
}

static const char *check_owner(const struct check *c, const struct jbox *box)
{
	const struct jaccount *a = jaccount_find(c->journal, box->account);
	return a ? a->name : "nobody";
}

/* --- lists ------------------------------------------------------------------------------------------------ */

/* The records that the segments still hold give the list anew. */
static enum err check_rebuild_list(struct check *c, struct jbox *box)
{
	struct salvage result;
	bool has_root;
	struct journal *other = calloc(1, sizeof(*other));
	if (!other)
		return ERR_NOMEM;
	other->store = c->st;
	other->medium = c->journal->medium;
	buf_init(&other->txn, 4096);
	enum err err = journal_list_segments(other, &has_root);
	if (!err)
		err = salvage_collect(other, &result);
	struct jbox *found = err ? NULL : box_find(other, box->number);
	if (!err && (!found || !found->index))
		err = ERR_NOT_FOUND;
	if (!err) {
		uint64_t before = box->tally.messages;
		box->index = found->index;
		found->index = NULL;
		box->tally.modseq = found->tally.modseq > box->tally.modseq ? found->tally.modseq
									    : box->tally.modseq + 1;
		salvage_count(box);
		err = salvage_rewrite(c->journal, box);
		check_say(c, "%s, mailbox %s: list made anew with %u messages, there were %llu",
			  check_owner(c, box), box->name, (unsigned)box->tally.messages,
			  (unsigned long long)before);
	}
	boxes_free(other);
	buf_free(&other->txn);
	free(other->segments.at);
	free(other);
	return err;
}

/* Lists are brought into memory and stay there until the end. */
static enum err check_list(struct check *c, struct jbox *box)
{
	enum err err = list_open(c->journal, box, NULL);
	if (err != ERR_CORRUPT && err != ERR_IO)
		return err;
	c->found->damaged_mailboxes++;
	check_say(c, "%s, mailbox %s: its list of %u messages cannot be read", check_owner(c, box),
		  box->name, (unsigned)box->tally.messages);
	if (!c->repair) {
		c->not_repaired++;
		return ERR_NONE;
	}
	err = check_rebuild_list(c, box);
	if (!err)
		box->index_users++;
	return err;
}

/* --- messages ----------------------------------------------------------------------------------------------- */

static enum err check_message(struct check *c, const struct jbox *box, const struct message *m,
			      bool *is_bad_out)
{
	enum err err = salvage_read_message(c->journal, m);
	*is_bad_out = err == ERR_CORRUPT || err == ERR_IO || err == ERR_NOT_FOUND;
	c->found->messages++;
	c->found->bytes += m->size;
	if (!*is_bad_out)
		return err;
	c->found->damaged_messages++;
	check_say(c, "%s, mailbox %s, UID %u: %u octets, damaged", check_owner(c, box), box->name,
		  (unsigned)m->uid, (unsigned)m->size);
	return ERR_NONE;
}

static enum err check_messages(struct check *c, struct jbox *box)
{
	bool changed = false;
	for (uint32_t i = 0; i < box->index->count;) {
		struct message m;
		bool is_bad;
		index_get(box->index, i, &m);
		enum err err = check_message(c, box, &m, &is_bad);
		if (err)
			return err;
		if (!is_bad || !c->repair) {
			c->not_repaired += is_bad;
			i++;
			continue;
		}
		index_drop(box->index, i);
		changed = true;
	}
	if (!changed)
		return ERR_NONE;
	salvage_count(box);
	box->tally.modseq++;
	return salvage_rewrite(c->journal, box);
}

static enum err check_boxes(struct check *c)
{
	struct journal *j = c->journal;
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < j->boxes.count && !err; i++) {
		struct jbox *box = j->boxes.at[i];
		err = check_list(c, box);
		if (box->is_gone || !box->exists)
			continue;
		c->found->mailboxes++;
		if (!err && box->index)
			err = check_messages(c, box);
	}
	return err;
}

static void check_release(struct check *c)
{
	for (uint32_t i = 0; i < c->journal->boxes.count; i++)
		if (c->journal->boxes.at[i]->index_users)
			list_close(c->journal, c->journal->boxes.at[i]);
}

/* --- segments -------------------------------------------------------------------------------------------------- */

struct walk {
	struct journal_check *found;
	uint32_t last_slot;
};

static enum err check_group(void *arg, struct scan *s, uint32_t slot)
{
	struct walk *w = arg;
	(void)s;
	w->found->groups++;
	w->found->segments += slot != w->last_slot;
	w->last_slot = slot;
	return ERR_NONE;
}

static enum err check_segments(struct check *c)
{
	struct walk walk = {.found = c->found};
	struct root_block root = c->journal->root; /* the walk goes by what each segment says */
	enum err err = rescue_walk(c->journal, check_group, &walk);
	c->journal->root = root;
	journal_set_geometry(c->journal, root.segment_bytes);
	/* Lists that cannot be read make every count wrong: nothing to say then. */
	if (err || (c->found->damaged_mailboxes && !c->repair))
		return err;
	uint64_t wrong = salvage_count_segments(c->journal, c->repair);
	if (wrong == UINT64_MAX)
		return ERR_NOMEM;
	c->found->damaged_segments = wrong;
	if (wrong)
		check_say(c, "%llu segments are referred to otherwise than was noted",
			  (unsigned long long)wrong);
	if (!c->repair)
		c->not_repaired += wrong;
	return ERR_NONE;
}

static enum err check_all(struct check *c)
{
	c->journal = store_journal(c->st);
	c->found->accounts = c->journal->boxes.account_count;
	c->found->lost_groups = c->journal->lost_groups;
	if (c->found->lost_groups)
		check_say(c, "%llu groups of changes cannot be read any more",
			  (unsigned long long)c->found->lost_groups);
	enum err err = check_boxes(c);
	if (!err)
		err = check_segments(c);
	check_release(c);
	return err;
}

enum err journal_check(const struct store_config *config, bool repair,
		       void (*say)(void *arg, const char *line), void *arg,
		       struct journal_check *found_out)
{
	struct check c = {.repair = repair, .say = say, .arg = arg, .found = found_out};
	struct store_config own = *config;
	*found_out = (struct journal_check){0};
	own.runner = &job_inline;
	own.schedule = NULL;
	own.read_only = !repair;
	struct store_ops salvage = store_journal_ops; /* as long as the store is open */
	salvage.open = salvage_open;
	enum err err = store_open(&store_journal_ops, &own, &c.st);
	if (err == ERR_CORRUPT) {
		found_out->was_lost = true;
		check_say(&c, "no checkpoint can be found");
		if (repair)
			err = store_open(&salvage, &own, &c.st);
	}
	if (err)
		return err;
	err = check_all(&c);
	found_out->is_repaired = !err && c.not_repaired == 0;
	store_close(&c.st);
	return err;
}
