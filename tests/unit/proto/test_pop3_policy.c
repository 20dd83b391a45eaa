/* Every cell of what the policy says of POP3: window x after download x DELE x shown again x devices x
 * what is shown x "recent:", each played through by two devices and compared, message by message,
 * with a model that knows no runs, spans or stores.
 *
 * Each of three mailboxes (Inbox, Junk, a folder) gets eight messages. A and B come before the
 * window, A and C are 40 days old. A device downloads D, marks E, downloads and marks F, looks at G
 * with TOP, and leaves H alone. */
#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "proto/protocols.h"
#include "support/fake_host.h"
#include "support/peer.h"

#define NOW_S 1790000000
#define DAY_S 86400

enum place { IN_INBOX, IN_JUNK, IN_FOLDER, IN_ARCHIVE, IN_TRASH, IN_NONE };
enum { BOXES = 3, LETTERS = 8, MESSAGES = BOXES * LETTERS, DEVICES = 3 /* shared, phone, desk */ };
static const char *const place_names[] = {"INBOX", "Junk", "Folder", "Archive", "Trash"};

/* --- the model --------------------------------------------------------------------------------- */

struct message {
	enum place place;
	bool is_before_window, is_old, is_seen;
	bool is_downloaded[DEVICES], is_hidden[DEVICES];
	bool wants_away, wants_delete; /* of some device, while it waits for the others */
};

static struct policy policy;
static struct message messages[MESSAGES]; /* Inbox A to H, Junk A to H, folder A to H */
static bool is_known[DEVICES];

static int model_device(int device)
{
	return policy.pop3_devices == POP3_DEVICES_OWN ? device : 0;
}

static bool model_shows(const struct message *m, int device, bool is_recent)
{
	int d = model_device(device);
	bool is_place = policy.pop3_shows == POP3_SHOWS_FOLDER ? m->place == IN_FOLDER
			: policy.pop3_shows == POP3_SHOWS_INBOX
				? m->place == IN_INBOX
				: m->place == IN_INBOX || m->place == IN_JUNK;
	if (!is_place || m->is_hidden[d])
		return false;
	if (policy.pop3_access == POP3_FROM_NOW_ON && m->is_before_window)
		return false;
	if (is_recent)
		return !m->is_old;
	return policy.pop3_show_again || !m->is_downloaded[d];
}

static void model_after(struct message *m)
{
	switch ((enum pop3_after)policy.pop3_after) {
	case POP3_AFTER_KEEP: break;
	case POP3_AFTER_MARK_READ: m->is_seen = true; break;
	case POP3_AFTER_ARCHIVE: m->place = IN_ARCHIVE; break;
	case POP3_AFTER_TRASH: m->place = IN_TRASH; break;
	case POP3_AFTER_DELETE: m->place = IN_NONE; break;
	}
}

static void model_message(struct message *m, int device, bool is_sent, bool is_marked)
{
	int d = model_device(device);
	bool is_own = policy.pop3_devices == POP3_DEVICES_OWN;
	bool deletes = is_marked && policy.pop3_dele == POP3_DELE_DELETE;
	bool follows = !deletes && (is_sent || (is_marked && policy.pop3_dele == POP3_DELE_FOLLOW));
	m->is_downloaded[d] |= is_sent || follows;
	m->is_hidden[d] |= is_marked;
	if (is_own && policy.pop3_after != POP3_AFTER_MARK_READ)
		m->wants_away |= follows && policy.pop3_after != POP3_AFTER_KEEP;
	else if (follows)
		model_after(m);
	if (is_own)
		m->wants_delete |= deletes;
	else if (deletes)
		m->place = IN_NONE;
}

static void model_complete(struct message *m)
{
	for (int d = 0; d < DEVICES; d++)
		if (is_known[d] && !m->is_downloaded[d] && !m->is_hidden[d])
			return;
	if (m->place > IN_FOLDER)
		return;
	if (m->wants_delete)
		m->place = IN_NONE;
	else if (m->wants_away)
		model_after(m);
}

static void model_session(int device, const bool *sent, const bool *marked, bool is_recent)
{
	bool is_own = policy.pop3_devices == POP3_DEVICES_OWN, has_marks = false;
	for (int i = 0; i < MESSAGES; i++) {
		if ((sent[i] && !is_recent) || marked[i])
			model_message(&messages[i], device, sent[i] && !is_recent, marked[i]);
		has_marks |= marked[i];
	}
	if (!is_own || (is_recent && !has_marks))
		return;
	is_known[device] = true;
	for (int i = 0; i < MESSAGES; i++)
		model_complete(&messages[i]);
}

/* --- the world --------------------------------------------------------------------------------- */

static struct loop *loop;
static struct fake_host fake;
static struct fake_user *bob;
static char cell[256];

/* A message says which one it is: "M 17" stands in its first line. */
static void world_add(int i)
{
	char text[64];
	const struct message *m = &messages[i];
	int64_t date = NOW_S - (m->is_old ? 40 : 1) * DAY_S;
	snprintf(text, sizeof(text), "Subject: M %d\r\n\r\n%.*s\r\n", i, i, "12345678901234567890");
	ck_assert_uint_ne(
		fake_host_add_mail(&fake, "bob", place_names[m->place], slice_str(text), 0, date),
		0);
}

static int number_of(struct slice text)
{
	size_t at = slice_find(text, SLICE_LIT("Subject: M "));
	ck_assert_uint_ne(at, SIZE_MAX);
	return (int)strtol((const char *)text.ptr + at + 11, NULL, 10);
}

static void world_setup(void)
{
	clock_freeze(1000 * 1000, NOW_S);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init(&fake, loop);
	bob = fake_host_add_user(&fake, "bob", "secret");
	memset(messages, 0, sizeof(messages));
	memset(is_known, 0, sizeof(is_known));
	for (int i = 0; i < MESSAGES; i++) {
		messages[i].place = (enum place)(i / LETTERS);
		messages[i].is_before_window = i % LETTERS < 2;
		messages[i].is_old = i % LETTERS == 0 || i % LETTERS == 2;
		if (messages[i].is_before_window)
			world_add(i);
	}
	bob->policy = policy;
	ck_assert_int_eq(fake_host_set_window(&fake, bob), ERR_NONE);
	for (int i = 0; i < MESSAGES; i++)
		if (!messages[i].is_before_window)
			world_add(i);
}

static void world_teardown(void)
{
	ck_assert_uint_eq(fake.session_count, 0);
	fake_host_free(&fake);
	loop_free(&loop);
	clock_thaw();
}

static void world_compare_box(enum place place)
{
	struct mailbox *box = account_find(bob->account, slice_str(place_names[place]));
	bool is_there[MESSAGES] = {false};
	ck_assert_int_eq(mailbox_open(box, NULL), ERR_NONE);
	for (uint32_t p = 0; p < box->messages; p++) {
		struct msg_info info;
		struct buf text;
		buf_init(&text, 1024);
		ck_assert_int_eq(mailbox_info(box, p, &info), ERR_NONE);
		ck_assert_int_eq(fake_host_read_mail(&fake, "bob", place_names[place], p, &text),
				 ERR_NONE);
		ck_assert_int_eq(buf_add_byte(&text, 0), ERR_NONE);
		int i = number_of(buf_view(&text));
		buf_free(&text);
		is_there[i] = true;
		ck_assert_msg((info.flags & FLAG_SEEN) == (messages[i].is_seen ? FLAG_SEEN : 0),
			      "%s: %d is seen or not", cell, i);
	}
	mailbox_close(box);
	for (int i = 0; i < MESSAGES; i++)
		ck_assert_msg(is_there[i] == (messages[i].place == place), "%s: %c of %s: %s %s",
			      cell, 'A' + i % LETTERS, place_names[i / LETTERS],
			      is_there[i] ? "is in" : "is not in", place_names[place]);
}

static void world_compare(void)
{
	for (int place = IN_INBOX; place <= IN_TRASH; place++)
		world_compare_box((enum place)place);
}

/* --- a client ---------------------------------------------------------------------------------- */

static struct peer peer;
static int numbers[MESSAGES]; /* of each message in this session; 0: not shown */

static void say(const char *text)
{
	peer_send(&peer, slice_str(text));
	peer_settle(&peer);
}

static int client_count(void)
{
	struct slice rest = buf_view(&peer.got);
	int count = -1;
	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');
		if (slice_find(line, SLICE_LIT(" messages (")) != SIZE_MAX)
			count = (int)strtol((const char *)line.ptr + 4, NULL, 10);
	}
	ck_assert_msg(count >= 0, "%s: " SLICE_FMT, cell, SLICE_ARG(buf_view(&peer.got)));
	buf_clear(&peer.got);
	return count;
}

/* Which message is which, by TOP, which counts for nothing. */
static void client_look(int count)
{
	memset(numbers, 0, sizeof(numbers));
	for (int n = 1; n <= count; n++) {
		char command[32];
		snprintf(command, sizeof(command), "TOP %d 0\r\n", n);
		peer_send(&peer, slice_str(command));
	}
	peer_settle(&peer);
	ck_assert_int_eq(buf_add_byte(&peer.got, 0), ERR_NONE);
	struct slice rest = buf_view(&peer.got);
	for (int n = 1; n <= count; n++) {
		size_t at = slice_find(rest, SLICE_LIT("Subject: M "));
		ck_assert_uint_ne(at, SIZE_MAX);
		rest = slice_from(rest, at);
		numbers[number_of(rest)] = n;
		rest = slice_from(rest, 5);
	}
	buf_clear(&peer.got);
}

static void client_login(int device, bool is_recent)
{
	static const char *const details[DEVICES] = {"", "+phone", "+desk"};
	char text[128];
	snprintf(text, sizeof(text), "USER %sbob%s\r\nPASS secret\r\n", is_recent ? "recent:" : "",
		 details[device]);
	peer_open(&peer, loop, 64 * 1024);
	pop3_session_start(&fake.host, peer.stream, false);
	say(text);
	client_look(client_count());
	for (int i = 0; i < MESSAGES; i++)
		ck_assert_msg((numbers[i] != 0) == model_shows(&messages[i], device, is_recent),
			      "%s: device %d%s: %c of %s is %s", cell, device,
			      is_recent ? ", recent" : "", 'A' + i % LETTERS,
			      place_names[i / LETTERS], numbers[i] ? "shown" : "not shown");
}

static void client_command(const char *verb, int number)
{
	char text[32];
	snprintf(text, sizeof(text), "%s %d\r\n", verb, number);
	peer_send(&peer, slice_str(text));
}

static void client_quit(void)
{
	buf_clear(&peer.got);
	say("QUIT\r\n");
	ck_assert_msg(slice_starts(buf_view(&peer.got), SLICE_LIT("+OK")), "%s: " SLICE_FMT, cell,
		      SLICE_ARG(buf_view(&peer.got)));
	peer_close(&peer);
}

/* The letters that are downloaded and marked, as far as they are shown. */
static void client_session(int device, bool is_recent, const char *sent_letters,
			   const char *marked_letters)
{
	bool sent[MESSAGES], marked[MESSAGES];
	client_login(device, is_recent);
	for (int i = 0; i < MESSAGES; i++) {
		int letter = 'A' + i % LETTERS;
		sent[i] = numbers[i] && strchr(sent_letters, letter);
		marked[i] = numbers[i] && strchr(marked_letters, letter);
		if (sent[i])
			client_command("RETR", numbers[i]);
		if (marked[i])
			client_command("DELE", numbers[i]);
	}
	peer_settle(&peer);
	world_compare(); /* nothing has happened yet */
	client_quit();
	model_session(device, sent, marked, is_recent);
	world_compare();
}

static void client_glance(int device, bool is_recent)
{
	client_session(device, is_recent, "", "");
}

/* --- the cells --------------------------------------------------------------------------------- */

static void play(bool is_recent)
{
	world_setup();
	client_glance(1, false); /* both devices are known from here on */
	client_glance(2, false);
	client_session(1, is_recent, "DF", "EF");
	client_glance(1, false);
	client_glance(1, true);
	client_glance(2, false);
	client_session(2, is_recent, "DFG", "E");
	client_glance(2, false);
	client_session(1, false, "GA", "H");
	client_session(2, false, "H", "AF");
	client_glance(0, false); /* one more device, where each has its own */
	client_session(1, false, "ABCDEFGH", "");
	client_session(2, false, "", "ABCDEFGH");
	client_session(0, false, "ABCDEFGH", "");
	client_glance(0, true);
	client_glance(1, false);
	world_teardown();
}

static void play_all(enum pop3_after after)
{
	/* By a stride that is prime to the numbers of values, all of these occur. */
	unsigned stride = suite_stride();
	while (stride > 1 && (stride % 2 == 0 || stride % 3 == 0))
		stride++;
	for (unsigned bits = 0; bits < 2 * 3 * 2 * 2 * 3 * 2; bits += stride) {
		unsigned rest = bits;
		policy = (struct policy){.imap_access = true, .pop3_after = after};
		policy.pop3_access = rest % 2 ? POP3_FROM_NOW_ON : POP3_ALL_MAIL;
		rest /= 2;
		policy.pop3_dele = rest % 3;
		rest /= 3;
		policy.pop3_show_again = rest % 2;
		rest /= 2;
		policy.pop3_devices = rest % 2;
		rest /= 2;
		policy.pop3_shows = rest % 3;
		rest /= 3;
		snprintf(policy.pop3_folder, sizeof(policy.pop3_folder), "Folder");
		snprintf(cell, sizeof(cell),
			 "access %u after %u dele %u again %d devices %u shows %u recent %u",
			 policy.pop3_access, policy.pop3_after, policy.pop3_dele,
			 policy.pop3_show_again, policy.pop3_devices, policy.pop3_shows, rest);
		play(rest);
	}
}

START_TEST(every_cell_with_keep)
{
	play_all(POP3_AFTER_KEEP);
}
END_TEST

START_TEST(every_cell_with_mark_read)
{
	play_all(POP3_AFTER_MARK_READ);
}
END_TEST

START_TEST(every_cell_with_archive)
{
	play_all(POP3_AFTER_ARCHIVE);
}
END_TEST

START_TEST(every_cell_with_trash)
{
	play_all(POP3_AFTER_TRASH);
}
END_TEST

START_TEST(every_cell_with_delete)
{
	play_all(POP3_AFTER_DELETE);
}
END_TEST

SUITE_MAIN("pop3_policy", every_cell_with_keep, every_cell_with_mark_read, every_cell_with_archive,
	   every_cell_with_trash, every_cell_with_delete)
