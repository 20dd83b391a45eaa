#include "support/suite.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/update.h"
#include "base/file.h"
#include "store/store_ops.h"
#include "support/app_kit.h"
#include "support/system_kit.h"

static const struct update_kit good = {
	.board = "box", .version = "9.0", .store_format = 2, .root_size = 150001};

struct world {
	struct app_kit app;
	struct system_kit kit;
	struct buf container;
	struct update *update;
};

static void open_world(struct world *w, const char *running, const struct update_kit *kit)
{
	*w = (struct world){0};
	app_kit_open(&w->app, &store_ram_ops, SERVICE_LMTP);
	system_kit_open(&w->kit, running);
	w->app.app.system = &w->kit.system;
	buf_init(&w->container, 1024 * 1024);
	if (kit)
		update_kit_make(kit, &w->container);
	ck_assert_int_eq(update_new(&w->app.app, &w->update), ERR_NONE);
}

static void close_world(struct world *w)
{
	update_free(&w->update);
	system_kit_close(&w->kit);
	w->app.app.system = NULL;
	buf_free(&w->container);
	app_kit_close(&w->app);
}

/* In pieces of this size, as fast as it takes them. */
static void feed(struct world *w, struct slice bytes, size_t piece_size)
{
	while (bytes.len) {
		struct slice piece = slice_upto(bytes, piece_size);
		size_t before = piece.len;
		enum err err = update_write(w->update, &piece, &w->app.session.waiter);
		bytes = slice_from(bytes, before - piece.len);
		if (err == ERR_AGAIN)
			app_kit_turn(&w->app);
		else
			ck_assert_int_eq(err, ERR_NONE);
	}
}

static enum update_fault finish(struct world *w)
{
	while (update_finish(w->update, &w->app.session.waiter) == ERR_AGAIN)
		app_kit_turn(&w->app);
	return update_result(w->update)->fault;
}

START_TEST(it_lies_in_the_slot_that_does_not_run)
{
	static const size_t sizes[] = {1, 1000, 1024, 32768, 1000000};
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct world w;
		open_world(&w, i % 2 ? "a\n" : "b", &good);
		system_kit_set(&w.kit, SYSTEM_SLOT_A, SLOT_GOOD, 6);
		system_kit_set(&w.kit, SYSTEM_SLOT_B, SLOT_GOOD, 4);
		feed(&w, buf_view(&w.container), sizes[i]);
		ck_assert_int_eq(finish(&w), UPDATE_GOOD);
		enum system_slot slot = i % 2 ? SYSTEM_SLOT_B : SYSTEM_SLOT_A;
		struct slot_view view = system_kit_look(&w.kit, slot);
		ck_assert_int_eq(update_result(w.update)->slot, slot);
		ck_assert_uint_eq(update_bytes(w.update), w.container.len);
		ck_assert_int_eq(view.record.state, SLOT_NEW);
		ck_assert_uint_eq(view.record.order, 7);
		ck_assert_str_eq(view.head.version, "9.0");
		struct update_medium m;
		struct update_head head;
		struct update_trust trust = {.key_pem = update_kit_key(), .board = "box"};
		ck_assert_int_eq(system_slot_open(w.kit.dir, slot, false, &m), ERR_NONE);
		ck_assert_int_eq(update_verify(&m, UPDATE_SLOT_OFFSET, &trust, &head), UPDATE_GOOD);
		update_medium_close(&m);
		close_world(&w);
	}
}
END_TEST

START_TEST(from_the_factory_system_the_better_slot_stays)
{
	static const struct {
		struct slot_record a, b;
		enum system_slot chosen;
	} rows[] = {
		{{SLOT_EMPTY, 0}, {SLOT_EMPTY, 0}, SYSTEM_SLOT_A},
		{{SLOT_GOOD, 1}, {SLOT_EMPTY, 0}, SYSTEM_SLOT_B},
		{{SLOT_GOOD, 1}, {SLOT_FAILED, 2}, SYSTEM_SLOT_B},
		{{SLOT_FAILED, 3}, {SLOT_GOOD, 2}, SYSTEM_SLOT_A},
		{{SLOT_GOOD, 3}, {SLOT_GOOD, 2}, SYSTEM_SLOT_B},
		{{SLOT_GOOD, 1}, {SLOT_GOOD, 2}, SYSTEM_SLOT_A},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w;
		open_world(&w, "factory", &good);
		system_kit_set(&w.kit, SYSTEM_SLOT_A, rows[i].a.state, rows[i].a.order);
		system_kit_set(&w.kit, SYSTEM_SLOT_B, rows[i].b.state, rows[i].b.order);
		feed(&w, buf_view(&w.container), 4096);
		ck_assert_int_eq(finish(&w), UPDATE_GOOD);
		ck_assert_msg(update_result(w.update)->slot == rows[i].chosen, "row %zu", i);
		close_world(&w);
	}
}
END_TEST

/* Both slots are as they were. */
static void check_untouched(struct world *w)
{
	ck_assert_int_eq(system_kit_look(&w->kit, SYSTEM_SLOT_A).record.state, SLOT_GOOD);
	ck_assert_int_eq(system_kit_look(&w->kit, SYSTEM_SLOT_B).record.state, SLOT_GOOD);
}

static void set_both_good(struct world *w)
{
	system_kit_set(&w->kit, SYSTEM_SLOT_A, SLOT_GOOD, 1);
	system_kit_set(&w->kit, SYSTEM_SLOT_B, SLOT_GOOD, 2);
}

START_TEST(what_is_refused_by_its_header_touches_nothing)
{
	static const struct {
		struct update_kit kit;
		enum update_fault fault;
	} rows[] = {
		{{"tin", "9", 2, 0, 50000, NULL}, UPDATE_OTHER_BOARD},
		{{"box", "9", 1, 0, 50000, NULL}, UPDATE_OLD_STORE},
		{{"box", "9", 2, 0, SYSTEM_KIT_SLOT_BYTES, NULL}, UPDATE_TOO_LARGE},
		{{"box", "", 2, 0, 50000, NULL}, UPDATE_MALFORMED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w;
		open_world(&w, "a", &rows[i].kit);
		set_both_good(&w);
		feed(&w, buf_view(&w.container), 4096);
		ck_assert_int_eq(finish(&w), rows[i].fault);
		check_untouched(&w);
		close_world(&w);
	}
}
END_TEST

START_TEST(nonsense_and_nothing_are_told_apart)
{
	static const struct {
		const char *bytes;
		enum update_fault fault;
	} rows[] = {{"", UPDATE_FOREIGN},
		    {"surel", UPDATE_FOREIGN},
		    {"surel-update 1\nboard=box\n", UPDATE_CUT}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w;
		open_world(&w, "a", NULL);
		set_both_good(&w);
		feed(&w, slice_str(rows[i].bytes), 3);
		ck_assert_int_eq(finish(&w), rows[i].fault);
		check_untouched(&w);
		close_world(&w);
	}
}
END_TEST

START_TEST(what_is_cut_longer_or_damaged_leaves_an_empty_slot)
{
	for (int kind = 0; kind < 3; kind++) {
		struct world w;
		open_world(&w, "a", &good);
		set_both_good(&w);
		if (kind == 0)
			w.container.len--;
		else if (kind == 1)
			ck_assert_int_eq(buf_add_byte(&w.container, 0), ERR_NONE);
		else
			w.container.bytes[70000] ^= 1;
		feed(&w, buf_view(&w.container), 4096);
		ck_assert_int_eq(finish(&w), kind == 0 ? UPDATE_CUT : UPDATE_DAMAGED);
		ck_assert_int_eq(system_kit_look(&w.kit, SYSTEM_SLOT_A).record.state, SLOT_GOOD);
		ck_assert_int_eq(system_kit_look(&w.kit, SYSTEM_SLOT_B).record.state, SLOT_EMPTY);
		close_world(&w);
	}
}
END_TEST

START_TEST(one_at_a_time_even_when_the_first_was_left)
{
	struct world w;
	struct update *second = NULL;
	open_world(&w, "a", &good);
	ck_assert_int_eq(update_new(&w.app.app, &second), ERR_IN_USE);
	/* Left while a worker is at it: its piece goes to its end first. */
	struct slice bytes = buf_view(&w.container);
	while (update_write(w.update, &bytes, &w.app.session.waiter) != ERR_AGAIN)
		ck_assert_uint_gt(bytes.len, 0);
	waiter_cancel(&w.app.session.waiter);
	update_free(&w.update);
	ck_assert_ptr_null(w.update);
	while (update_new(&w.app.app, &w.update) == ERR_IN_USE)
		app_kit_turn(&w.app);
	ck_assert_ptr_nonnull(w.update);
	ck_assert_int_eq(system_kit_look(&w.kit, SYSTEM_SLOT_B).record.state, SLOT_EMPTY);
	feed(&w, buf_view(&w.container), 4096);
	ck_assert_int_eq(finish(&w), UPDATE_GOOD);
	close_world(&w);
}
END_TEST

START_TEST(left_at_the_end_of_the_daemon_it_is_freed)
{
	struct world w;
	open_world(&w, "a", &good);
	struct slice bytes = buf_view(&w.container);
	while (update_write(w.update, &bytes, &w.app.session.waiter) != ERR_AGAIN)
		ck_assert_uint_gt(bytes.len, 0);
	waiter_cancel(&w.app.session.waiter);
	close_world(&w);
}
END_TEST

START_TEST(a_device_that_cannot_be_written_is_told)
{
	struct rlimit limit = {.rlim_cur = 100000, .rlim_max = RLIM_INFINITY};
	struct world w;
	open_world(&w, "a", &good);
	set_both_good(&w);
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	feed(&w, buf_view(&w.container), 4096);
	ck_assert_int_eq(finish(&w), UPDATE_UNWRITABLE);
	ck_assert_int_eq(system_kit_look(&w.kit, SYSTEM_SLOT_A).record.state, SLOT_GOOD);
	close_world(&w);
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	char path[128];
	open_world(&w, "a", &good); /* and one that is not there */
	ck_assert_int_eq(file_join(path, sizeof(path), w.kit.dir, "slot-b"), ERR_NONE);
	ck_assert_int_eq(unlink(path), 0);
	feed(&w, buf_view(&w.container), 4096);
	ck_assert_int_eq(finish(&w), UPDATE_UNWRITABLE);
	close_world(&w);
}
END_TEST

SUITE_MAIN("update", it_lies_in_the_slot_that_does_not_run,
	   from_the_factory_system_the_better_slot_stays,
	   what_is_refused_by_its_header_touches_nothing, nonsense_and_nothing_are_told_apart,
	   what_is_cut_longer_or_damaged_leaves_an_empty_slot,
	   one_at_a_time_even_when_the_first_was_left, left_at_the_end_of_the_daemon_it_is_freed,
	   a_device_that_cannot_be_written_is_told)
