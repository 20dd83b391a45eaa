#include "store/journal_rescue.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/log.h"
#include "store/journal_mount.h"
#include "store/journal_segment.h"

struct rescued {
	struct segment_head head;
	uint32_t slot;
};

static int compare_rescued(const void *a, const void *b)
{
	const struct rescued *x = a, *y = b;
	return x->head.seq < y->head.seq ? -1 : x->head.seq > y->head.seq;
}

/* All segments with a valid header, oldest first; the caller frees. */
static enum err rescue_list(struct journal *j, struct rescued **list_out, uint32_t *count_out)
{
	uint32_t n = 0;
	struct rescued *list = calloc(j->segments.count + 1, sizeof(*list));
	if (!list)
		return ERR_NOMEM;
	for (uint32_t slot = 1; slot < j->segments.count; slot++) {
		uint8_t bytes[SEGMENT_HEADER_BYTES];
		if (j->segments.at[slot].state == SEGMENT_ABSENT ||
		    medium_hooks(j->medium)->read(j->medium, slot, 0, bytes, sizeof(bytes), true))
			continue;
		if (segment_head_version(bytes) > JOURNAL_VERSION) {
			log_error(0,
				  "journal: segment %08x is in version %u of the format, which a"
				  " later release of Surel writes",
				  (unsigned)slot, (unsigned)segment_head_version(bytes));
			free(list);
			return ERR_UNSUPPORTED;
		}
		if (!segment_head_get(bytes, &list[n].head))
			continue;
		list[n++].slot = slot;
	}
	qsort(list, n, sizeof(*list), compare_rescued);
	*list_out = list;
	*count_out = n;
	return ERR_NONE;
}

static enum err rescue_walk_segment(struct journal *j, const struct rescued *r,
				    enum err (*found)(void *arg, struct scan *s, uint32_t slot),
				    void *arg)
{
	struct scan s;
	enum err err;
	uint32_t offset = SEGMENT_HEADER_BYTES;
	journal_set_geometry(j, r->head.segment_bytes);
	j->root.salt = r->head.salt;
	j->root.instance = r->head.instance;
	j->root.version = r->head.version;
	scan_init(&s, j, &j->root);
	s.seq = r->head.seq;
	while ((err = scan_any(&s, r->slot, r->head.seq, offset)) == ERR_NONE) {
		offset = s.group_offset + sector_round(s.head.len);
		err = found(arg, &s, r->slot);
		if (err)
			break;
	}
	scan_free(&s);
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err rescue_walk(struct journal *j, enum err (*found)(void *arg, struct scan *s, uint32_t slot),
		     void *arg)
{
	struct rescued *list;
	uint32_t count;
	enum err err = rescue_list(j, &list, &count);
	if (err)
		return err;
	for (uint32_t i = 0; i < count && !err; i++)
		err = rescue_walk_segment(j, &list[i], found, arg);
	free(list);
	return err;
}

/* --- checkpoints ------------------------------------------------------------------------------------------ */

struct candidates {
	struct journal *journal;
	struct root_block *at;
	uint32_t count, cap;
	uint64_t durable; /* the last group that any says was durable */
};

static enum err candidate_found(void *arg, struct scan *s, uint32_t slot)
{
	struct candidates *c = arg;
	if (s->head.lag <= s->head.number && s->head.number - s->head.lag > c->durable)
		c->durable = s->head.number - s->head.lag;
	if (s->head.kind != GROUP_LOG || !s->records.len || s->records.ptr[0] != RECORD_CKPT_BEGIN)
		return ERR_NONE;
	struct record r;
	struct slice records = s->records;
	if (record_next(&records, &r))
		return ERR_NONE;
	struct unpack u = {.rest = r.body};
	struct root_block *at = array_reserve(c->at, &c->cap, c->count + 1u, sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	c->at = at;
	c->at[c->count++] = (struct root_block){.version = c->journal->root.version,
						.generation = unpack_u(&u),
						.instance = c->journal->root.instance,
						.salt = c->journal->root.salt,
						.segment_bytes = c->journal->segment_bytes,
						.slot = slot,
						.offset = s->group_offset,
						.seq = s->seq,
						.number = s->head.number,
						.chain = s->head.chain};
	return ERR_NONE;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct root_block *x = a, *y = b;
	return x->number > y->number ? -1 : x->number < y->number;
}

/* An older checkpoint serves only when the whole log behind it is still there. */
static enum err candidate_try(struct journal *j, const struct candidates *c, uint32_t i)
{
	enum err err = journal_replay(j, &c->at[i]);
	return !err && j->log.durable < c->durable ? ERR_NOT_FOUND : err;
}

enum err rescue_find_checkpoint(struct journal *j)
{
	struct candidates c = {.journal = j};
	enum err err = rescue_walk(j, candidate_found, &c);
	if (!err) {
		err = ERR_NOT_FOUND;
		if (c.count)
			qsort(c.at, c.count, sizeof(*c.at), compare_candidates);
		for (uint32_t i = 0; i < c.count && (err == ERR_NOT_FOUND || err == ERR_SYNTAX);
		     i++)
			err = candidate_try(j, &c, i);
	}
	if (!err)
		log_warn(0,
			 "journal: the root is lost; the newest checkpoint was found without it");
	free(c.at);
	return err;
}

/* --- nothing at all ----------------------------------------------------------------------------------------- */

static enum err mail_found(void *arg, struct scan *s, uint32_t slot)
{
	(void)slot;
	struct slice records = s->records;
	struct record r;
	bool *has_mail = arg;
	*has_mail |= s->head.kind != GROUP_LOG;
	while (!*has_mail && records.len && !record_next(&records, &r))
		*has_mail = r.type == RECORD_ENTRIES || r.type == RECORD_BLOB ||
			    r.type == RECORD_CHUNK || r.type == RECORD_ACCOUNT;
	return *has_mail ? ERR_EXISTS : ERR_NONE;
}

enum err rescue_check_blank(struct journal *j)
{
	bool has_mail = false;
	enum err err = rescue_walk(j, mail_found, &has_mail);
	return has_mail ? ERR_EXISTS : err;
}
