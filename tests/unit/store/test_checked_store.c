/* The checker is worth its promises only if it sees them broken: each row breaks one. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/ram_parts.h"
#include "store/ram_store.h"
#include "support/store_kit.h"

/* --- broken hooks: ram's, with one lie each --------------------------------------------------- */

static uint32_t position_too_far(struct mailbox *box, uint32_t uid)
{
	uint32_t at = store_ram_ops.position(box, uid);
	return at < box->messages ? at + 1 : at;
}

static uint32_t position_too_near(struct mailbox *box, uint32_t uid)
{
	uint32_t at = store_ram_ops.position(box, uid);
	return at ? at - 1 : at;
}

static enum err info_of_unknown_keyword(struct mailbox *box, uint32_t position,
					struct msg_info *info_out)
{
	enum err err = store_ram_ops.info(box, position, info_out);
	info_out->flags |= 1u << 31;
	return err;
}

static enum err commit_without_ticket(struct append *const *a, size_t n, uint64_t *ticket_out,
				      struct waiter *w)
{
	enum err err = store_ram_ops.append_commit(a, n, ticket_out, w);
	*ticket_out = 0;
	return err;
}

static enum err commit_with_old_uid(struct append *const *a, size_t n, uint64_t *ticket_out,
				    struct waiter *w)
{
	enum err err = store_ram_ops.append_commit(a, n, ticket_out, w);
	a[0]->targets[1].uid_out = a[0]->targets[0].uid_out;
	return err;
}

static enum err commit_invisible(struct append *const *a, size_t n, uint64_t *ticket_out,
				 struct waiter *w)
{
	enum err err = store_ram_ops.append_commit(a, n, ticket_out, w);
	a[0]->targets[0].uid_out += 100;
	return err;
}

static enum err commit_visible_too_early(struct append *const *a, size_t n, uint64_t *ticket_out,
					 struct waiter *w)
{
	enum err err = store_ram_slow_ops.append_commit(a, n, ticket_out, w);
	ram_reveal_all(a[0]->store);
	return err;
}

static enum err write_counts_itself(struct append *a, struct slice bytes, struct waiter *w)
{
	enum err err = store_ram_ops.append_write(a, bytes, w);
	a->size += bytes.len;
	return err;
}

static enum err open_waits_for_nothing(struct mailbox *box, struct waiter *w)
{
	(void)box;
	(void)w;
	return ERR_AGAIN;
}

static enum err read_stops_short(struct mailbox *box, const struct msg_info *info,
				 enum msg_part part, uint64_t offset, uint8_t *dst, size_t n,
				 size_t *got_out, struct waiter *w)
{
	enum err err = store_ram_ops.read(box, info, part, offset, dst, n, got_out, w);
	*got_out -= *got_out > 0;
	return err;
}

static enum err change_miscounts(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	enum err err = store_ram_ops.change(box, c, ticket_out);
	box->unseen++;
	return err;
}

static enum err change_takes_modseq_back(struct mailbox *box, struct msg_change *c,
					 uint64_t *ticket_out)
{
	enum err err = store_ram_ops.change(box, c, ticket_out);
	box->highest_modseq--;
	return err;
}

static enum err change_in_silence(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	struct list quiet;
	list_init(&quiet);
	list_splice_tail(&quiet, &box->listeners);
	enum err err = store_ram_ops.change(box, c, ticket_out);
	list_splice_tail(&box->listeners, &quiet);
	return err;
}

static enum err change_tells_twice(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	enum err err = store_ram_ops.change(box, c, ticket_out);
	struct box_event event = {.kind = BOX_EVENT_EXPUNGED,
				  .uids = c->uids,
				  .count = 1,
				  .modseq = box->highest_modseq,
				  .origin = c->origin};
	mailbox_announce(box, &event);
	return err;
}

static enum err change_loses_origin(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	struct msg_change lost = *c;
	lost.origin = NULL;
	enum err err = store_ram_ops.change(box, &lost, ticket_out);
	c->modseq_out = lost.modseq_out;
	return err;
}

static enum err change_fails_after_doing_it(struct mailbox *box, struct msg_change *c,
					    uint64_t *ticket_out)
{
	enum err err = store_ram_ops.change(box, c, ticket_out);
	*ticket_out = 0;
	return err ? err : ERR_FULL;
}

static enum err change_waits(struct mailbox *box, struct msg_change *c, uint64_t *ticket_out)
{
	(void)box;
	(void)c;
	(void)ticket_out;
	return ERR_AGAIN;
}

static enum err box_change_without_ticket(struct account *a, const struct box_plan *plan,
					  uint64_t *ticket_out)
{
	enum err err = store_ram_ops.box_change(a, plan, ticket_out);
	*ticket_out = 0;
	return err;
}

static enum err load_with_wrong_charge(struct account *a, bool create, uint64_t *ticket_out,
				       struct waiter *w)
{
	enum err err = store_ram_ops.account_load(a, create, ticket_out, w);
	a->used_bytes++;
	return err;
}

static void turn_takes_durability_back(struct store *st, bool is_idle)
{
	store_ram_ops.turn(st, is_idle);
	st->tickets_durable--;
}

/* --- a short day that meets every promise ----------------------------------------------------- */

static void short_day(struct kit *k)
{
	struct mailbox *box = kit_select(k, "INBOX");
	struct append_target targets[2] = {{.box = box}, {.box = box}};
	struct append *append = kit_begin(k, targets, 2);
	struct msg_info info;
	uint8_t byte[8];
	size_t got;
	if (kit_write(k, append, SLICE_LIT("letter")) || kit_commit(k, &append, 1))
		exit(3);
	append_end(&append);
	if (mailbox_info_uid(box, 2, &info) || mailbox_info_uid(box, 1, &info) ||
	    kit_read(k, box, &info, MSG_BODY, 0, byte, sizeof(byte), &got))
		exit(3);
	uint32_t uid = 1;
	struct msg_change c = {.kind = CHANGE_FLAGS,
			       .uids = &uid,
			       .count = 1,
			       .op = FLAGS_ADD,
			       .flags = FLAG_SEEN,
			       .unchanged_since = UINT64_MAX,
			       .origin = k};
	if (kit_change(k, box, &c))
		exit(3);
	c.kind = CHANGE_EXPUNGE;
	if (kit_change(k, box, &c) || kit_create(k, "a/b", 0))
		exit(3);
	kit_turn(k);
	mailbox_close(box);
}

/* The status of a process that lived the day on this backend. */
static int status_of_day_on(const struct store_ops *ops)
{
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		struct kit k;
		if (!freopen("/dev/null", "w", stderr))
			_exit(4);
		kit_open_ops(&k, store_checked(ops));
		short_day(&k);
		kit_close(&k);
		_exit(0);
	}
	int status = 0;
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

#define BROKEN(hook, by)                                                          \
	{                                                                         \
		struct store_ops ops = store_ram_ops;                             \
		ops.hook = by;                                                    \
		int status = status_of_day_on(&ops);                              \
		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, \
			      "nobody noticed: " #by);                            \
	}

START_TEST(kept_promises_pass)
{
	ck_assert_int_eq(status_of_day_on(&store_ram_ops), 0);
	ck_assert_int_eq(status_of_day_on(&store_ram_slow_ops), 0);
	ck_assert_str_eq(store_checked(&store_ram_ops)->name, "checked(ram)");
	ck_assert_ptr_eq(store_checked(&store_ram_ops), store_checked(&store_ram_ops));
}
END_TEST

START_TEST(broken_promises_are_noticed){
	BROKEN(position, position_too_far) BROKEN(position, position_too_near) BROKEN(
		info, info_of_unknown_keyword) BROKEN(append_commit, commit_without_ticket)
		BROKEN(append_commit, commit_with_old_uid) BROKEN(
			append_commit,
			commit_invisible) BROKEN(append_write,
						 write_counts_itself) BROKEN(box_open,
									     open_waits_for_nothing)
			BROKEN(read, read_stops_short) BROKEN(change, change_miscounts) BROKEN(
				change, change_takes_modseq_back) BROKEN(change, change_in_silence)
				BROKEN(change, change_tells_twice) BROKEN(change,
									  change_loses_origin)
					BROKEN(change, change_fails_after_doing_it) BROKEN(
						change,
						change_waits) BROKEN(box_change,
								     box_change_without_ticket)
						BROKEN(account_load, load_with_wrong_charge)
							BROKEN(turn,
							       turn_takes_durability_back)} END_TEST

	START_TEST(mail_shown_before_it_is_durable_is_noticed)
{
	struct store_ops ops = store_ram_slow_ops;
	ops.append_commit = commit_visible_too_early;
	int status = status_of_day_on(&ops);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
END_TEST

SUITE_MAIN("checked_store", kept_promises_pass, broken_promises_are_noticed,
	   mail_shown_before_it_is_durable_is_noticed)
