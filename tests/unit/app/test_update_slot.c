#include "support/suite.h"

#include "app/update_slot.h"
#include "support/update_kit.h"

static struct slot_record parse(const char *text)
{
	uint8_t sector[UPDATE_SLOT_RECORD_BYTES] = {0};
	memcpy(sector, text, strlen(text));
	return slot_record_parse(slice_of(sector, sizeof(sector)));
}

START_TEST(records_are_text)
{
	uint8_t sector[UPDATE_SLOT_RECORD_BYTES];
	for (int state = 0; state < SLOT_STATES; state++) {
		struct slot_record there, record = {(enum slot_state)state, 41u + (unsigned)state};
		slot_record_print(record, sector);
		there = slot_record_parse(slice_of(sector, sizeof(sector)));
		ck_assert_int_eq(there.state, record.state);
		ck_assert_uint_eq(there.order, record.order);
	}
	slot_record_print((struct slot_record){SLOT_NEW, 7}, sector);
	ck_assert_str_eq((const char *)sector, "surel-slot 1\nstate=new\norder=7\n");
	ck_assert_uint_eq(sector[sizeof(sector) - 1], 0);
}
END_TEST

START_TEST(what_is_no_record_is_an_empty_slot)
{
	static const char *const texts[] = {
		"",
		"surel-slot 1\n",
		"surel-slot 2\nstate=good\norder=1\n",
		"surel-slot 1\nstate=best\norder=1\n",
		"surel-slot 1\nstate=good\n",
		"surel-slot 1\nstate=good\norder=\n",
		"surel-slot 1\nstate=good\norder=-1\n",
		"surel-slot 1\nstate=good\norder=1000000001\n",
		"surel-slot 1\nstate=good\norder=99999999999999999999\n",
		"surel-slot 1\norder=1\nstate=good\n"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct slot_record record = parse(texts[i]);
		ck_assert_msg(record.state == SLOT_EMPTY && record.order == 0, "%s", texts[i]);
	}
	ck_assert_int_eq(parse("surel-slot 1\nstate=good\norder=1000000000\nmore=x\n").state,
			 SLOT_GOOD);
}
END_TEST

static const struct update_kit good = {
	.board = "box-1", .version = "2.0", .store_format = 2, .root_size = 20000};
static struct buf container;
static uint8_t device[64 * 1024];

static enum update_fault put(unsigned fails_at)
{
	struct memory_medium m;
	struct update_head head;
	struct slice bytes = buf_view(&container);
	struct update_trust trust = {.key_pem = update_kit_key(), .board = "box-1"};
	ck_assert_int_eq(update_head_read(slice_upto(bytes, UPDATE_HEAD_BYTES), &trust, &head),
			 UPDATE_GOOD);
	memory_medium_open(&m, device, sizeof(device));
	m.fails_at = fails_at;
	if (slot_clear(&m.medium))
		return UPDATE_UNWRITABLE;
	for (size_t at = 0; at < bytes.len; at += 8192)
		if (slot_write(&m.medium, at, slice_between(bytes, at, at + 8192)))
			return UPDATE_UNWRITABLE;
	return slot_settle(&m.medium, bytes.ptr, &head, 5);
}

static struct slot_view look(void)
{
	struct memory_medium m;
	struct slot_view view;
	memory_medium_open(&m, device, sizeof(device));
	slot_look(&m.medium, &view);
	return view;
}

static void make(void)
{
	buf_free(&container);
	buf_init(&container, 1024 * 1024);
	update_kit_make(&good, &container);
}

START_TEST(a_written_slot_is_new_and_whole)
{
	make();
	ck_assert_int_eq(put(0), UPDATE_GOOD);
	struct slot_view view = look();
	ck_assert(view.is_there && view.has_head);
	ck_assert_int_eq(view.record.state, SLOT_NEW);
	ck_assert_uint_eq(view.record.order, 5);
	ck_assert_str_eq(view.head.version, "2.0");
	ck_assert_uint_eq(view.room, sizeof(device) - UPDATE_SLOT_OFFSET);
	buf_free(&container);
}
END_TEST

START_TEST(any_failure_leaves_it_empty_or_as_it_was)
{
	make();
	unsigned at = 1;
	for (;; at++) {
		slot_record_print((struct slot_record){SLOT_GOOD, 3}, device);
		enum update_fault fault = put(at);
		if (!fault)
			break;
		ck_assert(fault == UPDATE_UNWRITABLE || fault == UPDATE_UNREADABLE);
		/* Only the last record's own write may have arrived although its sync failed. */
		enum slot_state state = look().record.state;
		ck_assert_msg(at == 1 ? state == SLOT_GOOD
				      : state == SLOT_EMPTY || state == SLOT_NEW,
			      "call %u: %s", at, slot_state_name(state));
		if (state == SLOT_NEW)
			ck_assert_int_eq(put(at + 1), UPDATE_GOOD);
	}
	ck_assert_uint_gt(at, 10);
	buf_free(&container);
}
END_TEST

START_TEST(what_reads_back_otherwise_is_not_started)
{
	make();
	container.bytes[container.len - 1] ^= 1;
	ck_assert_int_eq(put(0), UPDATE_DAMAGED);
	ck_assert_int_eq(look().record.state, SLOT_EMPTY);
	buf_free(&container);
}
END_TEST

START_TEST(a_short_device_is_no_slot)
{
	struct memory_medium m;
	struct slot_view view;
	for (size_t size = 0; size < UPDATE_SLOT_OFFSET + UPDATE_HEAD_BYTES; size += 511) {
		memory_medium_open(&m, device, size);
		slot_look(&m.medium, &view);
		ck_assert(!view.is_there);
	}
}
END_TEST

SUITE_MAIN("update_slot", records_are_text, what_is_no_record_is_an_empty_slot,
	   a_written_slot_is_new_and_whole, any_failure_leaves_it_empty_or_as_it_was,
	   what_reads_back_otherwise_is_not_started, a_short_device_is_no_slot)
