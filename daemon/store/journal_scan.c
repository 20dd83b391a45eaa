#include "store/journal_scan.h"

#include <stdlib.h>

#include "store/journal_segment.h"

enum { WINDOW_BYTES = 128 * 1024 };

void scan_init(struct scan *s, struct journal *j, const struct root_block *from)
{
	*s = (struct scan){.journal = j,
			   .slot = from->slot,
			   .offset = from->offset,
			   .seq = from->seq,
			   .number = from->number,
			   .chain = from->chain};
}

void scan_free(struct scan *s)
{
	free(s->window);
	s->window = NULL;
}

/* --- bytes -------------------------------------------------------------------------------------------- */

/* Sector by sector when it does not go at once: a bad one reads as zeroes. */
static enum err window_fill(struct scan *s, uint32_t slot, uint32_t offset, uint32_t n)
{
	struct medium *m = s->journal->medium;
	enum err err = medium_hooks(m)->read(m, slot, offset, s->window, n, true);
	if (err != ERR_IO)
		return err;
	for (uint32_t done = 0; done < n; done += MEDIUM_SECTOR) {
		uint32_t part = n - done < MEDIUM_SECTOR ? n - done : MEDIUM_SECTOR;
		if (medium_hooks(m)->read(m, slot, offset + done, s->window + done, part, true))
			memset(s->window + done, 0, part);
	}
	return ERR_NONE;
}

static enum err scan_bytes(struct scan *s, uint32_t slot, uint32_t offset, uint32_t n,
			   const uint8_t **bytes_out)
{
	uint32_t end = s->journal->segment_bytes;
	if (offset > end || n > end - offset)
		return ERR_NOT_FOUND;
	bool there = slot == s->window_slot && offset >= s->window_offset &&
		     offset - s->window_offset <= s->window_len &&
		     n <= s->window_len - (offset - s->window_offset);
	if (!there) {
		uint32_t want = n > WINDOW_BYTES ? n : WINDOW_BYTES;
		if (want > end - offset)
			want = end - offset;
		if (want > s->window_cap) {
			free(s->window);
			s->window_cap = 0;
			s->window_len = 0;
			s->window = malloc(want);
			if (!s->window)
				return ERR_NOMEM;
			s->window_cap = want;
		}
		s->window_len = 0;
		enum err err = window_fill(s, slot, offset, want);
		if (err)
			return err;
		s->window_slot = slot;
		s->window_offset = offset;
		s->window_len = want;
	}
	*bytes_out = s->window + (offset - s->window_offset);
	return ERR_NONE;
}

/* ERR_NOT_FOUND: there is no whole group here. */
static enum err scan_group(struct scan *s, uint32_t slot, uint64_t seq, uint32_t offset)
{
	const uint8_t *bytes;
	enum err err = scan_bytes(s, slot, offset, MEDIUM_SECTOR, &bytes);
	if (err)
		return err;
	if (!group_peek(bytes, s->journal->segment_bytes - offset, &s->head))
		return ERR_NOT_FOUND;
	err = scan_bytes(s, slot, offset, s->head.len, &bytes);
	if (err)
		return err;
	uint32_t seed = group_seed(s->journal->root.salt, seq, offset);
	if (!group_is_whole(bytes, &s->head, seed))
		return ERR_NOT_FOUND;
	s->group_slot = slot;
	s->group_offset = offset;
	s->records = slice_of(bytes + GROUP_HEADER_BYTES, s->head.len - GROUP_HEADER_BYTES);
	return ERR_NONE;
}

enum err scan_again(struct scan *s, uint32_t slot, uint32_t offset, uint64_t seq)
{
	enum err err = scan_group(s, slot, seq, offset);
	return err == ERR_NOT_FOUND ? ERR_IO : err;
}

enum err scan_any(struct scan *s, uint32_t slot, uint64_t seq, uint32_t offset)
{
	for (; offset < s->journal->segment_bytes; offset += MEDIUM_SECTOR) {
		enum err err = scan_group(s, slot, seq, offset);
		if (err != ERR_NOT_FOUND)
			return err;
	}
	return ERR_NOT_FOUND;
}

/* --- order --------------------------------------------------------------------------------------------- */

/* True when the group found proves that the expected one had been durable. */
static bool scan_proves_loss(const struct scan *s)
{
	return s->head.number > s->number && s->head.number - s->head.lag >= s->number &&
	       s->head.lag <= s->head.number;
}

static enum err scan_past_damage(struct scan *s)
{
	uint32_t offset = s->offset;
	enum err err;
	while ((err = scan_any(s, s->slot, s->seq, offset + MEDIUM_SECTOR)) == ERR_NONE) {
		if (scan_proves_loss(s))
			return ERR_NONE;
		offset = s->group_offset;
	}
	return err;
}

/* The link to the next segment may be what is damaged: a free segment may say that it is the next. */
static enum err scan_past_lost_link(struct scan *s)
{
	struct journal *j = s->journal;
	for (uint32_t slot = 1; slot < j->segments.count; slot++) {
		struct segment_head head;
		const uint8_t *bytes;
		if (j->segments.at[slot].state != SEGMENT_FREE)
			continue;
		if (scan_bytes(s, slot, 0, SEGMENT_HEADER_BYTES, &bytes) ||
		    !segment_head_get(bytes, &head) || head.seq != s->seq + 1 ||
		    head.salt != j->root.salt)
			continue;
		enum err err = scan_any(s, slot, head.seq, SEGMENT_HEADER_BYTES);
		if (err == ERR_NONE && scan_proves_loss(s)) {
			segment_set_used(j, slot, head.seq);
			s->slot = slot;
			s->seq = head.seq;
			return ERR_NONE;
		}
		if (err && err != ERR_NOT_FOUND)
			return err;
	}
	return ERR_NOT_FOUND;
}

static enum err scan_follow_link(struct scan *s)
{
	struct journal *j = s->journal;
	if (s->records.len < 12)
		return ERR_NOT_FOUND;
	uint32_t slot = get_u32(s->records.ptr);
	uint64_t seq = get_u64(s->records.ptr + 4);
	if (seq != s->seq + 1 || slot == s->slot || segment_know(j, slot))
		return ERR_NOT_FOUND;
	segment_set_used(j, slot, seq);
	s->slot = slot;
	s->seq = seq;
	s->offset = SEGMENT_HEADER_BYTES;
	return ERR_NONE;
}

enum err scan_next(struct scan *s)
{
	uint32_t slot = s->slot, offset = s->offset;
	enum err err = scan_group(s, slot, s->seq, offset);
	s->jumped = false;
	if (err == ERR_NONE && (s->head.number != s->number || s->head.chain != s->chain))
		err = ERR_NOT_FOUND;
	if (err == ERR_NOT_FOUND && !s->ends_here) {
		err = scan_past_damage(s);
		if (err == ERR_NOT_FOUND)
			err = scan_past_lost_link(s);
		if (err)
			return err;
		s->lost += (uint32_t)(s->head.number - s->number);
		s->jumped = true;
	}
	if (err)
		return err;
	s->number = s->head.number + 1;
	s->chain = s->head.crc;
	s->offset = s->group_offset + sector_round(s->head.len);
	return s->head.kind == GROUP_LINK ? scan_follow_link(s) : ERR_NONE;
}
