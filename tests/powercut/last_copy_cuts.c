/* Power fails at every step while an EXPUNGE puts last copies into the Trash: every message is somewhere
 * afterwards, none lies in the Trash with the mark \Deleted, and what was acknowledged is done. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/imap/imap_dispose.h"
#include "store/store_backend.h"
#include "support/cut_work.h"
#include "support/suite.h"

enum { SEGMENT = 16 * 1024, SLOTS = 100, MESSAGES = 24, COPIED = 8, FIRST_DATE = 1600000000 };

static struct mailbox *find(struct work *w, const char *name)
{
	struct mailbox *box = account_find(w->alice, slice_str(name));
	ck_assert_ptr_nonnull(box);
	return box;
}

static enum err open_box(struct work *w, struct mailbox *box)
{
	enum err err;
	while ((err = mailbox_open(box, NULL)) == ERR_AGAIN)
		store_turn(w->st, false);
	return err;
}

/* INBOX with all messages marked \Deleted; the first few have copies in the Archive. */
static struct emu_medium *make_store(void)
{
	struct work w;
	bool durable;
	uint64_t ticket = 0;
	uint32_t uids[MESSAGES];
	struct emu_medium *m = emu_new(SEGMENT, SLOTS);
	clock_freeze(1000, 1700000000);
	ck_assert_int_eq(work_open(&w, m, 0, 0), ERR_NONE);
	ck_assert_int_eq(work_do(&w, 0, &durable), ERR_NONE);
	for (unsigned i = 0; i < MESSAGES; i++) {
		ck_assert_int_eq(work_append(&w, w.alice, "INBOX", i, 100 + i), ERR_NONE);
		uids[i] = i + 1;
	}
	struct mailbox *inbox = find(&w, "INBOX");
	ck_assert_int_eq(open_box(&w, inbox), ERR_NONE);
	struct msg_change copy = {
		.kind = CHANGE_COPY, .uids = uids, .count = COPIED, .target = find(&w, "Archive")};
	ck_assert_int_eq(mailbox_change(inbox, &copy, &ticket), ERR_NONE);
	ck_assert_int_eq(work_wait(&w, ticket), ERR_NONE);
	struct msg_change mark = {.kind = CHANGE_FLAGS,
				  .uids = uids,
				  .count = MESSAGES,
				  .op = FLAGS_ADD,
				  .flags = FLAG_DELETED,
				  .unchanged_since = UINT64_MAX};
	ck_assert_int_eq(mailbox_change(inbox, &mark, &ticket), ERR_NONE);
	ck_assert_int_eq(work_wait(&w, ticket), ERR_NONE);
	mailbox_close(inbox);
	work_close(&w);
	emu_power_on(m);
	return m;
}

/* As EXPUNGE does it. ERR_NONE: acknowledged. */
static enum err expunge(struct work *w)
{
	struct login login = {.account = w->alice, .policy = {.imap_last_copy = LAST_COPY_TRASH}};
	/* Without a stream: whoever asks is told to pause. */
	struct imap_session s = {.base = {.login = &login, .is_over = true}};
	struct imap_dispose d = {.count = 0};
	struct mailbox *inbox = find(w, "INBOX");
	enum err err = open_box(w, inbox);
	if (err)
		return err;
	err = view_open(&s.view, inbox, false, NULL);
	for (d.count = 0; d.count < MESSAGES; d.count++)
		d.uids[d.count] = d.count + 1;
	while (!err && (err = imap_dispose(&s, &d)) == ERR_AGAIN) {
		store_turn(w->st, false);
		err = ERR_NONE;
	}
	imap_dispose_end(&d);
	if (!err)
		err = work_wait(w, s.ticket);
	view_close(&s.view);
	mailbox_close(inbox);
	return err;
}

/* Marks in `seen` what the mailbox holds; how many. */
static unsigned look(struct work *w, const char *name, bool *seen)
{
	struct mailbox *box = find(w, name);
	bool is_trash = box->special_use & USE_TRASH;
	ck_assert_int_eq(open_box(w, box), ERR_NONE);
	for (uint32_t i = 0; i < box->messages; i++) {
		struct msg_info info;
		ck_assert_int_eq(mailbox_info(box, i, &info), ERR_NONE);
		ck_assert(!is_trash || !(info.flags & FLAG_DELETED));
		seen[info.internal_date - FIRST_DATE] = true;
	}
	mailbox_close(box);
	return box->messages;
}

/* False when the power did not fail any more. */
static bool cut_once(const struct emu_medium *image, unsigned step, enum emu_cut kind)
{
	struct work w;
	bool seen[MESSAGES] = {false};
	struct emu_medium *m = emu_copy(image);
	clock_freeze(2000000, 1700001000);
	ck_assert_int_eq(work_open(&w, m, 0, 0), ERR_NONE);
	emu_cut_at(m, step, kind, step);
	enum err err = expunge(&w);
	bool is_done = !err;
	if (err)
		store_fail(w.st, ERR_IO);
	work_close(&w);
	bool was_cut = emu_power_on(m);
	ck_assert_int_eq(work_open(&w, m, 0, 0), ERR_NONE);
	unsigned here = look(&w, "INBOX", seen), in_trash = look(&w, "Trash", seen);
	look(&w, "Archive", seen);
	for (unsigned i = 0; i < MESSAGES; i++)
		ck_assert_msg(seen[i], "step %u kind %d: message %u is lost", step, (int)kind, i);
	if (is_done) {
		ck_assert_uint_eq(here, 0);
		ck_assert_uint_eq(in_trash, MESSAGES - COPIED);
	}
	work_close(&w);
	emu_free(m);
	return was_cut;
}

START_TEST(a_last_copy_is_never_lost)
{
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	struct emu_medium *image = make_store();
	unsigned steps = 1;
	while (cut_once(image, steps, (enum emu_cut)_i))
		steps++;
	ck_assert_uint_gt(steps, 4);
	emu_free(image);
}
END_TEST

int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	Suite *suite = suite_create("last copy cuts");
	TCase *tcase = tcase_create("cuts");
	tcase_add_loop_test(tcase, a_last_copy_is_never_lost, EMU_LOST, EMU_REORDERED + 1);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
