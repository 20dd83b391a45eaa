#include "proto/imap/imap_seqset.h"

#include <stdlib.h>

#define SEQ_STAR UINT32_MAX

static enum err seq_number(struct slice text, uint32_t *number_out)
{
	if (slice_eq_str(text, "*")) {
		*number_out = SEQ_STAR;
		return ERR_NONE;
	}
	uint64_t number = 0;
	if (slice_u64(text, UINT32_MAX, &number) || number == 0)
		return ERR_SYNTAX;
	/* The largest number is not "*". No message ever gets it or the one below. */
	*number_out = number == SEQ_STAR ? SEQ_STAR - 1 : (uint32_t)number;
	return ERR_NONE;
}

static enum err seq_range(struct slice text, struct imap_range *range_out)
{
	bool is_pair = slice_find_byte(text, ':') != SIZE_MAX;
	struct slice first = slice_split(&text, ':');
	if (seq_number(first, &range_out->first))
		return ERR_SYNTAX;
	range_out->last = range_out->first;
	return is_pair ? seq_number(text, &range_out->last) : ERR_NONE;
}

enum err imap_seqset_parse(struct slice text, struct arena *arena, struct imap_seqset *set_out)
{
	*set_out = (struct imap_seqset){.is_saved_result = slice_eq_str(text, "$")};
	if (set_out->is_saved_result)
		return ERR_NONE;

	size_t count = 1;
	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == ',';
	if (count > IMAP_SEQSET_MAX)
		return ERR_LIMIT;
	struct imap_range *ranges = arena_array(arena, count, sizeof(*ranges));
	if (!ranges)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		if (seq_range(slice_split(&text, ','), &ranges[i]))
			return ERR_SYNTAX;
	set_out->ranges = ranges;
	set_out->count = set_out->cap = (uint32_t)count;
	return ERR_NONE;
}

static int range_cmp(const void *a, const void *b)
{
	const struct imap_range *x = a, *y = b;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorted ranges become disjoint and never adjacent. */
static uint32_t ranges_join(struct imap_range *ranges, uint32_t count)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct imap_range *before = kept ? &ranges[kept - 1] : NULL;
		if (!before || ranges[i].first > before->last + 1)
			ranges[kept++] = ranges[i];
		else if (ranges[i].last > before->last)
			before->last = ranges[i].last;
	}
	return kept;
}

void imap_seqset_resolve(struct imap_seqset *set, uint32_t last)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < set->count; i++) {
		struct imap_range range = set->ranges[i];
		if (range.first == SEQ_STAR)
			range.first = last;
		if (range.last == SEQ_STAR)
			range.last = last;
		/* "559:*" names the last message even when it is 558 (RFC 9051 9, seq-range). */
		if (range.first > range.last)
			range = (struct imap_range){range.last, range.first};
		if (range.last > last)
			range.last = last;
		if (range.first && range.first <= range.last)
			set->ranges[kept++] = range;
	}
	if (kept > 1)
		qsort(set->ranges, kept, sizeof(*set->ranges), range_cmp);
	set->count = ranges_join(set->ranges, kept);
}

/* The first range that ends at n or behind it; count when there is none. */
static uint32_t range_at_or_after(const struct imap_seqset *set, uint32_t n)
{
	uint32_t low = 0, high = set->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (set->ranges[middle].last < n)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool imap_seqset_contains(const struct imap_seqset *set, uint32_t n)
{
	uint32_t i = range_at_or_after(set, n);
	return i < set->count && set->ranges[i].first <= n;
}

uint32_t imap_seqset_next(const struct imap_seqset *set, uint32_t n)
{
	uint32_t i = range_at_or_after(set, n);
	if (i == set->count)
		return 0;
	return set->ranges[i].first > n ? set->ranges[i].first : n;
}

static enum err seqset_grow(struct imap_seqset *set, struct arena *arena)
{
	uint32_t cap = set->cap ? set->cap * 2 : 16;
	struct imap_range *ranges = arena_array(arena, cap, sizeof(*ranges));
	if (!ranges)
		return ERR_NOMEM;
	if (set->count)
		memcpy(ranges, set->ranges, set->count * sizeof(*ranges));
	set->ranges = ranges;
	set->cap = cap;
	return ERR_NONE;
}

enum err imap_seqset_add(struct imap_seqset *set, struct arena *arena, uint32_t n)
{
	if (set->count && set->ranges[set->count - 1].last + 1 == n) {
		set->ranges[set->count - 1].last = n;
		return ERR_NONE;
	}
	if (set->count == set->cap) {
		enum err err = seqset_grow(set, arena);
		if (err)
			return err;
	}
	set->ranges[set->count++] = (struct imap_range){n, n};
	return ERR_NONE;
}

enum err imap_seqset_print(const struct imap_seqset *set, struct buf *dst)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct imap_range *range = &set->ranges[i];
		enum err err = buf_addf(dst, "%s%u", i ? "," : "", range->first);
		if (!err && range->last != range->first)
			err = buf_addf(dst, ":%u", range->last);
		if (err)
			return err;
	}
	return ERR_NONE;
}
