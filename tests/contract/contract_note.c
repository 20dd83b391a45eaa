/* The octets that an owner keeps with a mailbox. */
#include <stdlib.h>

#include "support/store_kit.h"

static enum err note_set(struct kit *k, const char *name, struct slice note)
{
	struct box_change c = {.kind = BOX_SET_NOTE, .box = kit_find(k, name), .note = note};
	return kit_change_box(k, &c);
}

static enum err note_text(struct kit *k, const char *name, const char *text)
{
	return note_set(k, name, slice_str(text));
}

static void note_expect(struct kit *k, const char *name, const char *text)
{
	ck_assert(slice_eq_str(kit_find(k, name)->note, text));
}

/* Octets of all values, other ones for another seed. The caller frees. */
static struct slice note_noise(size_t len, unsigned seed)
{
	uint8_t *bytes = malloc(len);
	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(seed >> 24);
	}
	return slice_of(bytes, len);
}

START_TEST(note_is_set_replaced_and_cleared)
{
	struct kit k;
	kit_open(&k, _i);
	note_expect(&k, "INBOX", "");
	ck_assert_int_eq(note_text(&k, "INBOX", "one"), ERR_NONE);
	note_expect(&k, "INBOX", "one");
	ck_assert_int_eq(note_text(&k, "INBOX", "another one"), ERR_NONE);
	note_expect(&k, "INBOX", "another one");
	kit_reopen(&k);
	note_expect(&k, "INBOX", "another one");
	ck_assert_int_eq(note_text(&k, "INBOX", "2"), ERR_NONE);
	kit_reopen(&k);
	note_expect(&k, "INBOX", "2");
	ck_assert_int_eq(note_text(&k, "INBOX", ""), ERR_NONE);
	note_expect(&k, "INBOX", "");
	kit_reopen(&k);
	note_expect(&k, "INBOX", "");
	kit_close(&k);
}
END_TEST

START_TEST(note_is_a_copy_and_may_be_made_from_itself)
{
	struct kit k;
	char text[] = "mine";
	kit_open(&k, _i);
	ck_assert_int_eq(note_text(&k, "Sent", text), ERR_NONE);
	text[0] = 'f';
	note_expect(&k, "Sent", "mine");
	ck_assert_int_eq(note_set(&k, "Sent", slice_from(kit_find(&k, "Sent")->note, 1)), ERR_NONE);
	note_expect(&k, "Sent", "ine");
	kit_close(&k);
}
END_TEST

START_TEST(same_note_needs_no_ticket)
{
	struct kit k;
	uint64_t ticket = 99;
	kit_open(&k, _i);
	struct box_change c = {.kind = BOX_SET_NOTE, .box = kit_find(&k, "INBOX")};
	ck_assert_int_eq(account_change_box(k.a, &c, &ticket), ERR_NONE);
	ck_assert_uint_eq(ticket, 0);
	c.note = SLICE_LIT("x");
	ck_assert_int_eq(account_change_box(k.a, &c, &ticket), ERR_NONE);
	ck_assert_uint_ne(ticket, 0);
	kit_durable(&k, ticket);
	ck_assert_int_eq(account_change_box(k.a, &c, &ticket), ERR_NONE);
	ck_assert_uint_eq(ticket, 0);
	kit_close(&k);
}
END_TEST

START_TEST(note_has_any_octets_up_to_the_limit)
{
	struct kit k;
	kit_open(&k, _i);
	struct slice whole = note_noise(MAILBOX_NOTE_MAX_BYTES + 1, 7);
	ck_assert_int_eq(note_text(&k, "INBOX", "before"), ERR_NONE);
	ck_assert_int_eq(note_set(&k, "INBOX", whole), ERR_LIMIT);
	note_expect(&k, "INBOX", "before");
	struct slice most = slice_upto(whole, MAILBOX_NOTE_MAX_BYTES);
	ck_assert_int_eq(note_set(&k, "INBOX", most), ERR_NONE);
	for (int round = 0; round < 2; round++) {
		ck_assert(slice_eq(kit_find(&k, "INBOX")->note, most));
		kit_reopen(&k);
	}
	struct slice other = note_noise(MAILBOX_NOTE_MAX_BYTES, 8);
	ck_assert_int_eq(note_set(&k, "INBOX", other), ERR_NONE);
	kit_reopen(&k);
	ck_assert(slice_eq(kit_find(&k, "INBOX")->note, other));
	free((void *)(uintptr_t)whole.ptr);
	free((void *)(uintptr_t)other.ptr);
	kit_close(&k);
}
END_TEST

START_TEST(note_goes_where_its_mailbox_goes)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_create(&k, "a/b", 0), ERR_NONE);
	ck_assert_int_eq(note_text(&k, "a/b", "of b"), ERR_NONE);
	ck_assert_int_eq(note_text(&k, "a", "of a"), ERR_NONE);
	ck_assert_int_eq(kit_rename(&k, "a", "z"), ERR_NONE);
	note_expect(&k, "z", "of a");
	note_expect(&k, "z/b", "of b");
	kit_reopen(&k);
	note_expect(&k, "z", "of a");
	note_expect(&k, "z/b", "of b");
	struct mailbox *inbox = kit_select(&k, "INBOX");
	kit_append(&k, inbox, "letter", 0);
	ck_assert_int_eq(note_text(&k, "INBOX", "of the inbox"), ERR_NONE);
	ck_assert_int_eq(kit_rename(&k, "INBOX", "old"), ERR_NONE);
	mailbox_close(inbox);
	kit_reopen(&k);
	note_expect(&k, "INBOX", "of the inbox");
	note_expect(&k, "old", "");
	kit_close(&k);
}
END_TEST

START_TEST(note_ends_with_its_mailbox)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(note_text(&k, "Junk", "spam"), ERR_NONE);
	ck_assert_int_eq(note_text(&k, "Sent", "sent"), ERR_NONE);
	struct mailbox *junk = kit_select(&k, "Junk");
	ck_assert_int_eq(kit_delete(&k, "Junk"), ERR_NONE);
	ck_assert_uint_eq(junk->note.len, 0);
	struct box_change late = {.kind = BOX_SET_NOTE, .box = junk, .note = SLICE_LIT("late")};
	ck_assert_int_eq(kit_change_box(&k, &late), ERR_GONE);
	mailbox_close(junk);
	ck_assert_int_eq(kit_create(&k, "Junk", 0), ERR_NONE);
	note_expect(&k, "Junk", "");
	kit_reopen(&k);
	note_expect(&k, "Junk", "");
	note_expect(&k, "Sent", "sent");
	kit_close(&k);
}
END_TEST

START_TEST(only_mailboxes_that_exist_have_notes)
{
	struct kit k;
	kit_open(&k, _i);
	ck_assert_int_eq(kit_subscribe(&k, "nowhere", true), ERR_NONE);
	ck_assert_int_eq(note_text(&k, "nowhere", "x"), ERR_NOT_FOUND);
	struct box_change none = {.kind = BOX_SET_NOTE, .note = SLICE_LIT("x")};
	ck_assert_int_eq(kit_change_box(&k, &none), ERR_STATE);
	struct account *bob = kit_account(&k, "bob");
	none.box = account_find(bob, SLICE_LIT("INBOX"));
	ck_assert_int_eq(kit_change_box(&k, &none), ERR_STATE);
	account_close(&bob);
	kit_close(&k);
}
END_TEST

/* Mail, flags and names come and go around it. */
START_TEST(note_leaves_everything_else_alone)
{
	struct kit k;
	struct kit_ear ear;
	kit_open(&k, _i);
	struct mailbox *inbox = kit_select(&k, "INBOX");
	kit_append(&k, inbox, "first", 0);
	uint64_t modseq = inbox->highest_modseq;
	kit_listen(&ear, inbox);
	ck_assert_int_eq(note_text(&k, "INBOX", "noted"), ERR_NONE);
	kit_expect(&ear, "");
	ck_assert_uint_eq(inbox->highest_modseq, modseq);
	ck_assert_uint_eq(k.a->used_bytes, 5);
	kit_append(&k, inbox, "second", FLAG_SEEN);
	ck_assert_int_eq(kit_expunge(&k, inbox, 1), ERR_NONE);
	ck_assert_int_eq(kit_create(&k, "new", 0), ERR_NONE);
	note_expect(&k, "INBOX", "noted");
	note_expect(&k, "Sent", "");
	note_expect(&k, "new", "");
	mailbox_unlisten(&ear.listener);
	mailbox_close(inbox);
	for (int round = 0; round < 3; round++) {
		kit_reopen(&k);
		note_expect(&k, "INBOX", "noted");
		note_expect(&k, "Sent", "");
		inbox = kit_select(&k, "INBOX");
		ck_assert_str_eq(kit_uids(&k, inbox), "2");
		mailbox_close(inbox);
		kit_assert_counters(&k);
	}
	kit_close(&k);
}
END_TEST

CONTRACT_MAIN("note", note_is_set_replaced_and_cleared, note_is_a_copy_and_may_be_made_from_itself,
	      same_note_needs_no_ticket, note_has_any_octets_up_to_the_limit,
	      note_goes_where_its_mailbox_goes, note_ends_with_its_mailbox,
	      only_mailboxes_that_exist_have_notes, note_leaves_everything_else_alone)
