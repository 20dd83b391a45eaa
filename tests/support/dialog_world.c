#include "support/dialog_impl.h"

#include <stdarg.h>
#include <stdio.h>

#include "app/setting.h"
#include "base/clock.h"

void dialog_fail(struct dialog *d, const char *fmt, ...)
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

struct slice dialog_next_line(struct dialog *d)
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

uint32_t dialog_number(struct dialog *d, struct slice *rest)
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

void dialog_settle(struct dialog *d)
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

bool dialog_direct(struct dialog *d, struct slice word, struct slice rest)
{
	for (size_t i = 0; i < sizeof(dialog_directives) / sizeof(dialog_directives[0]); i++) {
		if (slice_eq_str(word, dialog_directives[i].word)) {
			dialog_directives[i].run(d, rest);
			return true;
		}
	}
	return false;
}
