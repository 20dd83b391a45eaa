#include "support/suite.h"

#include "app/backup.h"
#include "app/restore.h"
#include "app/tar.h"
#include "proto/ingest.h"
#include "store/ram_store.h"
#include "support/app_kit.h"

enum { TURNS_MAX = 20000 };

static struct app_kit k;
static struct buf archive;

static void open_kit(void)
{
	app_kit_open(&k, &store_ram_slow_ops, SERVICE_LMTP);
	k.app.options.is_tool = true; /* else a new user would have the ports opened */
}

static void setup(void)
{
	buf_init(&archive, 16 * 1024 * 1024);
	open_kit();
	app_kit_add_user(&k, "alice", "a");
	app_kit_add_user(&k, "bob", "b");
}

static void teardown(void)
{
	app_kit_close(&k);
	buf_free(&archive);
}

static void add(const char *user, const char *mailbox, flags_t flags, const char *text,
		size_t times)
{
	struct account *account = app_kit_account(&k, user);
	struct append_target target = {.box = account_find(account, slice_str(mailbox)),
				       .flags = flags};
	struct append_meta meta = {
		.targets = &target, .target_count = 1, .internal_date = 837596665};
	struct ingest *in = NULL;
	uint64_t ticket = 0;
	enum err err = ingest_begin(k.app.host.store, &meta, &in);
	ck_assert_int_eq(err, ERR_NONE);
	for (size_t i = 0; i < times; i++) {
		while ((err = ingest_write(in, slice_str(text), &k.session.waiter)) == ERR_AGAIN)
			app_kit_turn(&k);
		ck_assert_int_eq(err, ERR_NONE);
	}
	ck_assert_int_eq(ingest_seal(in), ERR_NONE);
	while ((err = ingest_commit(&in, 1, &ticket, &k.session.waiter)) == ERR_AGAIN)
		app_kit_turn(&k);
	ck_assert_int_eq(err, ERR_NONE);
	while (store_wait(k.app.host.store, ticket, &k.session.waiter) == ERR_AGAIN)
		app_kit_turn(&k);
	ingest_end(&in);
	account_close(&account);
}

static enum err backup_piece(struct backup *b, struct slice *piece)
{
	enum err err;
	for (int i = 0; (err = backup_next(b, piece, &k.session.waiter)) == ERR_AGAIN; i++) {
		ck_assert_int_lt(i, TURNS_MAX);
		app_kit_turn(&k);
	}
	return err;
}

static void backup_all(const struct backup_options *options)
{
	struct backup *b = NULL;
	struct slice piece;
	buf_clear(&archive);
	ck_assert_int_eq(backup_new(&k.app, options, &b), ERR_NONE);
	do {
		ck_assert_int_eq(backup_piece(b, &piece), ERR_NONE);
		ck_assert_int_eq(buf_add_slice(&archive, piece), ERR_NONE);
	} while (piece.len);
	backup_free(&b);
}

/* The archive, or the first `len` octets of it; the error of the end. */
static enum err restore_some(size_t len, size_t piece_size, struct restore_report *report)
{
	struct restore_options options = {.settings = false};
	struct restore *r = NULL;
	struct slice rest = slice_upto(buf_view(&archive), len);
	enum err err = ERR_NONE;
	ck_assert_int_eq(restore_new(&k.app, &options, &r), ERR_NONE);
	while (rest.len && !err) {
		struct slice piece = slice_upto(rest, piece_size);
		rest = slice_from(rest, piece.len);
		for (int i = 0; err == ERR_AGAIN || (piece.len && !err); i++) {
			ck_assert_int_lt(i, TURNS_MAX);
			app_kit_turn(&k);
			err = restore_write(r, &piece, &k.session.waiter);
		}
	}
	enum err last;
	while ((last = restore_finish(r, &k.session.waiter)) == ERR_AGAIN)
		app_kit_turn(&k);
	*report = *restore_report(r);
	restore_free(&r);
	return err ? err : last;
}

static void fill(void)
{
	add("alice", "INBOX", FLAG_SEEN, "Subject: one\r\n\r\nx", 1);
	add("alice", "INBOX", 0, "Subject: two\r\n\r\nFrom here\r\n", 1);
	add("alice", "Archive", FLAG_FLAGGED, "0123456789abcdef", 6000);
	app_kit_change_box(&k, "bob", BOX_CREATE, "lists/.odd");
	add("bob", "lists/.odd", FLAG_DRAFT, "A: b\r\n\r\n", 1);
	add("bob", "Trash", 0, "", 0);
}

/* "alice INBOX id flags date size;" of every message. */
static void tell(struct buf *told)
{
	for (struct user *u = users_first(k.app.users); u; u = users_next(k.app.users, u)) {
		struct account *account = app_kit_account(&k, u->name);
		for (size_t i = 0; i < account->box_count; i++) {
			struct mailbox *box = account->boxes[i];
			struct msg_info info;
			while (mailbox_open(box, &k.session.waiter) == ERR_AGAIN)
				app_kit_turn(&k);
			for (uint32_t at = 0; !mailbox_info(box, at, &info); at++)
				ck_assert_int_eq(buf_addf(told, "%s %s %02x%02x%02x %u %lld %u;",
							  u->name, box->name, info.id.bytes[0],
							  info.id.bytes[7], info.id.bytes[15],
							  info.flags, (long long)info.internal_date,
							  info.size),
						 ERR_NONE);
			mailbox_close(box);
		}
		account_close(&account);
	}
}

START_TEST(all_of_it_comes_back_into_an_empty_box)
{
	static const size_t sizes[] = {1000000, 512, 77};
	struct buf before, after;
	struct restore_report report;
	struct backup_options all = {.form = BACKUP_TAR};
	setup();
	fill();
	buf_init(&before, 65536);
	buf_init(&after, 65536);
	tell(&before);
	backup_all(&all);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		app_kit_close(&k);
		open_kit();
		ck_assert_int_eq(restore_some(SIZE_MAX, sizes[i], &report), ERR_NONE);
		ck_assert(report.is_whole);
		ck_assert_uint_eq(report.messages, 5);
		ck_assert_uint_eq(report.users, 2);
		buf_clear(&after);
		tell(&after);
		ck_assert(slice_eq(buf_view(&before), buf_view(&after)));
		ck_assert_int_eq(restore_some(SIZE_MAX, sizes[i], &report), ERR_NONE);
		ck_assert_uint_eq(report.messages, 0);
		ck_assert_uint_eq(report.known, 5);
	}
	buf_free(&before);
	buf_free(&after);
	teardown();
}
END_TEST

START_TEST(a_cut_anywhere_keeps_what_was_whole)
{
	struct restore_report report;
	struct backup_options all = {.form = BACKUP_TAR};
	setup();
	fill();
	backup_all(&all);
	uint64_t taken = 0;
	app_kit_close(&k);
	open_kit();
	for (size_t cut = 0; cut < archive.len; cut += 4001) {
		ck_assert_int_eq(restore_some(cut, 4096, &report), ERR_SYNTAX);
		ck_assert_ptr_nonnull(report.why);
		ck_assert(!report.is_whole);
		taken += report.messages;
	}
	ck_assert_uint_ge(taken, 4);
	ck_assert_int_eq(restore_some(SIZE_MAX, 4096, &report), ERR_NONE);
	ck_assert_uint_eq(taken + report.messages, 5);
	teardown();
}
END_TEST

START_TEST(a_message_that_is_called_broken_is_not_taken)
{
	struct restore_report report;
	struct backup_options all = {.form = BACKUP_TAR};
	struct buf records, entry;
	setup();
	fill();
	backup_all(&all);
	buf_init(&records, 4096);
	buf_init(&entry, 65536);
	struct tar_header h = {TAR_FILE, SLICE_LIT("surel-backup/broken"), 0, 0};
	ck_assert_int_eq(tar_add_record(&records, "SUREL.kind", SLICE_LIT("broken")), ERR_NONE);
	ck_assert_int_eq(tar_add_header(&entry, &h, buf_view(&records)), ERR_NONE);
	/* Behind the last message: in front of the end. */
	buf_truncate(&archive, archive.len - (size_t)2 * TAR_BLOCK_BYTES);
	ck_assert_int_eq(buf_add_slice(&archive, buf_view(&entry)), ERR_NONE);
	ck_assert_int_eq(tar_add_end(&archive), ERR_NONE);
	app_kit_close(&k);
	open_kit();
	ck_assert_int_eq(restore_some(SIZE_MAX, 4096, &report), ERR_NONE);
	ck_assert_uint_eq(report.messages, 4);
	ck_assert_uint_eq(report.damaged, 1);
	buf_free(&records);
	buf_free(&entry);
	teardown();
}
END_TEST

START_TEST(an_id_of_nothing_but_zeros_is_no_id)
{
	struct restore_report report;
	struct backup_options all = {.form = BACKUP_TAR};
	setup();
	fill();
	backup_all(&all);
	size_t at = slice_find(buf_view(&archive), SLICE_LIT("SUREL.id="));
	ck_assert_uint_ne(at, SIZE_MAX);
	memset(archive.bytes + at + 9, '0', 32);
	app_kit_close(&k);
	open_kit();
	ck_assert_int_eq(restore_some(SIZE_MAX, 4096, &report), ERR_NONE);
	ck_assert_uint_eq(report.messages, 4);
	ck_assert_uint_eq(report.damaged, 1);
	teardown();
}
END_TEST

START_TEST(mail_that_goes_meanwhile_is_left_out)
{
	struct backup_options all = {.form = BACKUP_TAR};
	struct backup *b = NULL;
	struct slice piece;
	struct restore_report report;
	setup();
	fill();
	ck_assert_int_eq(backup_new(&k.app, &all, &b), ERR_NONE);
	for (int i = 0; i < 2; i++) { /* manifest, alice */
		ck_assert_int_eq(backup_piece(b, &piece), ERR_NONE);
		ck_assert_int_eq(buf_add_slice(&archive, piece), ERR_NONE);
	}
	app_kit_change_box(&k, "alice", BOX_DELETE, "Archive");
	app_kit_change_box(&k, "bob", BOX_DELETE, "lists/.odd");
	do {
		ck_assert_int_eq(backup_piece(b, &piece), ERR_NONE);
		ck_assert_int_eq(buf_add_slice(&archive, piece), ERR_NONE);
	} while (piece.len);
	backup_free(&b);
	app_kit_close(&k);
	open_kit();
	ck_assert_int_eq(restore_some(SIZE_MAX, 4096, &report), ERR_NONE);
	ck_assert_uint_le(report.messages, 4);
	ck_assert_uint_ge(report.messages, 3);
	ck_assert_uint_eq(report.damaged, 0);
	teardown();
}
END_TEST

START_TEST(a_backup_that_is_stopped_says_so)
{
	struct backup_options all = {.form = BACKUP_TAR};
	struct backup *b = NULL;
	struct slice piece;
	setup();
	fill();
	ck_assert_int_eq(backup_new(&k.app, &all, &b), ERR_NONE);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(backup_piece(b, &piece), ERR_NONE);
	ck_assert_str_eq(backup_owner(b), "alice");
	backup_stop(b);
	ck_assert_int_eq(backup_piece(b, &piece), ERR_CLOSED);
	backup_free(&b);
	teardown();
}
END_TEST

START_TEST(an_mbox_quotes_what_begins_with_from)
{
	struct backup_options mbox = {.form = BACKUP_MBOX, .user = "alice", .mailbox = "INBOX"};
	setup();
	fill();
	backup_all(&mbox);
	ck_assert(
		slice_eq_str(buf_view(&archive),
			     "From MAILER-DAEMON Wed Jul 17 09:44:25 1996\nStatus: RO\nX-Status: \n"
			     "Subject: one\n\nx\n\nFrom MAILER-DAEMON Wed Jul 17 09:44:25 1996\n"
			     "Status: O\nX-Status: \nSubject: two\n\n>From here\n\n"));
	teardown();
}
END_TEST

START_TEST(a_full_quota_refuses_and_goes_on)
{
	struct restore_report report;
	struct backup_options all = {.form = BACKUP_TAR};
	setup();
	fill();
	backup_all(&all);
	app_kit_close(&k);
	open_kit();
	k.app.settings.policy.quota_messages = 1;
	ck_assert_int_eq(restore_some(SIZE_MAX, 4096, &report), ERR_NONE);
	ck_assert_uint_eq(report.messages + report.refused, 5);
	ck_assert_uint_eq(
		app_kit_count(&k, "bob", "lists/.odd") + app_kit_count(&k, "bob", "Trash"), 1);
	teardown();
}
END_TEST

SUITE_MAIN("backup", all_of_it_comes_back_into_an_empty_box, a_cut_anywhere_keeps_what_was_whole,
	   a_message_that_is_called_broken_is_not_taken, an_id_of_nothing_but_zeros_is_no_id,
	   mail_that_goes_meanwhile_is_left_out, a_backup_that_is_stopped_says_so,
	   an_mbox_quotes_what_begins_with_from, a_full_quota_refuses_and_goes_on)
