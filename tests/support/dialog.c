#include "support/dialog.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/setting.h"
#include "base/clock.h"
#include "base/log.h"
#include "support/dialog_match.h"
#include "support/fake_host.h"
#include "support/peer.h"

enum { DIALOG_PEERS = 9, DIALOG_IN_MAX = 64 * 1024, DIALOG_FILE_MAX = 4 * 1024 * 1024 };

struct dialog_mode {
	const char *name;
	size_t read_chunk, take_chunk;
	bool is_delayed;
};

static const struct dialog_mode dialog_modes[] = {
	{"whole", 0, 0, false},        {"whole, delayed", 0, 0, true},
	{"byte by byte", 1, 0, false}, {"byte by byte, delayed", 1, 0, true},
	{"slow reader", 0, 7, false},  {"slow reader, delayed", 0, 7, true},
};

struct dialog {
	const char *path;
	const struct dialog_mode *mode;
	const struct dialog_service *services;
	size_t service_count;
	const char *service;
	struct slice rest; /* of the file */
	unsigned line;
	struct loop *loop;
	struct fake_host fake;
	struct peer peers[DIALOG_PEERS];
	bool is_open[DIALOG_PEERS];
	bool is_over_limit;
	char address[64];
	int64_t age_s; /* of mail that is added */
	struct dialog_vars vars;
	bool has_failed;
};

static void dialog_fail(struct dialog *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void dialog_fail(struct dialog *d, const char *fmt, ...)
{
	va_list args;
	if (d->has_failed)
		return;
	d->has_failed = true;
	printf("%s:%u: %s: ", d->path, d->line, d->mode->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static struct slice dialog_next_line(struct dialog *d)
{
	struct slice line = slice_split(&d->rest, '\n');
	d->line++;
	return line.len && line.ptr[line.len - 1] == '\r' ? slice_upto(line, line.len - 1) : line;
}

/* The lines up to the word that stands behind "<<", each with CRLF. */
static void dialog_read_block(struct dialog *d, struct slice rest, struct buf *dst)
{
	struct slice end = slice_trim(rest);
	enum err err = ERR_NONE;
	if (!slice_starts(end, SLICE_LIT("<<")) || end.len < 3) {
		dialog_fail(d, "a block is introduced by <<WORD");
		return;
	}
	end = slice_from(end, 2);
	while (d->rest.len && !err) {
		struct slice line = dialog_next_line(d);
		if (slice_eq(line, end))
			return;
		err = buf_add_slice(dst, line);
		if (!err)
			err = buf_add_str(dst, "\r\n");
	}
	dialog_fail(d, "the block has no end");
}

/* --- words of a directive --------------------------------------------------------------------- */

static void dialog_word(struct dialog *d, struct slice *rest, char dst[128])
{
	if (slice_to_str(slice_word(rest), dst, 128) || !dst[0])
		dialog_fail(d, "a word is missing");
}

static uint32_t dialog_number(struct dialog *d, struct slice *rest)
{
	uint32_t value = 0;
	if (slice_u32(slice_word(rest), &value))
		dialog_fail(d, "a number is missing");
	return value;
}

static enum err dialog_err(struct dialog *d, struct slice *rest)
{
	struct slice word = slice_word(rest);
	for (int e = 0; e < ERR_COUNT; e++)
		if (slice_eq_str(word, err_name((enum err)e)))
			return (enum err)e;
	dialog_fail(d, "no such error: " SLICE_FMT, SLICE_ARG(word));
	return ERR_NONE;
}

/* Lets the first connection's business come to rest before somebody looks from outside. */
static void dialog_settle(struct dialog *d)
{
	for (size_t i = 0; i < DIALOG_PEERS; i++)
		if (d->is_open[i])
			peer_settle(&d->peers[i]);
}

/* --- directives ------------------------------------------------------------------------------- */

static void dialog_user(struct dialog *d, struct slice rest)
{
	char name[128], password[128];
	dialog_word(d, &rest, name);
	if (slice_to_str(slice_trim(rest), password, sizeof(password)))
		dialog_fail(d, "the password is too long");
	if (!fake_host_add_user(&d->fake, name, password))
		dialog_fail(d, "cannot add the user");
}

static flags_t dialog_flags(struct dialog *d, struct slice *rest)
{
	flags_t flags = 0;
	while (rest->len && slice_starts(slice_trim(*rest), SLICE_LIT("\\"))) {
		struct slice word = slice_word(rest);
		flags_t bit = 1;
		while (bit <= FLAG_DRAFT && !slice_eq_str_nocase(word, flags_name(NULL, bit)))
			bit <<= 1;
		if (bit > FLAG_DRAFT)
			dialog_fail(d, "no such flag: " SLICE_FMT, SLICE_ARG(word));
		flags |= bit;
	}
	return flags;
}

static void dialog_add_mail(struct dialog *d, struct slice rest, bool is_raw)
{
	char user[128], box[128];
	struct buf message;
	buf_init(&message, DIALOG_FILE_MAX);
	dialog_word(d, &rest, user);
	dialog_word(d, &rest, box);
	flags_t flags = is_raw ? 0 : dialog_flags(d, &rest);
	if (!is_raw)
		dialog_read_block(d, rest, &message);
	else if (dialog_expand(slice_trim(rest), true, &d->vars, &message))
		dialog_fail(d, "cannot undo the escapes");
	if (!d->has_failed && !fake_host_add_mail(&d->fake, user, box, buf_view(&message), flags,
						  clock_wall_s() - d->age_s))
		dialog_fail(d, "cannot add the message");
	buf_free(&message);
}

static void dialog_mail(struct dialog *d, struct slice rest)
{
	dialog_add_mail(d, rest, false);
}

static void dialog_raw(struct dialog *d, struct slice rest)
{
	dialog_add_mail(d, rest, true);
}

static void dialog_set(struct dialog *d, struct slice rest)
{
	char key[128], value[128];
	dialog_word(d, &rest, key);
	struct slice number = rest;
	dialog_word(d, &rest, value);
	if (!strcmp(key, "delay"))
		d->fake.pop3_login_delay_s = dialog_number(d, &number);
	else if (!strcmp(key, "expire"))
		d->fake.pop3_expire_days = dialog_number(d, &number);
	else if (!strcmp(key, "age"))
		d->age_s = (int64_t)dialog_number(d, &number) * 24 * 60 * 60;
	else if (!strcmp(key, "size"))
		d->fake.host.message_max_bytes = dialog_number(d, &number);
	else if (!strcmp(key, "rcpt_max"))
		d->fake.host.rcpt_max = dialog_number(d, &number);
	else if (!strcmp(key, "limit"))
		d->is_over_limit = dialog_number(d, &number) != 0;
	else if (!strcmp(key, "address"))
		snprintf(d->address, sizeof(d->address), "%.63s", value);
	else if (!strcmp(key, "service"))
		for (size_t i = 0; i < d->service_count; i++)
			d->service = strcmp(value, d->services[i].name) ? d->service
									: d->services[i].name;
	else
		dialog_fail(d, "nothing to set: %s", key);
}

/* The words of the settings table, so that dialogues and people speak the same language. */
static void dialog_policy(struct dialog *d, struct slice rest)
{
	struct fake_user *user = fake_host_user(&d->fake, slice_word(&rest));
	const struct setting *row = setting_find(slice_word(&rest));
	if (!user || !row || row->scope != SETTING_USER) {
		dialog_fail(d, "no such user, or no row of his policy");
		return;
	}
	struct settings settings;
	settings_init(&settings);
	settings.policy = user->policy;
	if (setting_set(&settings, row, slice_trim(rest), LANG_EN, NULL))
		dialog_fail(d, "no such value");
	user->policy = settings.policy;
	bool is_window = strcmp(row->key, "pop3.access") == 0 &&
			 user->policy.pop3_access == POP3_FROM_NOW_ON;
	if (is_window && fake_host_set_window(&d->fake, user))
		dialog_fail(d, "the window cannot be set");
}

static void dialog_no_box(struct dialog *d, struct slice rest)
{
	struct fake_user *user = fake_host_user(&d->fake, slice_word(&rest));
	struct mailbox *box = user ? account_find(user->account, slice_trim(rest)) : NULL;
	struct box_change change = {.kind = BOX_DELETE, .box = box};
	uint64_t ticket;
	dialog_settle(d);
	if (!box || account_change_box(user->account, &change, &ticket))
		dialog_fail(d, "cannot delete the mailbox");
}

static void dialog_quota(struct dialog *d, struct slice rest)
{
	struct fake_user *user = fake_host_user(&d->fake, slice_word(&rest));
	uint32_t value = dialog_number(d, &rest);
	struct slice unit = slice_word(&rest);
	if (!user)
		dialog_fail(d, "no such user");
	else if (slice_eq_str(unit, "messages"))
		user->account->quota_messages = value;
	else if (slice_eq_str(unit, "bytes"))
		user->account->quota_bytes = value;
	else
		dialog_fail(d, "messages or bytes?");
}

static void dialog_refuse(struct dialog *d, struct slice rest)
{
	struct slice what = slice_word(&rest);
	if (slice_eq_str(what, "write")) {
		d->fake.write_error = dialog_err(d, &rest);
		return;
	}
	if (slice_eq_str(what, "finish")) {
		d->fake.finish_error = dialog_err(d, &rest);
		return;
	}
	struct fake_user *user = fake_host_user(&d->fake, slice_word(&rest));
	enum err err = dialog_err(d, &rest);
	if (!user)
		dialog_fail(d, "no such user");
	else if (slice_eq_str(what, "login"))
		user->login_error = err;
	else if (slice_eq_str(what, "rcpt"))
		user->rcpt_error = err;
	else if (slice_eq_str(what, "delivery"))
		user->delivery_error = err;
	else
		dialog_fail(d, "what shall be refused?");
}

static void dialog_expunge(struct dialog *d, struct slice rest)
{
	char user[128], box[128];
	dialog_word(d, &rest, user);
	dialog_word(d, &rest, box);
	uint32_t number = dialog_number(d, &rest);
	if (fake_host_expunge(&d->fake, user, box, number - 1))
		dialog_fail(d, "cannot expunge");
}

static void dialog_stored(struct dialog *d, struct slice rest)
{
	char user[128], box[128];
	dialog_word(d, &rest, user);
	dialog_word(d, &rest, box);
	uint32_t wanted = dialog_number(d, &rest);
	dialog_settle(d);
	uint32_t count = fake_host_count_mail(&d->fake, user, box);
	if (count != wanted)
		dialog_fail(d, "%u messages are stored", (unsigned)count);
}

static void dialog_seen(struct dialog *d, struct slice rest)
{
	struct fake_user *user = fake_host_user(&d->fake, slice_word(&rest));
	struct mailbox *box = user ? account_find(user->account, slice_word(&rest)) : NULL;
	uint32_t wanted = dialog_number(d, &rest);
	dialog_settle(d);
	if (!box)
		dialog_fail(d, "no such mailbox");
	else if (box->messages - box->unseen != wanted)
		dialog_fail(d, "%u messages are seen", (unsigned)(box->messages - box->unseen));
}

static void dialog_body(struct dialog *d, struct slice rest)
{
	char user[128], box[128];
	struct buf wanted, got;
	buf_init(&wanted, DIALOG_FILE_MAX);
	buf_init(&got, DIALOG_FILE_MAX);
	dialog_word(d, &rest, user);
	dialog_word(d, &rest, box);
	uint32_t number = dialog_number(d, &rest);
	dialog_read_block(d, rest, &wanted);
	dialog_settle(d);
	if (fake_host_read_mail(&d->fake, user, box, number - 1, &got))
		dialog_fail(d, "cannot read the message");
	else if (!slice_eq(buf_view(&wanted), buf_view(&got)))
		dialog_fail(d, "the message is\n" SLICE_FMT, SLICE_ARG(buf_view(&got)));
	buf_free(&wanted);
	buf_free(&got);
}

static void dialog_time(struct dialog *d, struct slice rest)
{
	dialog_settle(d);
	clock_advance(dialog_number(d, &rest));
	dialog_settle(d);
}

static const struct dialog_directive {
	const char *word;
	void (*run)(struct dialog *d, struct slice rest);
} dialog_directives[] = {
	{"USER", dialog_user},       {"MAIL", dialog_mail},     {"RAW", dialog_raw},
	{"SET", dialog_set},         {"QUOTA", dialog_quota},   {"REFUSE", dialog_refuse},
	{"EXPUNGE", dialog_expunge}, {"STORED", dialog_stored}, {"BODY", dialog_body},
	{"TIME", dialog_time},       {"POLICY", dialog_policy}, {"NOBOX", dialog_no_box},
	{"SEEN", dialog_seen},
};

/* --- the conversation ------------------------------------------------------------------------- */

static struct peer *dialog_peer(struct dialog *d, size_t number)
{
	struct peer *peer = &d->peers[number];
	if (d->is_open[number])
		return peer;
	for (size_t i = 0; i < d->service_count; i++) {
		const struct dialog_service *service = &d->services[i];
		if (strcmp(service->name, d->service))
			continue;
		peer_open(peer, d->loop, DIALOG_IN_MAX);
		peer_set_address(peer, d->address);
		peer->read_chunk = d->mode->read_chunk;
		peer->take_chunk = d->mode->take_chunk;
		d->is_open[number] = true;
		service->start(&d->fake.host, peer->stream, service->service, d->is_over_limit);
		d->is_over_limit = false;
		return peer;
	}
	dialog_fail(d, "no such service: %s", d->service);
	return peer;
}

static void dialog_send(struct dialog *d, struct peer *peer, char how, struct slice text)
{
	struct buf bytes;
	buf_init(&bytes, DIALOG_FILE_MAX);
	uint32_t times = how == '*' ? dialog_number(d, &text) : 1;
	if (how == '*')
		text = slice_from(text, 1);
	enum err err = ERR_NONE;
	for (uint32_t i = 0; i < times && !err; i++)
		err = dialog_expand(text, how != ':', &d->vars, &bytes);
	if (!err && how == ':')
		err = buf_add_str(&bytes, "\r\n");
	if (err)
		dialog_fail(d, "cannot send that: %s", err_name(err));
	else
		peer_send(peer, buf_view(&bytes));
	buf_free(&bytes);
}

/* The next line the server has said, without CRLF; it stays in peer->got. False: there is none. */
static bool dialog_hear(struct peer *peer, struct slice *line_out)
{
	for (unsigned quiet = 0; quiet < 16;) {
		struct slice got = buf_view(&peer->got);
		size_t end = slice_find(got, SLICE_LIT("\r\n"));
		if (end != SIZE_MAX) {
			*line_out = slice_upto(got, end);
			return true;
		}
		quiet = peer_turn(peer) ? 0 : quiet + 1;
	}
	return false;
}

static bool dialog_is_match(struct dialog *d, char how, struct slice pattern, struct slice line)
{
	char regex[1024];
	if (how != '~')
		return dialog_match(pattern, line, &d->vars);
	return !slice_to_str(pattern, regex, sizeof(regex)) && dialog_match_regex(regex, line);
}

static void dialog_expect(struct dialog *d, struct peer *peer, char how, struct slice pattern)
{
	struct slice line;
	while (dialog_hear(peer, &line)) {
		bool matches = dialog_is_match(d, how, pattern, line);
		if (!matches && how != '+')
			dialog_fail(d, "the server says: " SLICE_FMT, SLICE_ARG(line));
		buf_consume(&peer->got, line.len + 2);
		if (matches || how != '+')
			return;
	}
	dialog_fail(d, "the server %s" SLICE_FMT,
		    peer->got.len          ? "does not end its line: "
		    : peer_is_closed(peer) ? "has closed the connection"
					   : "says nothing",
		    SLICE_ARG(buf_view(&peer->got)));
}

static void dialog_expect_nothing(struct dialog *d, struct peer *peer)
{
	peer_settle(peer);
	if (peer->got.len)
		dialog_fail(d, "the server says: " SLICE_FMT, SLICE_ARG(buf_view(&peer->got)));
}

static void dialog_expect_closed(struct dialog *d, struct peer *peer)
{
	dialog_expect_nothing(d, peer);
	if (!peer_is_closed(peer))
		dialog_fail(d, "the server has not closed");
}

/* "C2>": letter, connection, how. False when it is none of these. */
static bool dialog_is_turn(struct slice word, char *who_out, size_t *peer_out, char *how_out)
{
	*peer_out = 0;
	if (word.len < 2 || word.len > 3 || (word.ptr[0] != 'C' && word.ptr[0] != 'S'))
		return false;
	if (word.len == 3) {
		if (word.ptr[1] < '1' || word.ptr[1] > '0' + DIALOG_PEERS)
			return false;
		*peer_out = (size_t)(word.ptr[1] - '1');
	}
	*who_out = (char)word.ptr[0];
	*how_out = (char)word.ptr[word.len - 1];
	return strchr(*who_out == 'C' ? ":>*" : ":~+!", *how_out) != NULL;
}

/* "EOF", "RESET", "CLOSED", with the connection's number behind it. */
static bool dialog_is_event(struct slice word, const char *name, size_t *peer_out)
{
	*peer_out = 0;
	if (!slice_starts(word, slice_str(name)))
		return false;
	struct slice number = slice_from(word, strlen(name));
	if (number.len == 1 && number.ptr[0] >= '1' && number.ptr[0] <= '0' + DIALOG_PEERS)
		*peer_out = (size_t)(number.ptr[0] - '1');
	return number.len == 0 || number.len == 1;
}

/* Whatever the server still says must have been heard. */
static void dialog_hang_up(struct dialog *d, size_t number)
{
	struct peer *peer = &d->peers[number];
	if (!d->is_open[number])
		return;
	peer_settle(peer);
	if (peer->got.len)
		dialog_fail(d, "at the end the server says: " SLICE_FMT,
			    SLICE_ARG(buf_view(&peer->got)));
	peer_close(peer);
	d->is_open[number] = false;
}

static void dialog_run_line(struct dialog *d, struct slice line)
{
	struct slice rest = line;
	struct slice word = slice_word(&rest);
	struct slice text = slice_from(line, word.len + 1);
	size_t peer;
	char who, how;
	for (size_t i = 0; i < sizeof(dialog_directives) / sizeof(dialog_directives[0]); i++) {
		if (slice_eq_str(word, dialog_directives[i].word)) {
			dialog_directives[i].run(d, rest);
			return;
		}
	}
	if (dialog_is_turn(word, &who, &peer, &how)) {
		struct peer *p = dialog_peer(d, peer);
		if (d->has_failed)
			return;
		if (who == 'C')
			dialog_send(d, p, how, text);
		else if (how == '!')
			dialog_expect_nothing(d, p);
		else
			dialog_expect(d, p, how, text);
	} else if (dialog_is_event(word, "EOF", &peer)) {
		peer_half_close(dialog_peer(d, peer));
	} else if (dialog_is_event(word, "RESET", &peer)) {
		dialog_settle(d);
		peer_reset(dialog_peer(d, peer));
		dialog_settle(d);
	} else if (dialog_is_event(word, "AGAIN", &peer)) {
		dialog_hang_up(d, peer);
	} else if (dialog_is_event(word, "CLOSED", &peer)) {
		dialog_expect_closed(d, dialog_peer(d, peer));
	} else {
		dialog_fail(d, "not a line of a dialogue: " SLICE_FMT, SLICE_ARG(line));
	}
}

/* --- files ------------------------------------------------------------------------------------ */

static void dialog_close(struct dialog *d)
{
	for (size_t i = 0; i < DIALOG_PEERS; i++)
		dialog_hang_up(d, i);
	if (d->fake.session_count)
		dialog_fail(d, "%zu sessions are left", d->fake.session_count);
	fake_host_free(&d->fake);
	loop_free(&d->loop);
}

static bool dialog_replay(const char *path, struct slice text, const char *service,
			  const struct dialog_mode *mode, const struct dialog_service *services,
			  size_t service_count)
{
	struct dialog d = {
		.path = path,
		.mode = mode,
		.services = services,
		.service_count = service_count,
		.service = service,
		.rest = text,
		.address = "127.0.0.1",
	};
	clock_freeze(1000 * 1000, 1790000000);
	if (loop_new(&d.loop)) {
		printf("%s: no loop\n", path);
		return false;
	}
	fake_host_init(&d.fake, d.loop);
	d.fake.is_delayed = mode->is_delayed;
	while (d.rest.len && !d.has_failed) {
		struct slice line = dialog_next_line(&d);
		if (line.len && line.ptr[0] != '#')
			dialog_run_line(&d, line);
	}
	dialog_close(&d);
	clock_thaw();
	return !d.has_failed;
}

static bool dialog_replay_file(const char *path, const struct dialog_service *services,
			       size_t service_count)
{
	char service[64] = "";
	struct slice dirs = slice_upto(slice_str(path), slice_rfind_byte(slice_str(path), '/'));
	size_t slash = slice_rfind_byte(dirs, '/');
	struct slice dir = slash == SIZE_MAX ? dirs : slice_from(dirs, slash + 1);
	FILE *file = fopen(path, "rb");
	char *text = malloc(DIALOG_FILE_MAX);
	bool passed = file && text && !slice_to_str(dir, service, sizeof(service));
	if (passed) {
		size_t len = fread(text, 1, DIALOG_FILE_MAX, file);
		for (size_t i = 0; i < sizeof(dialog_modes) / sizeof(dialog_modes[0]); i++)
			passed &= dialog_replay(path, slice_of(text, len), service,
						&dialog_modes[i], services, service_count);
	} else {
		printf("%s: cannot be read\n", path);
	}
	if (file)
		fclose(file);
	free(text);
	return passed;
}

static int dialog_is_text(const struct dirent *entry)
{
	return slice_ends_nocase(slice_str(entry->d_name), ".txt");
}

static void dialog_replay_dir(const char *dir, const struct dialog_service *services, size_t count,
			      unsigned *passed, unsigned *failed)
{
	struct dirent **entries;
	int n = scandir(dir, &entries, dialog_is_text, alphasort);
	for (int i = 0; i < n; i++) {
		char path[1024];
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (dialog_replay_file(path, services, count))
			(*passed)++;
		else
			(*failed)++;
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static bool path_is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int dialog_main(int argc, char **argv, const struct dialog_service *services, size_t count)
{
	unsigned passed = 0, failed = 0;
	const char *root = argc < 2 ? "tests/dialog" : argv[1];
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	if (path_is_dir(root)) {
		for (size_t i = 0; i < count; i++) {
			char dir[512];
			snprintf(dir, sizeof(dir), "%s/%s", root, services[i].name);
			dialog_replay_dir(dir, services, count, &passed, &failed);
		}
	} else {
		for (int i = 1; i < argc; i++) {
			if (dialog_replay_file(argv[i], services, count))
				passed++;
			else
				failed++;
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return passed && !failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
