/* store_kit.h - a store, an account and short words for what tests do with them.
 *
 * Every function that acts waits until the store is done (ERR_AGAIN, tickets) and fails the running
 * test when something goes wrong that the test did not ask for. Time stands still: kit_open freezes
 * the clock. Rows of store_variants that are persistent run a second time with jobs that are done
 * later, one in each kit_turn, and not in the order in which they came.
 *
 * A contract test is written once and runs on every row of store_variants:
 *
 *	START_TEST(appended_message_is_found)
 *	{
 *		struct kit k;
 *		kit_open(&k, _i);
 *		...
 *		kit_close(&k);
 *	}
 *	END_TEST
 *
 *	CONTRACT_MAIN("append", appended_message_is_found, ...)
 */
#pragma once

#include <check.h>
#include <stdio.h>

#include "store/store.h"
#include "support/store_variants.h"
#include "support/suite.h"

struct kit {
	const struct store_variant *variant;
	struct store_config config;
	struct store *st;
	struct account *a; /* "alice" */
	char dir[64];
	struct waiter waiter;
	unsigned wakes;
	struct job_runner runner;
	struct list jobs; /* struct job: handed in, not done */
	unsigned jobs_taken;
	char text[8192]; /* what kit_uids and kit_names return */
};

void kit_open(struct kit *k, int variant); /* account "alice" with its first mailboxes */
void kit_open_ops(struct kit *k, const struct store_ops *ops);
void kit_prepare(struct kit *k, int variant); /* all but opening: k->st and k->a are NULL */
void kit_close(struct kit *k);                /* all mailboxes must be closed before */
/* Closes the store and opens it again; one that is not persistent unloads the account instead. */
void kit_reopen(struct kit *k);

void kit_turn(struct kit *k);   /* the store's turn, then one job, when there is one */
void kit_settle(struct kit *k); /* turns until no job is left */
void kit_pause(struct kit *k);  /* after ERR_AGAIN: until the waiter is woken */
void kit_durable(struct kit *k, uint64_t ticket);
struct account *kit_account(struct kit *k, const char *name); /* opened, made if need be */

struct mailbox *kit_find(struct kit *k, const char *name);   /* it must be there */
struct mailbox *kit_select(struct kit *k, const char *name); /* found and opened */
enum err kit_create(struct kit *k, const char *name, uint32_t use);
enum err kit_delete(struct kit *k, const char *name);
enum err kit_rename(struct kit *k, const char *from, const char *to);
enum err kit_subscribe(struct kit *k, const char *name, bool wanted);
enum err kit_change_box(struct kit *k, const struct box_change *change);
/* All names in order: "INBOX+ Sent"; "?" before one that does not exist, "+" after a subscribed. */
const char *kit_names(struct kit *k);

/* One message for one mailbox; its UID. */
uint32_t kit_append(struct kit *k, struct mailbox *box, const char *body, flags_t flags);
enum err kit_try_append(struct kit *k, const struct append_meta *meta, struct slice body,
			struct slice summary, uint32_t *uid_out);
struct append *kit_begin(struct kit *k, struct append_target *targets, size_t count);
enum err kit_write(struct kit *k, struct append *append, struct slice bytes);
enum err kit_commit(struct kit *k, struct append *const *appends, size_t count); /* durable too */

/* The change, carried out and durable. */
enum err kit_change(struct kit *k, struct mailbox *box, struct msg_change *change);
enum err kit_flags(struct kit *k, struct mailbox *box, uint32_t uid, enum flags_op op,
		   flags_t flags);
enum err kit_expunge(struct kit *k, struct mailbox *box, uint32_t uid);
/* Copies or moves one message; its new UID. */
uint32_t kit_carry(struct kit *k, struct mailbox *box, uint32_t uid, enum msg_change_kind kind,
		   struct mailbox *target);

struct msg_info kit_info(struct mailbox *box, uint32_t uid);
const char *kit_uids(struct kit *k, struct mailbox *box); /* "1 2 5" */
enum err kit_read(struct kit *k, struct mailbox *box, const struct msg_info *info,
		  enum msg_part part, uint64_t offset, uint8_t *dst, size_t n, size_t *got_out);
void kit_assert_body(struct kit *k, struct mailbox *box, uint32_t uid, struct slice body);
/* Counters agree with the list, and the account's charge with its mailboxes. */
void kit_assert_counters(struct kit *k);

/* Writes down what a mailbox tells: "NEW;FLAGS 1 2;EXPUNGED 2;GONE;" */
struct kit_ear {
	struct box_listener listener;
	char text[4096];
	const void *last_origin;
	uint64_t last_modseq;
};
void kit_listen(struct kit_ear *ear, struct mailbox *box);
void kit_expect(struct kit_ear *ear, const char *heard); /* and forgets it */

#define CONTRACT_MAIN(name, ...)                                                        \
	int main(int argc, char **argv)                                                 \
	{                                                                               \
		const TTest *const contract_tests[] = {__VA_ARGS__};                    \
		return contract_run(name, contract_tests,                               \
				    sizeof(contract_tests) / sizeof(contract_tests[0]), \
				    argc > 1 ? argv[1] : NULL);                         \
	}
int contract_run(const char *name, const TTest *const *tests, size_t n, const char *filter);
