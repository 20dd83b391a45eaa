/* Groups, headers, fields and message lists, byte by byte. */
#include <stdlib.h>

#include "store/journal_index.h"
#include "store/journal_record.h"
#include "support/suite.h"

START_TEST(group_is_bound_to_its_place)
{
	uint8_t bytes[600] = {0};
	struct group_head head = {
		.len = 600, .kind = GROUP_LOG, .number = 77, .lag = 3, .chain = 9};
	struct group_head seen;
	memset(bytes + GROUP_HEADER_BYTES, 'x', sizeof(bytes) - GROUP_HEADER_BYTES);
	uint32_t seed = group_seed(1, 2, 512);
	group_seal(bytes, &head, seed);
	ck_assert(group_peek(bytes, 600, &seen));
	ck_assert(group_is_whole(bytes, &seen, seed));
	ck_assert_uint_eq(seen.number, 77);
	ck_assert_uint_eq(seen.lag, 3);
	ck_assert_uint_eq(seen.chain, 9);
	ck_assert(!group_peek(bytes, 599, &seen)); /* longer than there is room */
	ck_assert(!group_is_whole(bytes, &head, group_seed(2, 2, 512)));
	ck_assert(!group_is_whole(bytes, &head, group_seed(1, 3, 512)));
	ck_assert(!group_is_whole(bytes, &head, group_seed(1, 2, 1024)));
	for (size_t i = 0; i < sizeof(bytes) * 8; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert(!group_peek(bytes, 600, &seen) || !group_is_whole(bytes, &seen, seed));
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}
END_TEST

START_TEST(headers_come_back_and_damage_is_seen)
{
	uint8_t bytes[512];
	struct segment_head in = {0, 1, 2, 3, 4, 65536}, out;
	struct root_block root = {0, 5, 6, 7, 32768, 8, 9, 10, 11, 12}, root_out;
	segment_head_put(bytes, &in);
	ck_assert(segment_head_get(bytes, &out));
	ck_assert(out.instance == 1 && out.salt == 2 && out.seq == 3 && out.slot == 4);
	ck_assert_uint_eq(out.segment_bytes, 65536);
	ck_assert_uint_eq(out.version, JOURNAL_VERSION);
	for (size_t i = 0; i < 44 * 8; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert(!segment_head_get(bytes, &out));
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	root_put(bytes, &root);
	ck_assert(root_get(bytes, &root_out));
	ck_assert(root_out.generation == 5 && root_out.instance == 6 && root_out.salt == 7);
	ck_assert(root_out.slot == 8 && root_out.offset == 9 && root_out.seq == 10);
	ck_assert(root_out.number == 11 && root_out.chain == 12);
	ck_assert_uint_eq(root_out.version, JOURNAL_VERSION);
	for (size_t i = 0; i < 68 * 8; i++) {
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert(!root_get(bytes, &root_out));
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}
END_TEST

static void put_version(uint8_t *bytes, uint32_t version, uint32_t len)
{
	put_u32(bytes + 4, version);
	put_u32(bytes + len, crc32c(0, bytes, len));
}

START_TEST(headers_of_older_versions_are_read_and_later_ones_known)
{
	uint8_t bytes[512];
	struct segment_head in = {0, 1, 2, 3, 4, 65536}, out;
	struct root_block root = {0, 5, 6, 7, 32768, 8, 9, 10, 11, 12}, root_out;
	for (uint32_t version = 0; version <= JOURNAL_VERSION + 2; version++) {
		bool is_known = version >= 1 && version <= JOURNAL_VERSION;
		segment_head_put(bytes, &in);
		put_version(bytes, version, 40);
		ck_assert(segment_head_get(bytes, &out) == is_known);
		ck_assert_uint_eq(segment_head_version(bytes), version);
		bytes[8] ^= 1;
		ck_assert_uint_eq(segment_head_version(bytes), 0);
		root_put(bytes, &root);
		put_version(bytes, version, 64);
		ck_assert(root_get(bytes, &root_out) == is_known);
		ck_assert_uint_eq(root_version(bytes), version);
		ck_assert_uint_eq(segment_head_version(bytes), 0);
		bytes[60] ^= 1;
		ck_assert_uint_eq(root_version(bytes), 0);
	}
}
END_TEST

START_TEST(fields_come_back)
{
	static const uint64_t numbers[] = {0, 1, 127, 128, UINT32_MAX, UINT64_MAX};
	static const int64_t signs[] = {0, -1, 1, INT64_MIN, INT64_MAX, -129};
	struct buf b;
	buf_init(&b, 4096);
	struct pack p = {.dst = &b};
	pack_open(&p, RECORD_FLAGS);
	for (size_t i = 0; i < 6; i++) {
		pack_u(&p, numbers[i]);
		pack_i(&p, signs[i]);
	}
	pack_text(&p, SLICE_LIT("name"));
	pack_close(&p);
	ck_assert_int_eq(p.err, ERR_NONE);
	struct slice all = buf_view(&b);
	struct record r;
	ck_assert_int_eq(record_next(&all, &r), ERR_NONE);
	ck_assert_uint_eq(all.len, 0);
	ck_assert_uint_eq(r.type, RECORD_FLAGS);
	struct unpack u = {.rest = r.body};
	for (size_t i = 0; i < 6; i++) {
		ck_assert_uint_eq(unpack_u(&u), numbers[i]);
		ck_assert_int_eq(unpack_i(&u), signs[i]);
	}
	ck_assert(slice_eq_str(unpack_text(&u), "name"));
	ck_assert(!u.is_bad && u.rest.len == 0);
	unpack_u(&u);
	ck_assert(u.is_bad);
	for (size_t n = 0; n < b.len; n++) { /* cut short anywhere it is no record */
		struct slice part = slice_upto(buf_view(&b), n);
		ck_assert_int_eq(record_next(&part, &r), ERR_SYNTAX);
	}
	buf_free(&b);
}
END_TEST

START_TEST(uids_come_back_as_ranges)
{
	static const uint32_t uids[] = {1, 2, 3, 7, 9, 10, 4000000000u};
	static const uint32_t ranges[][2] = {{1, 3}, {7, 7}, {9, 10}, {4000000000u, 4000000000u}};
	struct buf b;
	uint32_t first, last;
	buf_init(&b, 100);
	struct pack p = {.dst = &b};
	pack_uids(&p, uids, 7);
	struct unpack u = {.rest = buf_view(&b)};
	struct uid_reader r;
	uid_reader_init(&r, &u);
	for (size_t i = 0; i < 4; i++) {
		ck_assert(uid_reader_next(&r, &first, &last));
		ck_assert_uint_eq(first, ranges[i][0]);
		ck_assert_uint_eq(last, ranges[i][1]);
	}
	ck_assert(!uid_reader_next(&r, &first, &last) && !u.is_bad);
	u = (struct unpack){.rest = slice_upto(buf_view(&b), b.len - 1)};
	uid_reader_init(&r, &u);
	while (uid_reader_next(&r, &first, &last))
		;
	ck_assert(u.is_bad);
	buf_free(&b);
}
END_TEST

static struct message sample(uint32_t uid)
{
	static const uint32_t slots[] = {5, 70000, 1};
	static const struct msg_id id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
	struct message m = {.uid = uid,
			    .size = uid * 1000,
			    .slot = uid % 3 ? 3 : 0xFFFFFF,
			    .offset = 0xFFFFFF - uid,
			    .flags = uid * 7,
			    .internal_date = uid % 2 ? -62135596800 + uid : 253402300799 - uid,
			    .save_date = 4294967295 - uid,
			    .modseq = ((uint64_t)1 << 48) - 1 - uid,
			    .serial = ((uint64_t)1 << 47) + uid,
			    .bits = ENTRY_OWNER};
	if (uid % 4 == 0) {
		m.bits |= ENTRY_EXTRA;
		m.slot_count = uid % 8 ? 3 : 0;
		m.slots = slots;
		m.id = uid % 8 ? NULL : &id;
	}
	return m;
}

static void assert_same(const struct message *a, const struct message *b)
{
	ck_assert(a->uid == b->uid && a->size == b->size && a->flags == b->flags);
	ck_assert(a->slot == b->slot && a->offset == b->offset && a->bits == b->bits);
	ck_assert_int_eq(a->internal_date, b->internal_date);
	ck_assert_int_eq(a->save_date, b->save_date);
	ck_assert_uint_eq(a->modseq, b->modseq);
	ck_assert_uint_eq(a->serial, b->serial);
	ck_assert_uint_eq(a->slot_count, b->slot_count);
	ck_assert(!a->slot_count || memcmp(a->slots, b->slots, a->slot_count * 4) == 0);
	ck_assert_int_eq(a->id != NULL, b->id != NULL);
	ck_assert(!a->id || memcmp(a->id, b->id, sizeof(*a->id)) == 0);
}

static struct slice pack_samples(struct buf *b, uint32_t first, uint32_t count, uint32_t step)
{
	struct message last = {0};
	struct pack p = {.dst = b};
	buf_clear(b);
	for (uint32_t i = 0; i < count; i++) {
		struct message m = sample(first + i * step);
		pack_message(&p, &last, &m);
	}
	ck_assert_int_eq(p.err, ERR_NONE);
	return buf_view(b);
}

START_TEST(list_gives_back_what_records_put_in)
{
	struct index ix = {0};
	struct buf b;
	buf_init(&b, 100000);
	struct slice even = pack_samples(&b, 2, 50, 2);
	ck_assert_int_eq(index_apply(&ix, RECORD_ENTRIES, even), ERR_NONE);
	struct slice odd = pack_samples(&b, 1, 50, 2); /* in between */
	ck_assert_int_eq(index_apply(&ix, RECORD_ENTRIES, odd), ERR_NONE);
	ck_assert_uint_eq(ix.count, 100);
	for (uint32_t i = 0; i < 100; i++) {
		struct message m, wanted = sample(i + 1);
		index_get(&ix, i, &m);
		assert_same(&m, &wanted);
	}
	ck_assert_uint_eq(ix.extra_count, 25);
	index_free(&ix);
	buf_free(&b);
}
END_TEST

static struct slice pack_set(struct buf *b, const uint32_t *uids, size_t n)
{
	struct pack p = {.dst = b};
	buf_clear(b);
	pack_uids(&p, uids, n);
	return buf_view(b);
}

START_TEST(expunge_closes_gaps)
{
	static const struct {
		uint32_t uids[6];
		size_t n;
	} cases[] = {{{1}, 1},          {{20}, 1},    {{1, 2, 3}, 3},
		     {{18, 19, 20}, 3}, {{1, 20}, 2}, {{2, 4, 5, 6, 8, 19}, 6},
		     {{7, 30, 31}, 3},  {{0}, 0}};
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		struct index ix = {0};
		struct buf b;
		buf_init(&b, 10000);
		struct slice all = pack_samples(&b, 1, 20, 1);
		ck_assert_int_eq(index_apply(&ix, RECORD_ENTRIES, all), ERR_NONE);
		struct slice set = pack_set(&b, cases[c].uids, cases[c].n);
		ck_assert_int_eq(index_apply(&ix, RECORD_EXPUNGE, set), ERR_NONE);
		uint32_t at = 0, extras = 0;
		for (uint32_t uid = 1; uid <= 20; uid++) {
			bool gone = false;
			for (size_t i = 0; i < cases[c].n; i++)
				gone |= cases[c].uids[i] == uid;
			if (gone)
				continue;
			struct message m, wanted = sample(uid);
			index_get(&ix, at++, &m);
			assert_same(&m, &wanted);
			extras += uid % 4 == 0;
		}
		ck_assert_uint_eq(ix.count, at);
		ck_assert_uint_eq(ix.extra_count, extras);
		index_free(&ix);
		buf_free(&b);
	}
}
END_TEST

START_TEST(flags_and_modseqs_change_for_the_named_only)
{
	static const uint32_t uids[] = {2, 3, 9};
	struct index ix = {0};
	struct buf b;
	buf_init(&b, 10000);
	struct slice all = pack_samples(&b, 1, 10, 1);
	ck_assert_int_eq(index_apply(&ix, RECORD_ENTRIES, all), ERR_NONE);
	struct pack p = {.dst = &b};
	buf_clear(&b);
	pack_u(&p, 99);
	pack_u(&p, FLAGS_SET);
	pack_u(&p, 1 << 9);
	pack_u(&p, FLAG_SYSTEM_ALL); /* these stay */
	pack_uids(&p, uids, 3);
	ck_assert_int_eq(index_apply(&ix, RECORD_FLAGS, buf_view(&b)), ERR_NONE);
	for (uint32_t i = 0; i < 10; i++) {
		struct message m, was = sample(i + 1);
		index_get(&ix, i, &m);
		bool named = i == 1 || i == 2 || i == 8;
		ck_assert_uint_eq(m.flags,
				  named ? (was.flags & FLAG_SYSTEM_ALL) | 1 << 9 : was.flags);
		ck_assert_uint_eq(m.modseq, named ? 99 : was.modseq);
	}
	buf_clear(&b);
	pack_u(&p, 100);
	pack_uids(&p, uids, 1);
	ck_assert_int_eq(index_apply(&ix, RECORD_RAISE, buf_view(&b)), ERR_NONE);
	struct message m;
	index_get(&ix, 1, &m);
	ck_assert_uint_eq(m.modseq, 100);
	index_free(&ix);
	buf_free(&b);
}
END_TEST

START_TEST(moved_messages_keep_their_flags_and_gone_ones_stay_gone)
{
	static const uint32_t gone[] = {4};
	struct index ix = {0};
	struct buf b;
	buf_init(&b, 10000);
	struct slice all = pack_samples(&b, 1, 6, 1);
	ck_assert_int_eq(index_apply(&ix, RECORD_ENTRIES, all), ERR_NONE);
	struct slice set = pack_set(&b, gone, 1);
	ck_assert_int_eq(index_apply(&ix, RECORD_EXPUNGE, set), ERR_NONE);
	struct message last = {0}, m = sample(3), n = sample(4);
	struct pack p = {.dst = &b};
	buf_clear(&b);
	m.slot = n.slot = 42;
	m.flags = 0;
	pack_message(&p, &last, &m);
	pack_message(&p, &last, &n);
	ck_assert_int_eq(index_apply(&ix, RECORD_MOVED, buf_view(&b)), ERR_NONE);
	ck_assert_uint_eq(ix.count, 5);
	index_get(&ix, 2, &m);
	ck_assert_uint_eq(m.slot, 42);
	ck_assert_uint_eq(m.flags, sample(3).flags);
	index_free(&ix);
	buf_free(&b);
}
END_TEST

SUITE_MAIN("journal record", group_is_bound_to_its_place, headers_come_back_and_damage_is_seen,
	   headers_of_older_versions_are_read_and_later_ones_known, fields_come_back,
	   uids_come_back_as_ranges, list_gives_back_what_records_put_in, expunge_closes_gaps,
	   flags_and_modseqs_change_for_the_named_only,
	   moved_messages_keep_their_flags_and_gone_ones_stay_gone)
