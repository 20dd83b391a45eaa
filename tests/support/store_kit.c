#include "support/store_kit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { KIT_PATIENCE = 10000, KIT_LINGER_MS = 61 * 1000 };

static void kit_woken(struct waiter *w)
{
	list_owner(w, struct kit, waiter)->wakes++;
}

static void kit_open_store(struct kit *k, const struct store_ops *ops)
{
	ck_assert_int_eq(store_open(ops, &k->config, &k->st), ERR_NONE);
	k->a = kit_account(k, "alice");
}

static void kit_submit(struct job_runner *runner, struct job *job)
{
	list_add_tail(&list_owner(runner, struct kit, runner)->jobs, &job->link);
}

/* Beyond the table: its persistent rows once more. */
static const struct store_variant *kit_late_variant(size_t n)
{
	for (size_t i = 0; i < store_variant_count; i++)
		if (store_variants[i].is_persistent && n-- == 0)
			return &store_variants[i];
	return NULL;
}

void kit_prepare(struct kit *k, int variant)
{
	bool is_late = variant >= (int)store_variant_count;
	clock_freeze(1000, 1700000000);
	*k = (struct kit){.runner = {.submit = kit_submit}};
	if (variant >= 0)
		k->variant = is_late ? kit_late_variant((size_t)variant - store_variant_count)
				     : &store_variants[variant];
	list_init(&k->jobs);
	waiter_init(&k->waiter, kit_woken);
	snprintf(k->dir, sizeof(k->dir), "/tmp/store-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(k->dir));
	k->config =
		(struct store_config){.path = k->dir, .runner = is_late ? &k->runner : &job_inline};
}

void kit_open_ops(struct kit *k, const struct store_ops *ops)
{
	kit_prepare(k, -1);
	kit_open_store(k, ops);
}

void kit_open(struct kit *k, int variant)
{
	kit_prepare(k, variant);
	kit_open_store(k, k->variant->ops());
}

static void kit_remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char below[4096];
		struct stat st;
		if (entry->d_name[0] == '.' && strspn(entry->d_name, ".") == strlen(entry->d_name))
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (lstat(below, &st) == 0 && S_ISDIR(st.st_mode))
			kit_remove_tree(below);
		else
			unlink(below);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

void kit_close(struct kit *k)
{
	kit_settle(k);
	account_close(&k->a);
	store_close(&k->st);
	kit_remove_tree(k->dir);
	clock_thaw();
}

void kit_reopen(struct kit *k)
{
	kit_settle(k);
	account_close(&k->a);
	if (k->variant && k->variant->is_persistent) {
		store_close(&k->st);
		kit_open_store(k, k->variant->ops());
		return;
	}
	clock_advance(KIT_LINGER_MS);
	store_turn(k->st, true);
	store_turn(k->st, true);
	k->a = kit_account(k, "alice");
}

static void kit_take_job(struct kit *k)
{
	if (list_is_empty(&k->jobs))
		return;
	bool oldest = k->jobs_taken++ % 3 < 2;
	struct list *link = oldest ? k->jobs.next : k->jobs.prev;
	struct job *job = list_owner(link, struct job, link);
	list_remove(link);
	job->run(job);
	job->done(job);
}

void kit_turn(struct kit *k)
{
	store_turn(k->st, false);
	kit_take_job(k);
}

void kit_settle(struct kit *k)
{
	for (unsigned turns = 0; k->st && (turns == 0 || !list_is_empty(&k->jobs)); turns++) {
		if (turns == KIT_PATIENCE)
			ck_abort_msg("the jobs never end");
		kit_turn(k);
	}
}

void kit_pause(struct kit *k)
{
	unsigned before = k->wakes;
	/* A passed ck_assert asks for memory, which tests of failing allocation count. */
	if (!waiter_is_waiting(&k->waiter))
		ck_abort_msg("ERR_AGAIN, but the waiter is nowhere");
	for (unsigned turns = 0; k->wakes == before; turns++) {
		if (turns == KIT_PATIENCE)
			ck_abort_msg("the waiter is never woken");
		kit_turn(k);
	}
	if (waiter_is_waiting(&k->waiter))
		ck_abort_msg("woken, and still waiting");
}

/* Calls again and again, as the contract says. */
#define kit_until_done(k, err, call)          \
	while (((err) = (call)) == ERR_AGAIN) \
	kit_pause(k)

void kit_durable(struct kit *k, uint64_t ticket)
{
	enum err err;
	kit_until_done(k, err, store_wait(k->st, ticket, &k->waiter));
	ck_assert_str_eq(err_name(err), "ERR_NONE");
}

struct account *kit_account(struct kit *k, const char *name)
{
	struct account *a = NULL;
	uint64_t ticket = 0;
	enum err err;
	kit_until_done(k, err, account_open(k->st, slice_str(name), true, &a, &ticket, &k->waiter));
	ck_assert_str_eq(err_name(err), "ERR_NONE");
	kit_durable(k, ticket);
	return a;
}

/* --- mailboxes -------------------------------------------------------------------------------- */

struct mailbox *kit_find(struct kit *k, const char *name)
{
	struct mailbox *box = account_find(k->a, slice_str(name));
	ck_assert_msg(box != NULL, "no mailbox %s", name);
	return box;
}

struct mailbox *kit_select(struct kit *k, const char *name)
{
	enum err err;
	kit_until_done(k, err, mailbox_open(kit_find(k, name), &k->waiter));
	ck_assert_str_eq(err_name(err), "ERR_NONE");
	return kit_find(k, name);
}

enum err kit_change_box(struct kit *k, const struct box_change *change)
{
	uint64_t ticket = 0;
	enum err err = account_change_box(k->a, change, &ticket);
	if (!err)
		kit_durable(k, ticket);
	return err;
}

enum err kit_create(struct kit *k, const char *name, uint32_t use)
{
	struct box_change c = {.kind = BOX_CREATE, .name = slice_str(name), .special_use = use};
	return kit_change_box(k, &c);
}

enum err kit_delete(struct kit *k, const char *name)
{
	struct box_change c = {.kind = BOX_DELETE, .box = kit_find(k, name)};
	return kit_change_box(k, &c);
}

enum err kit_rename(struct kit *k, const char *from, const char *to)
{
	struct box_change c = {.kind = BOX_RENAME,
			       .box = account_find(k->a, slice_str(from)),
			       .old_name = slice_str(from),
			       .name = slice_str(to)};
	return kit_change_box(k, &c);
}

enum err kit_subscribe(struct kit *k, const char *name, bool wanted)
{
	struct box_change c = {.kind = wanted ? BOX_SUBSCRIBE : BOX_UNSUBSCRIBE,
			       .name = slice_str(name)};
	return kit_change_box(k, &c);
}

const char *kit_names(struct kit *k)
{
	size_t at = 0;
	k->text[0] = '\0';
	for (size_t i = 0; i < k->a->box_count; i++) {
		const struct mailbox *box = k->a->boxes[i];
		at += (size_t)snprintf(k->text + at, sizeof(k->text) - at, "%s%s%s%s", i ? " " : "",
				       box->exists ? "" : "?", box->name,
				       box->is_subscribed ? "+" : "");
	}
	return k->text;
}

/* --- appending -------------------------------------------------------------------------------- */

struct append *kit_begin(struct kit *k, struct append_target *targets, size_t count)
{
	struct append_meta meta = {
		.targets = targets, .target_count = count, .internal_date = 1234567890};
	struct append *append = NULL;
	ck_assert_int_eq(append_begin(k->st, &meta, &append), ERR_NONE);
	return append;
}

enum err kit_write(struct kit *k, struct append *append, struct slice bytes)
{
	enum err err;
	kit_until_done(k, err, append_write(append, bytes, &k->waiter));
	return err;
}

enum err kit_commit(struct kit *k, struct append *const *appends, size_t count)
{
	uint64_t ticket = 0;
	enum err err;
	kit_until_done(k, err, append_commit(appends, count, &ticket, &k->waiter));
	if (!err)
		kit_durable(k, ticket);
	return err;
}

enum err kit_try_append(struct kit *k, const struct append_meta *meta, struct slice body,
			struct slice summary, uint32_t *uid_out)
{
	struct append *append = NULL;
	enum err err = append_begin(k->st, meta, &append);
	if (!err)
		err = kit_write(k, append, body);
	if (!err) {
		append->summary = summary;
		err = kit_commit(k, &append, 1);
	}
	if (!err)
		*uid_out = append->targets[0].uid_out;
	append_end(&append);
	ck_assert_ptr_null(append);
	return err;
}

uint32_t kit_append(struct kit *k, struct mailbox *box, const char *body, flags_t flags)
{
	struct append_target target = {.box = box, .flags = flags};
	struct append_meta meta = {
		.targets = &target, .target_count = 1, .internal_date = 1234567890};
	uint32_t uid = 0;
	enum err err = kit_try_append(k, &meta, slice_str(body), SLICE_EMPTY, &uid);
	ck_assert_str_eq(err_name(err), "ERR_NONE");
	return uid;
}

/* --- changing --------------------------------------------------------------------------------- */

enum err kit_change(struct kit *k, struct mailbox *box, struct msg_change *change)
{
	uint64_t ticket = 0;
	enum err err = mailbox_change(box, change, &ticket);
	if (!err)
		kit_durable(k, ticket);
	return err;
}

enum err kit_flags(struct kit *k, struct mailbox *box, uint32_t uid, enum flags_op op,
		   flags_t flags)
{
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = &uid,
			       .count = 1,
			       .op = op,
			       .flags = flags,
			       .unchanged_since = UINT64_MAX};
	return kit_change(k, box, &c);
}

enum err kit_expunge(struct kit *k, struct mailbox *box, uint32_t uid)
{
	struct msg_change c = {.kind = CHANGE_EXPUNGE, .uids = &uid, .count = 1};
	return kit_change(k, box, &c);
}

uint32_t kit_carry(struct kit *k, struct mailbox *box, uint32_t uid, enum msg_change_kind kind,
		   struct mailbox *target)
{
	uint32_t new_uid = 0;
	struct msg_change c = {
		.kind = kind, .uids = &uid, .count = 1, .target = target, .uids_out = &new_uid};
	enum err err = kit_change(k, box, &c);
	ck_assert_str_eq(err_name(err), "ERR_NONE");
	return new_uid;
}

/* --- looking ---------------------------------------------------------------------------------- */

struct msg_info kit_info(struct mailbox *box, uint32_t uid)
{
	struct msg_info info;
	enum err err = mailbox_info_uid(box, uid, &info);
	ck_assert_msg(err == ERR_NONE, "uid %u: %s", uid, err_name(err));
	return info;
}

const char *kit_uids(struct kit *k, struct mailbox *box)
{
	size_t at = 0;
	k->text[0] = '\0';
	for (uint32_t i = 0; i < box->messages; i++) {
		struct msg_info info;
		ck_assert_int_eq(mailbox_info(box, i, &info), ERR_NONE);
		at += (size_t)snprintf(k->text + at, sizeof(k->text) - at, "%s%u", i ? " " : "",
				       info.uid);
	}
	return k->text;
}

enum err kit_read(struct kit *k, struct mailbox *box, const struct msg_info *info,
		  enum msg_part part, uint64_t offset, uint8_t *dst, size_t n, size_t *got_out)
{
	enum err err;
	kit_until_done(k, err, mailbox_read(box, info, part, offset, dst, n, got_out, &k->waiter));
	return err;
}

void kit_assert_body(struct kit *k, struct mailbox *box, uint32_t uid, struct slice body)
{
	struct msg_info info = kit_info(box, uid);
	uint8_t *bytes = malloc(body.len + 1);
	size_t got = 0;
	ck_assert_uint_eq(info.size, body.len);
	enum err err = kit_read(k, box, &info, MSG_BODY, 0, bytes, body.len + 1, &got);
	ck_assert_msg(err == ERR_NONE, "uid %u: %s", uid, err_name(err));
	ck_assert(slice_eq(slice_of(bytes, got), body));
	free(bytes);
}

static void kit_assert_box(struct kit *k, struct mailbox *box)
{
	uint32_t unseen = 0, deleted = 0, last_uid = 0;
	uint64_t bytes = 0;
	struct msg_info info;
	enum err err;
	kit_until_done(k, err, mailbox_open(box, &k->waiter));
	ck_assert_int_eq(err, ERR_NONE);
	for (uint32_t i = 0; mailbox_info(box, i, &info) == ERR_NONE; i++) {
		ck_assert_uint_gt(info.uid, last_uid);
		ck_assert_uint_lt(info.uid, box->uid_next);
		ck_assert_uint_le(info.modseq, box->highest_modseq);
		last_uid = info.uid;
		bytes += info.size;
		unseen += !(info.flags & FLAG_SEEN);
		deleted += (info.flags & FLAG_DELETED) != 0;
	}
	ck_assert_uint_eq(mailbox_position(box, UINT32_MAX), box->messages);
	ck_assert_uint_eq(box->unseen, unseen);
	ck_assert_uint_eq(box->deleted, deleted);
	ck_assert_uint_eq(box->size_bytes, bytes);
	mailbox_close(box);
}

void kit_assert_counters(struct kit *k)
{
	uint64_t bytes = 0, messages = 0;
	for (size_t i = 0; i < k->a->box_count; i++) {
		struct mailbox *box = k->a->boxes[i];
		if (!box->exists)
			continue;
		kit_assert_box(k, box);
		bytes += box->size_bytes;
		messages += box->messages;
	}
	ck_assert_uint_eq(k->a->used_bytes, bytes);
	ck_assert_uint_eq(k->a->used_messages, messages);
}

/* --- listening -------------------------------------------------------------------------------- */

static void kit_hear(struct box_listener *listener, const struct box_event *event)
{
	static const char *const kinds[] = {"NEW", "FLAGS", "EXPUNGED", "GONE"};
	struct kit_ear *ear = list_owner(listener, struct kit_ear, listener);
	size_t at = strlen(ear->text), size = sizeof(ear->text);
	at += (size_t)snprintf(ear->text + at, size - at, "%s", kinds[event->kind]);
	for (size_t i = 0; i < event->count; i++)
		at += (size_t)snprintf(ear->text + at, size - at, " %u", event->uids[i]);
	snprintf(ear->text + at, size - at, ";");
	ear->last_origin = event->origin;
	ear->last_modseq = event->modseq;
}

void kit_listen(struct kit_ear *ear, struct mailbox *box)
{
	*ear = (struct kit_ear){.listener = {.on_event = kit_hear}};
	mailbox_listen(box, &ear->listener);
}

void kit_expect(struct kit_ear *ear, const char *heard)
{
	ck_assert_str_eq(ear->text, heard);
	ear->text[0] = '\0';
}

/* --- running ---------------------------------------------------------------------------------- */

int contract_run(const char *name, const TTest *const *tests, size_t n, const char *filter)
{
	Suite *suite = suite_create(name);
	size_t rows = store_variant_count;
	while (kit_late_variant(rows - store_variant_count))
		rows++;
	for (size_t i = 0; i < n; i++) {
		if (filter && !strstr(tests[i]->name, filter))
			continue;
		TCase *tcase = tcase_create(tests[i]->name);
		tcase_set_timeout(tcase, 60);
		tcase_add_loop_test(tcase, tests[i], 0, (int)rows);
		suite_add_tcase(suite, tcase);
	}
	for (size_t i = 0; i < rows; i++)
		printf("variant %zu: %s%s\n", i,
		       i < store_variant_count ? store_variants[i].name
					       : kit_late_variant(i - store_variant_count)->name,
		       i < store_variant_count ? "" : ", jobs done later");
	fflush(stdout);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int ran = srunner_ntests_run(runner);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return ran > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
