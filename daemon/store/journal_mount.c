#include "options.h"
#include "store/journal_mount.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "store/journal_box.h"
#include "store/journal_checkpoint.h"
#include "store/journal_group.h"
#include "store/journal_list.h"
#include "store/journal_rescue.h"
#include "store/journal_salvage.h"
#include "store/journal_scan.h"
#include "store/journal_segment.h"
#include "store/journal_unit.h"

enum {
	SEGMENT_BYTES_DEFAULT = CONFIG_STORE_SEGMENT_KIB * 1024,
	/* More mod-sequences than a mailbox can give to changes between two syncs. */
	MODSEQ_JUMP = 1 << 20,
};

void journal_set_geometry(struct journal *j, uint32_t segment_bytes)
{
	j->segment_bytes = segment_bytes;
	j->block_bytes = segment_bytes / 8 < 32 * 1024 ? segment_bytes / 8 : 32 * 1024;
	j->spill_bytes = 2 * j->block_bytes;
	j->record_soft = segment_bytes / 8 < 32 * 1024 ? segment_bytes / 8 : 32 * 1024;
}

/* --- units ------------------------------------------------------------------------------------------------- */

/* Groups of a unit that is not complete yet: where they are, to be read once it is. */
struct unit {
	struct unit_part {
		uint32_t slot, offset;
		uint64_t seq;
	} *parts;
	uint32_t count, cap;
};

struct replay {
	struct scan scan, again;
	struct unit unit;
	bool has_checkpoint, is_clean, has_tail;
	uint32_t slots[2]; /* the last segments seen */
};

static enum err unit_note(struct unit *u, const struct scan *s)
{
	struct unit_part *parts = array_reserve(u->parts, &u->cap, u->count + 1u, sizeof(*parts));
	if (!parts)
		return ERR_NOMEM;
	u->parts = parts;
	u->parts[u->count++] = (struct unit_part){s->group_slot, s->group_offset, s->seq};
	return ERR_NONE;
}

static enum err replay_records(struct journal *j, struct replay *r, struct slice records,
			       uint64_t number)
{
	struct record record;
	enum err err = ERR_NONE;
	while (records.len && !err) {
		err = record_next(&records, &record);
		if (err)
			break;
		if (r->has_checkpoint)
			err = box_apply(j, &record, number);
		else
			err = checkpoint_apply(j, &record, &r->is_clean);
		if (!r->has_checkpoint && record.type == RECORD_CKPT_END)
			r->has_checkpoint = true;
		else if (r->has_checkpoint)
			r->has_tail = true;
	}
	return err;
}

/* All groups of the unit are there: now what they say is done, in order. */
static enum err replay_unit(struct journal *j, struct replay *r)
{
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < r->unit.count && !err; i++) {
		const struct unit_part *part = &r->unit.parts[i];
		err = scan_again(&r->again, part->slot, part->offset, part->seq);
		if (!err)
			err = replay_records(j, r, r->again.records, r->scan.head.number);
	}
	r->unit.count = 0;
	return err;
}

static bool begins_with_checkpoint(struct slice records)
{
	return records.len && records.ptr[0] == RECORD_CKPT_BEGIN;
}

static enum err replay_group(struct journal *j, struct replay *r)
{
	enum err err;
	bool is_first = !r->has_checkpoint && r->unit.count == 0;
	if (r->scan.jumped)
		r->unit.count = 0; /* a part of it is lost: so is the unit */
	if (r->scan.head.kind != GROUP_LOG)
		return ERR_NONE;
	if (is_first && !begins_with_checkpoint(r->scan.records))
		return ERR_NOT_FOUND;
	if (r->scan.head.flags & GROUP_MORE)
		return unit_note(&r->unit, &r->scan);
	err = replay_unit(j, r);
	if (!err)
		err = replay_records(j, r, r->scan.records, r->scan.head.number);
	if (!err && !r->has_checkpoint)
		err = ERR_NOT_FOUND;
	r->scan.ends_here = r->is_clean && !r->has_tail;
	return err;
}

/* --- the whole log -------------------------------------------------------------------------------------------- */

static void replay_reset(struct journal *j)
{
	boxes_free(j);
	j->boxes = (struct boxes){.next_account = 1, .next_box = 1, .next_serial = 1};
	for (uint32_t slot = 1; slot < j->segments.count; slot++) {
		struct segment *g = &j->segments.at[slot];
		if (g->state == SEGMENT_USED)
			segment_set_free(j, slot);
		g->refs = g->pins = 0;
		g->bytes = 0;
	}
}

static void replay_finish(struct journal *j, struct replay *r)
{
	const struct scan *s = &r->scan;
	j->log.slot = s->slot;
	j->log.seq = s->seq;
	j->log.offset = s->offset;
	j->log.next_number = s->number;
	j->log.durable = s->number - 1;
	j->log.chain = s->chain;
	j->lost_groups = s->lost;
	j->is_unclean = !r->is_clean || r->has_tail;
	j->segments.last_taken = s->slot;
	j->segments.may_collect = true;
	if (s->lost)
		log_error(0,
			  "journal: %u groups could not be read back; surel check tells what is"
			  " missing",
			  (unsigned)s->lost);
}

enum err journal_replay(struct journal *j, const struct root_block *root)
{
	struct replay r = {0};
	enum err err;
	journal_set_geometry(j, root->segment_bytes);
	replay_reset(j);
	j->root = *root;
	scan_init(&r.scan, j, root);
	scan_init(&r.again, j, root);
	err = segment_know(j, root->slot);
	while (!err && !(err = scan_next(&r.scan)))
		err = replay_group(j, &r);
	if (err == ERR_NOT_FOUND && r.has_checkpoint)
		err = ERR_NONE;
	if (!err)
		replay_finish(j, &r);
	scan_free(&r.scan);
	scan_free(&r.again);
	free(r.unit.parts);
	return err;
}

/* --- areas and roots ----------------------------------------------------------------------------------------------- */

struct listing {
	struct journal *journal;
	bool has_root;
	enum err err;
};

static void listing_found(void *arg, uint32_t slot)
{
	struct listing *l = arg;
	if (slot == MEDIUM_ROOT_SLOT) {
		l->has_root = true;
		return;
	}
	enum err err = segment_know(l->journal, slot);
	if (!err)
		segment_set_there(l->journal, slot);
	l->err = err ? err : l->err;
}

enum err journal_list_segments(struct journal *j, bool *has_root_out)
{
	struct listing l = {.journal = j};
	enum err err = medium_hooks(j->medium)->list(j->medium, listing_found, &l);
	*has_root_out = l.has_root;
	return err ? err : l.err;
}

static enum err mount_refuse(uint32_t version)
{
	log_error(0,
		  "journal: a later release of Surel wrote this mail store, in version %u of its"
		  " format; this one knows versions up to %u. Nothing was changed",
		  (unsigned)version, (unsigned)JOURNAL_VERSION);
	return ERR_UNSUPPORTED;
}

static bool is_zeroed(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i])
			return false;
	return true;
}

/* The newest root. ERR_NOT_FOUND also when one is damaged: that might have been the newest, and what
 * an older one leads to may have been written over since. */
static enum err root_read_newest(struct journal *j, struct root_block *root_out)
{
	bool found = false, damaged = false;
	for (uint32_t i = 0; i < 2; i++) {
		uint8_t block[ROOT_BLOCK_BYTES];
		struct root_block root;
		if (medium_hooks(j->medium)->read(j->medium, MEDIUM_ROOT_SLOT,
						  i * ROOT_AREA_BYTES / 2, block, sizeof(block),
						  true)) {
			damaged = true;
			continue;
		}
		if (is_zeroed(block, sizeof(block)))
			continue;
		if (root_version(block) > JOURNAL_VERSION)
			return mount_refuse(root_version(block));
		damaged |= !root_get(block, &root);
		if (!damaged && (!found || root.generation > root_out->generation))
			*root_out = root;
		found = true;
	}
	return found && !damaged ? ERR_NONE : ERR_NOT_FOUND;
}

static enum err mount_from_root(struct journal *j)
{
	struct root_block root = {0};
	enum err err = root_read_newest(j, &root);
	return err ? err : journal_replay(j, &root);
}

/* --- a new life ------------------------------------------------------------------------------------------------------ */

enum err journal_flush(struct journal *j)
{
	jlog_ticket(j);
	jlog_turn(j);
	return j->has_failed ? ERR_IO : jlog_is_settled(j) ? ERR_NONE : ERR_NOMEM;
}

/* After a loss of power changes may have been announced that are gone: the mod-sequences they had
 * are never given again, and messages that were being added get one that nobody has seen. */
static void pack_raises(struct journal *j, uint64_t jump)
{
	for (uint32_t i = 0; i < j->boxes.count; i++) {
		struct jbox *box = j->boxes.at[i];
		struct tally tally = box->tally;
		if (!box->tail_first_uid || box->tail_first_uid >= tally.uid_next)
			continue;
		tally.modseq += jump + 1;
		pack_raise(&j->unit, box, &tally, box->tail_first_uid, tally.uid_next - 1);
	}
}

/* Everything found counts as durable from now on, so it has to be: after a crash of the process
 * alone it may be in the system's cache only. */
static enum err sync_found(struct journal *j)
{
	enum err err = ERR_NONE;
	for (uint32_t slot = 1; slot < j->segments.count && !err; slot++) {
		const struct segment *g = &j->segments.at[slot];
		if (g->state == SEGMENT_USED && g->seq >= j->root.seq)
			err = medium_hooks(j->medium)->sync(j->medium, slot);
	}
	return err;
}

enum err journal_begin_life(struct journal *j)
{
	uint64_t jump = j->is_unclean ? MODSEQ_JUMP : 0;
	enum err err = j->is_unclean ? sync_found(j) : ERR_NONE;
	if (!err && j->log.offset == SEGMENT_HEADER_BYTES)
		err = jlog_renew_segment_head(j);
	if (err)
		return err;
	unit_begin(j);
	pack_open(&j->unit, RECORD_MOUNT);
	pack_u(&j->unit, jump);
	pack_u(&j->unit, secret_random_u64());
	pack_i(&j->unit, clock_wall_s());
	pack_close(&j->unit);
	if (j->is_unclean)
		pack_raises(j, jump);
	err = unit_commit(j, ROOM_CHECKPOINT);
	return err ? err : journal_flush(j);
}

enum err journal_checkpoint_now(struct journal *j)
{
	enum err err = checkpoint_log(j);
	if (!err)
		err = journal_flush(j);
	if (!err)
		checkpoint_turn(j);
	return !err && j->has_failed ? ERR_IO : err;
}

enum err journal_format(struct journal *j)
{
	struct medium *m = j->medium;
	uint32_t bytes = m->segment_bytes ? m->segment_bytes : SEGMENT_BYTES_DEFAULT;
	enum err err = medium_hooks(m)->create(m, MEDIUM_ROOT_SLOT, ROOT_AREA_BYTES);
	journal_set_geometry(j, bytes);
	replay_reset(j);
	if (!err)
		err = medium_hooks(m)->create(m, 1, bytes);
	if (!err)
		err = segment_know(j, 1);
	if (err)
		return err;
	segment_set_there(j, 1);
	j->root = (struct root_block){.version = JOURNAL_VERSION,
				      .segment_bytes = bytes,
				      .instance = secret_random_u64(),
				      .salt = secret_random_u64()};
	j->log.next_number = 1;
	j->segments.last_taken = 0;
	err = jlog_begin_segment(j);
	return err ? err : journal_checkpoint_now(j);
}

/* What a lost group did is missing from the lists, but the tallies in later records include it. */
static enum err mount_recount(struct journal *j)
{
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < j->boxes.count && !err; i++) {
		struct jbox *box = j->boxes.at[i];
		if (!box->pending.len)
			continue;
		box->is_short = true;
		err = list_open(j, box, NULL);
		box->is_short = false;
		if (!err) {
			salvage_count(box);
			list_close(j, box);
		}
		err = err == ERR_CORRUPT || err == ERR_IO ? ERR_NONE : err;
	}
	return err;
}

/* From here on nothing stands in the log that an earlier version would not know but by a checkpoint
 * of our own form. Where there is no room for it now, one is written as soon as there is. */
static enum err mount_upgrade(struct journal *j)
{
	uint32_t version = j->root.version;
	enum err err = journal_checkpoint_now(j);
	if (!err)
		log_info(0, "journal: now in version %u of its format, it was %u",
			 (unsigned)JOURNAL_VERSION, (unsigned)version);
	j->checkpoint.is_wanted = err == ERR_FULL;
	return err == ERR_FULL ? ERR_NONE : err;
}

/* The root area may be what was lost. */
static enum err mount_make_writable(struct journal *j, bool has_root)
{
	enum err err = ERR_NONE;
	if (!has_root)
		err = medium_hooks(j->medium)->create(j->medium, MEDIUM_ROOT_SLOT, ROOT_AREA_BYTES);
	if (!err)
		err = journal_begin_life(j);
	if (!err && j->root.version < JOURNAL_VERSION)
		err = mount_upgrade(j);
	segments_collect(j);
	return err;
}

enum err journal_mount(struct journal *j)
{
	bool has_root = false;
	enum err err = journal_list_segments(j, &has_root);
	if (err)
		return err;
	err = mount_from_root(j);
	if (err == ERR_NOT_FOUND || err == ERR_SYNTAX)
		err = rescue_find_checkpoint(j);
	if (err == ERR_NOT_FOUND && !j->read_only) {
		err = rescue_check_blank(j);
		if (!err)
			err = journal_format(j);
		has_root = true;
	}
	if (err == ERR_NOT_FOUND || err == ERR_SYNTAX || err == ERR_EXISTS)
		err = ERR_CORRUPT;
	if (!err && j->lost_groups)
		err = mount_recount(j);
	return err || j->read_only ? err : mount_make_writable(j, has_root);
}
