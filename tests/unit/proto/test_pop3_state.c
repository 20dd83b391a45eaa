/* The note of POP3 against a naive model: one entry for each UID and device. */
#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/codec.h"
#include "proto/pop3/pop3_note.h"
#include "support/fake_host.h"

enum { UIDS = 300, MODELS = 4, NOTE_MAX = MAILBOX_NOTE_MAX_BYTES };

struct model_entry {
	bool is_downloaded, is_hidden;
	uint32_t downloaded_day, hidden_day, downloaded_waits, hidden_waits;
};
struct model {
	const char *label;
	bool is_known;
	struct model_entry uids[UIDS + 1];
};

static uint32_t seed;
static uint32_t roll(uint32_t n) /* from 0 to n - 1 */
{
	seed = seed * 1103515245u + 12345;
	return (seed >> 8) % n;
}

static uint32_t later(uint32_t a, uint32_t b)
{
	return !a || !b ? 0 : a > b ? a : b;
}

static void model_note(struct model_entry *e, bool is_hidden, uint32_t day, uint32_t waits)
{
	if (is_hidden) {
		e->hidden_day = e->is_hidden ? later(e->hidden_day, day) : day;
		e->hidden_waits |= waits;
		e->is_hidden = true;
	} else {
		e->downloaded_day = e->is_downloaded ? later(e->downloaded_day, day) : day;
		e->downloaded_waits |= waits;
		e->is_downloaded = true;
	}
}

static void check_runs(const struct pop3_runs *r, const struct model *m, bool is_hidden)
{
	for (uint32_t i = 1; i < r->count; i++)
		ck_assert_uint_gt(r->at[i].first, r->at[i - 1].last);
	for (uint32_t uid = 1; uid <= UIDS; uid++) {
		const struct pop3_run *run = pop3_runs_find(r, uid);
		const struct model_entry *e = &m->uids[uid];
		ck_assert_int_eq(run != NULL, is_hidden ? e->is_hidden : e->is_downloaded);
		if (!run)
			continue;
		ck_assert_uint_eq(run->day, is_hidden ? e->hidden_day : e->downloaded_day);
		ck_assert_uint_eq(run->waits, is_hidden ? e->hidden_waits : e->downloaded_waits);
	}
}

static void check_state(struct pop3_state *s, const struct model *models)
{
	for (size_t i = 0; i < MODELS; i++) {
		struct pop3_device *device = pop3_state_find(s, models[i].label);
		ck_assert_ptr_nonnull(device);
		ck_assert_int_eq(device->is_known, models[i].is_known);
		check_runs(&device->downloaded, &models[i], false);
		check_runs(&device->hidden, &models[i], true);
	}
}

/* What every known device is done with, and since when, by the model. */
static void check_done(const struct pop3_state *s, const struct model *models)
{
	struct pop3_runs done;
	ck_assert_int_eq(pop3_state_done(s, true, &done), ERR_NONE);
	for (uint32_t uid = 1; uid <= UIDS; uid++) {
		bool is_done = true, is_any = false;
		uint32_t day = 1, waits = 0;
		for (size_t i = 0; i < MODELS; i++) {
			const struct model_entry *e = &models[i].uids[uid];
			if (!models[i].is_known)
				continue;
			is_any = true;
			is_done = is_done && (e->is_downloaded || e->is_hidden);
			if (e->is_downloaded)
				day = later(day, e->downloaded_day);
			if (e->is_hidden)
				day = later(day, e->hidden_day);
			waits |= e->downloaded_waits | e->hidden_waits;
		}
		const struct pop3_run *run = pop3_runs_find(&done, uid);
		ck_assert_int_eq(run != NULL, is_any && is_done);
		if (run) {
			ck_assert_uint_eq(run->day, day);
			ck_assert_uint_eq(run->waits, waits);
		}
	}
	pop3_runs_free(&done);
	ck_assert_int_eq(pop3_state_done(s, false, &done), ERR_NONE);
	check_runs(&done, &models[0], false);
	pop3_runs_free(&done);
}

static void recode(struct pop3_state *s)
{
	struct buf note, again;
	struct pop3_state copy;
	buf_init(&note, NOTE_MAX);
	buf_init(&again, NOTE_MAX);
	ck_assert_int_eq(pop3_state_encode(s, &note), ERR_NONE);
	ck_assert_int_eq(pop3_state_decode(&copy, buf_view(&note)), ERR_NONE);
	ck_assert_int_eq(pop3_state_encode(&copy, &again), ERR_NONE);
	ck_assert(slice_eq(buf_view(&note), buf_view(&again)));
	ck_assert_int_eq(copy.window_s, s->window_s);
	ck_assert_uint_eq(copy.window_uid, s->window_uid);
	ck_assert_uint_eq(copy.uid_validity, s->uid_validity);
	pop3_state_free(s);
	*s = copy;
	buf_free(&note);
	buf_free(&again);
}

START_TEST(a_state_says_what_a_naive_model_says)
{
	static struct model models[MODELS];
	static const char *const labels[MODELS] = {"", "phone", "desk",
						   "a.tablet_of-32-octets.12345678"};
	for (seed = 1; seed < 40; seed += 3) {
		struct pop3_state s;
		pop3_state_init(&s, 77);
		memset(models, 0, sizeof(models));
		for (size_t i = 0; i < MODELS; i++) {
			struct pop3_device *device;
			models[i].label = labels[i];
			models[i].is_known = roll(3) > 0;
			ck_assert_int_eq(pop3_state_add(&s, labels[i], &device), ERR_NONE);
			device->is_known = models[i].is_known;
		}
		for (int round = 0; round < 60; round++) {
			struct model *m = &models[roll(MODELS)];
			struct pop3_runs runs = {.at = NULL};
			bool is_hidden = roll(3) == 0;
			uint32_t day = roll(8) ? 20000 + roll(5) : 0, waits = roll(3);
			for (uint32_t uid = 1 + roll(40); uid <= UIDS;) {
				uint32_t last = uid + roll(30);
				last = last > UIDS ? UIDS : last;
				struct pop3_run run = {uid, last, day, waits};
				ck_assert_int_eq(pop3_runs_push(&runs, run), ERR_NONE);
				for (; uid <= last; uid++)
					model_note(&m->uids[uid], is_hidden, day, waits);
				uid += roll(60);
			}
			struct pop3_device *device = pop3_state_find(&s, m->label);
			ck_assert_int_eq(
				pop3_runs_unite(is_hidden ? &device->hidden : &device->downloaded,
						&runs),
				ERR_NONE);
			pop3_runs_free(&runs);
			if (round % 7 == 0)
				recode(&s);
			if (round % 5 == 0)
				check_state(&s, models);
			if (round % 11 == 0)
				check_done(&s, models);
		}
		s.window_uid = 17;
		s.window_s = 1790000000;
		recode(&s);
		check_state(&s, models);
		check_done(&s, models);
		pop3_state_free(&s);
	}
}
END_TEST

START_TEST(days_that_were_not_known_become_known)
{
	struct pop3_state s;
	pop3_state_init(&s, 1);
	ck_assert_int_eq(pop3_runs_push(&s.devices[0].downloaded, (struct pop3_run){5, 9, 0, 0}),
			 ERR_NONE);
	ck_assert_int_eq(pop3_runs_push(&s.devices[0].downloaded, (struct pop3_run){10, 11, 7, 0}),
			 ERR_NONE);
	ck_assert(pop3_state_set_day(&s, 12));
	ck_assert(!pop3_state_set_day(&s, 13));
	ck_assert_uint_eq(pop3_runs_find(&s.devices[0].downloaded, 6)->day, 12);
	ck_assert_uint_eq(pop3_runs_find(&s.devices[0].downloaded, 10)->day, 7);
	pop3_state_free(&s);
}
END_TEST

START_TEST(devices_are_limited_and_can_be_forgotten)
{
	struct pop3_state s;
	struct pop3_device *device;
	char label[16];
	pop3_state_init(&s, 1);
	for (int i = 0; i < POP3_DEVICES_MAX; i++) {
		snprintf(label, sizeof(label), "d%d", i);
		ck_assert_int_eq(pop3_state_add(&s, label, &device), ERR_NONE);
		ck_assert_int_eq(pop3_runs_push(&device->hidden,
						(struct pop3_run){1, (uint32_t)i + 1, 5, 0}),
				 ERR_NONE);
	}
	ck_assert_int_eq(pop3_state_add(&s, "one.more", &device), ERR_LIMIT);
	ck_assert_int_eq(pop3_state_add(&s, "d3", &device), ERR_NONE);
	ck_assert_int_eq(pop3_state_add(&s, "", &device), ERR_NONE);
	device->is_known = true;
	ck_assert(pop3_state_forget(&s, "d3"));
	ck_assert(!pop3_state_forget(&s, "d3"));
	ck_assert(pop3_state_forget(&s, ""));
	ck_assert(!pop3_state_forget(&s, ""));
	ck_assert_ptr_null(pop3_state_find(&s, "d3"));
	ck_assert_uint_eq(pop3_state_find(&s, "d4")->hidden.at[0].last, 5);
	ck_assert_int_eq(pop3_state_add(&s, "a-label-of-33-octets-is-too-long!", &device),
			 ERR_LIMIT);
	ck_assert_int_eq(pop3_state_add(&s, "one.more", &device), ERR_NONE);
	ck_assert_uint_eq(device->hidden.count, 0);
	pop3_state_reset(&s);
	ck_assert_ptr_nonnull(pop3_state_find(&s, "d4"));
	ck_assert_uint_eq(pop3_state_find(&s, "d4")->hidden.count, 0);
	pop3_state_free(&s);
}
END_TEST

/* --- room -------------------------------------------------------------------------------------- */

static void fill(struct pop3_runs *r, uint32_t runs, uint32_t length, uint32_t gap, uint32_t days)
{
	uint32_t uid = 1;
	for (uint32_t i = 0; i < runs; i++) {
		struct pop3_run run = {uid, uid + length - 1, 20000 + i % days * 100, 0};
		ck_assert_int_eq(pop3_runs_push(r, run), ERR_NONE);
		uid += length + gap;
	}
}

START_TEST(too_many_days_become_the_later_day)
{
	struct pop3_state s;
	struct buf note;
	buf_init(&note, NOTE_MAX);
	pop3_state_init(&s, 1);
	fill(&s.devices[0].downloaded, 20000, 3, 0, 7);
	ck_assert_int_eq(pop3_state_encode(&s, &note), ERR_LIMIT);
	ck_assert_uint_eq(note.len, 0);
	ck_assert_int_eq(pop3_state_fit(&s, &note), ERR_NONE);
	ck_assert_uint_eq(s.devices[0].downloaded.count, 1);
	ck_assert_uint_eq(s.devices[0].downloaded.at[0].day, 20600);
	ck_assert_uint_eq(s.devices[0].downloaded.at[0].last, 60000);
	pop3_state_free(&s);
	buf_free(&note);
}
END_TEST

START_TEST(too_many_gaps_forget_downloads_never_what_is_hidden)
{
	struct pop3_state s, decoded;
	struct pop3_device *phone;
	struct buf note;
	buf_init(&note, NOTE_MAX);
	pop3_state_init(&s, 1);
	ck_assert_int_eq(pop3_state_add(&s, "phone", &phone), ERR_NONE);
	fill(&s.devices[0].downloaded, 30000, 2, 2, 3);
	fill(&phone->downloaded, 1000, 2, 2, 3);
	fill(&phone->hidden, 5000, 1, 1, 1);
	ck_assert_int_eq(pop3_state_fit(&s, &note), ERR_NONE);
	ck_assert_uint_le(note.len, NOTE_MAX);
	ck_assert_int_eq(pop3_state_decode(&decoded, buf_view(&note)), ERR_NONE);
	phone = pop3_state_find(&decoded, "phone");
	ck_assert_uint_eq(phone->hidden.count, 5000);
	ck_assert_uint_eq(phone->downloaded.count, 1000);
	/* Nothing counts as downloaded that was not; of what was, the newest is kept. */
	uint32_t kept = decoded.devices[0].downloaded.count;
	ck_assert_uint_gt(kept, 1000);
	ck_assert_uint_eq(decoded.devices[0].downloaded.at[kept - 1].last, 29999 * 4 + 2);
	for (uint32_t i = 0; i < kept; i++) {
		const struct pop3_run *run = &decoded.devices[0].downloaded.at[i];
		ck_assert_uint_eq(run->first % 4, 1);
		ck_assert_uint_eq(run->last - run->first, 1);
	}
	buf_clear(&note);
	fill(&decoded.devices[0].hidden, 30000, 1, 1, 2);
	ck_assert_int_eq(pop3_state_fit(&decoded, &note), ERR_LIMIT);
	ck_assert_uint_eq(note.len, 0);
	pop3_state_free(&s);
	pop3_state_free(&decoded);
	buf_free(&note);
}
END_TEST

/* --- the note of a mailbox --------------------------------------------------------------------- */

static struct loop *loop;
static struct fake_host fake;
static struct account *account;
static struct mailbox *box;

static void box_setup(uint32_t messages)
{
	clock_freeze(1000 * 1000, 1790000000);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init(&fake, loop);
	fake_host_add_user(&fake, "bob", "secret");
	for (uint32_t i = 0; i < messages; i++)
		ck_assert_uint_ne(fake_host_add_mail(&fake, "bob", "INBOX", SLICE_LIT("x\r\n"), 0,
						     1790000000),
				  0);
	account = fake_host_account(&fake, "bob");
	box = account_find(account, SLICE_LIT("INBOX"));
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_NONE);
}

static void box_teardown(void)
{
	mailbox_close(box);
	account_close(&account);
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
}

START_TEST(what_has_left_the_mailbox_is_not_noted)
{
	struct pop3_state s;
	uint64_t ticket;
	box_setup(12);
	for (int i = 0; i < 3; i++) /* UIDs 5, 6, 7 */
		ck_assert_int_eq(fake_host_expunge(&fake, "bob", "INBOX", 4), ERR_NONE);
	ck_assert_int_eq(fake_host_expunge(&fake, "bob", "INBOX", 8), ERR_NONE); /* 12 */
	ck_assert_int_eq(pop3_note_read(box, &s), ERR_NONE);
	struct pop3_runs *r = &s.devices[0].downloaded;
	ck_assert_int_eq(pop3_runs_push(r, (struct pop3_run){2, 5, 9, 0}), ERR_NONE);
	ck_assert_int_eq(pop3_runs_push(r, (struct pop3_run){6, 6, 8, 0}), ERR_NONE);
	ck_assert_int_eq(pop3_runs_push(r, (struct pop3_run){7, 9, 9, 0}), ERR_NONE);
	ck_assert_int_eq(pop3_runs_push(r, (struct pop3_run){11, UINT32_MAX, 9, 0}), ERR_NONE);
	pop3_note_prune(box, &s);
	ck_assert_uint_eq(r->count, 2);
	ck_assert_uint_eq(r->at[0].first, 2);
	ck_assert_uint_eq(r->at[0].last, 9);
	ck_assert_uint_eq(r->at[1].first, 11);
	ck_assert_uint_eq(r->at[1].last, 11);
	ck_assert_int_eq(pop3_note_write(box, &s, &s.devices[0], &ticket), ERR_NONE);
	ck_assert_uint_ne(ticket, 0);
	ck_assert_uint_eq(s.devices[0].last_day, 1790000000 / 86400);
	clock_advance(86400ull * 1000 * 3);
	ck_assert_int_eq(pop3_note_write(box, &s, &s.devices[0], &ticket), ERR_NONE);
	ck_assert_uint_eq(ticket, 0); /* the day alone is worth no write */
	pop3_state_free(&s);
	box_teardown();
}
END_TEST

START_TEST(a_blank_state_is_no_note)
{
	struct pop3_state s;
	uint64_t ticket;
	box_setup(1);
	ck_assert_int_eq(pop3_note_read(box, &s), ERR_NONE);
	ck_assert_int_eq(pop3_note_write(box, &s, &s.devices[0], &ticket), ERR_NONE);
	ck_assert_uint_eq(ticket, 0);
	ck_assert_uint_eq(box->note.len, 0);
	pop3_state_free(&s);
	box_teardown();
}
END_TEST

START_TEST(a_broken_note_counts_as_none)
{
	static const char *const notes[] = {"\x02",
					    "\x01",
					    "\x01\x01\x02",
					    "garbage",
					    "\x01\x01\x00\x00\x00",
					    "\x01\xff\xff\xff\xff\xff\xff"};
	struct pop3_order order = {.window_s = 1790000000};
	uint64_t ticket;
	box_setup(3);
	for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		struct box_change change = {
			.kind = BOX_SET_NOTE, .box = box, .note = slice_str(notes[i])};
		struct pop3_state s;
		ck_assert_int_eq(account_change_box(account, &change, &ticket), ERR_NONE);
		ck_assert_int_eq(pop3_note_read(box, &s), ERR_NONE);
		ck_assert_uint_eq(s.device_count, 1);
		ck_assert_uint_eq(s.window_uid, 0);
		pop3_state_free(&s);
	}
	/* Of another UIDVALIDITY: these are not the messages that were meant. */
	ck_assert_int_eq(pop3_note_order(box, &order, &ticket), ERR_NONE);
	struct pop3_state s;
	ck_assert_int_eq(pop3_note_read(box, &s), ERR_NONE);
	ck_assert_uint_eq(s.window_uid, 4);
	ck_assert_int_eq(s.window_s, 1790000000);
	pop3_state_free(&s);
	box->uid_validity++;
	ck_assert_int_eq(pop3_note_read(box, &s), ERR_NONE);
	ck_assert_uint_eq(s.window_uid, 0);
	pop3_state_free(&s);
	box->uid_validity--;
	box_teardown();
}
END_TEST

SUITE_MAIN("pop3_state", a_state_says_what_a_naive_model_says,
	   days_that_were_not_known_become_known, devices_are_limited_and_can_be_forgotten,
	   too_many_days_become_the_later_day, too_many_gaps_forget_downloads_never_what_is_hidden,
	   what_has_left_the_mailbox_is_not_noted, a_blank_state_is_no_note,
	   a_broken_note_counts_as_none)
