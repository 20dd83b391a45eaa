#include "app/backup_format.h"

#include <stdio.h>

#include "base/codec.h"

static const struct {
	const char *name;
	uint32_t bit;
} uses[] = {{"all", USE_ALL},     {"archive", USE_ARCHIVE},    {"drafts", USE_DRAFTS},
	    {"junk", USE_JUNK},   {"flagged", USE_FLAGGED},    {"sent", USE_SENT},
	    {"trash", USE_TRASH}, {"important", USE_IMPORTANT}};
enum { USES = sizeof(uses) / sizeof(uses[0]) };

/* --- writing ------------------------------------------------------------------------------------ */

enum err backup_flag_names(const struct keywords *keywords, flags_t flags, struct buf *dst)
{
	enum err err = ERR_NONE;
	size_t before = dst->len;
	for (flags_t bit = 1; bit && !err; bit <<= 1) {
		const char *name = flags & bit ? flags_name(keywords, bit) : NULL;
		if (name)
			err = buf_addf(dst, "%s%s", dst->len > before ? " " : "", name);
	}
	return err;
}

static enum err record(struct buf *records, const char *key, const char *value)
{
	return tar_add_record(records, key, slice_str(value));
}

static enum err record_number(struct buf *records, const char *key, long long value)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", value);
	return record(records, key, text);
}

static enum err records_begin(struct buf *records, const char *kind, const char *user)
{
	enum err err = record(records, BACKUP_KIND, kind);
	return err ? err : record(records, "SUREL.user", user);
}

static enum err record_device(const struct user_device *device, struct buf *records)
{
	char key[sizeof(BACKUP_DEVICE) + DEVICE_LABEL_MAX_BYTES];
	struct buf text;
	buf_init(&text, 512);
	snprintf(key, sizeof(key), BACKUP_DEVICE "%s", device->label);
	enum err err = user_verifier_print(&device->verifier, &text);
	if (!err)
		err = tar_add_record(records, key, buf_view(&text));
	buf_wipe(&text);
	return err;
}

enum err backup_user_records(const struct user *user, struct buf *records)
{
	struct buf text;
	buf_init(&text, 512);
	enum err err = records_begin(records, "user", user->name);
	if (!err)
		err = user_verifier_print(&user->verifier, &text);
	if (!err)
		err = tar_add_record(records, "SUREL.verifier", buf_view(&text));
	for (size_t i = 0; i < user->device_count && !err; i++)
		err = record_device(&user->devices[i], records);
	buf_wipe(&text);
	return err;
}

enum err backup_box_records(const char *user, const struct mailbox *box, struct buf *records)
{
	struct buf use;
	buf_init(&use, 256);
	enum err err = records_begin(records, "mailbox", user);
	if (!err)
		err = record(records, "SUREL.mailbox", box->name);
	if (!err && !box->exists)
		err = record(records, "SUREL.exists", "no");
	if (!err && box->is_subscribed)
		err = record(records, "SUREL.subscribed", "yes");
	for (size_t i = 0; i < USES && !err; i++)
		if (box->special_use & uses[i].bit)
			err = buf_addf(&use, "%s%s", use.len ? " " : "", uses[i].name);
	if (!err && use.len)
		err = tar_add_record(records, "SUREL.use", buf_view(&use));
	buf_free(&use);
	return err;
}

enum err backup_message_records(const char *user, const struct mailbox *box,
				const struct msg_info *info, struct buf *records)
{
	struct buf text;
	buf_init(&text, KEYWORDS_MAX * (KEYWORD_MAX_BYTES + 2));
	enum err err = records_begin(records, "message", user);
	if (!err)
		err = record(records, "SUREL.mailbox", box->name);
	if (!err)
		err = hex_add(&text, slice_of(info->id.bytes, sizeof(info->id.bytes)));
	if (!err)
		err = tar_add_record(records, "SUREL.id", buf_view(&text));
	if (!err)
		err = record_number(records, "SUREL.date", (long long)info->internal_date);
	if (!err)
		err = record_number(records, "SUREL.uid", info->uid);
	buf_clear(&text);
	if (!err)
		err = backup_flag_names(&box->keywords, info->flags, &text);
	if (!err && text.len)
		err = tar_add_record(records, "SUREL.flags", buf_view(&text));
	buf_free(&text);
	return err;
}

/* A part that begins with a dot could lead out of the directory where somebody unpacks it. */
enum err backup_path_part(struct slice part, struct buf *path)
{
	enum err err = buf_add_byte(path, '/');
	for (size_t i = 0; i < part.len && !err; i++) {
		uint8_t c = part.ptr[i];
		bool is_plain = c != '%' && c != '\\' && c != ':' && !(c == '.' && i == 0);
		err = is_plain ? buf_add_byte(path, c) : buf_addf(path, "%%%02x", c);
	}
	return err;
}

enum err backup_path(const char *user, const char *mailbox, uint32_t uid, struct buf *path)
{
	struct slice rest = slice_str(mailbox);
	enum err err = buf_add_str(path, BACKUP_ROOT "/mail");
	if (!err)
		err = backup_path_part(slice_str(user), path);
	while (!err && rest.len)
		err = backup_path_part(slice_split(&rest, MAILBOX_SEPARATOR), path);
	if (!err)
		err = uid ? buf_addf(path, "/%010u.eml", uid) : buf_add_byte(path, '/');
	return err;
}

/* --- reading ------------------------------------------------------------------------------------ */

flags_t backup_system_flag(struct slice name)
{
	for (flags_t bit = 1; bit & FLAG_SYSTEM_ALL; bit <<= 1)
		if (slice_eq_str_nocase(name, flags_name(NULL, bit)))
			return bit;
	return 0;
}

static enum backup_kind kind_of(const struct tar_reader *r)
{
	static const struct {
		const char *name;
		enum backup_kind kind;
		enum tar_type type;
	} kinds[] = {{"manifest", BACKUP_IS_MANIFEST, TAR_FILE},
		     {"settings", BACKUP_IS_SETTINGS, TAR_FILE},
		     {"admin", BACKUP_IS_ADMIN, TAR_FILE},
		     {"user", BACKUP_IS_USER, TAR_DIRECTORY},
		     {"mailbox", BACKUP_IS_BOX, TAR_DIRECTORY},
		     {"message", BACKUP_IS_MESSAGE, TAR_FILE},
		     {"broken", BACKUP_IS_BROKEN, TAR_FILE}};
	struct slice name;
	if (!tar_record(r, BACKUP_KIND, &name))
		return BACKUP_IS_OTHER;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_eq_str(name, kinds[i].name) && r->header.type == kinds[i].type)
			return kinds[i].kind;
	return BACKUP_IS_OTHER;
}

static enum err read_id(const struct tar_reader *r, struct msg_id *id_out)
{
	struct slice text;
	struct buf bytes;
	if (!tar_record(r, "SUREL.id", &text))
		return ERR_SYNTAX;
	buf_init(&bytes, sizeof(id_out->bytes));
	enum err err = hex_decode(text, &bytes);
	if (!err && bytes.len != sizeof(id_out->bytes))
		err = ERR_SYNTAX;
	if (!err)
		memcpy(id_out->bytes, bytes.bytes, sizeof(id_out->bytes));
	/* All zero is no id of a message: it asks the store for a new one. */
	if (!err && memcmp(id_out, &(struct msg_id){{0}}, sizeof(*id_out)) == 0)
		err = ERR_SYNTAX;
	buf_free(&bytes);
	return err ? ERR_SYNTAX : ERR_NONE;
}

static enum err read_message(const struct tar_reader *r, struct backup_entry *e)
{
	struct slice text;
	uint64_t number = 0;
	enum err err = read_id(r, &e->id);
	e->internal_date = r->header.mtime;
	if (!err && tar_record(r, "SUREL.date", &text)) {
		bool is_before = text.len && text.ptr[0] == '-';
		err = slice_u64(slice_from(text, is_before), INT64_MAX, &number);
		e->internal_date = is_before ? -(int64_t)number : (int64_t)number;
	}
	if (!err && tar_record(r, "SUREL.uid", &text))
		err = slice_u32(text, &e->uid);
	if (!tar_record(r, "SUREL.flags", &e->flags))
		e->flags = SLICE_EMPTY;
	return err ? ERR_SYNTAX : ERR_NONE;
}

static void read_box(const struct tar_reader *r, struct backup_entry *e)
{
	struct slice text;
	e->exists = !tar_record(r, "SUREL.exists", &text) || !slice_eq_str(text, "no");
	e->is_subscribed = tar_record(r, "SUREL.subscribed", &text) && slice_eq_str(text, "yes");
	if (!tar_record(r, "SUREL.use", &text))
		return;
	for (struct slice word; (word = slice_word(&text)).len;)
		for (size_t i = 0; i < USES; i++)
			if (slice_eq_str(word, uses[i].name))
				e->special_use |= uses[i].bit;
}

enum err backup_entry_read(const struct tar_reader *r, struct backup_entry *entry_out)
{
	struct backup_entry *e = entry_out;
	*e = (struct backup_entry){.kind = kind_of(r)};
	bool is_of_box = e->kind == BACKUP_IS_BOX || e->kind == BACKUP_IS_MESSAGE;
	if (e->kind != BACKUP_IS_USER && !is_of_box)
		return ERR_NONE;
	if (!tar_record(r, "SUREL.user", &e->user) || user_name_check(e->user))
		return ERR_SYNTAX;
	if (is_of_box &&
	    (!tar_record(r, "SUREL.mailbox", &e->mailbox) || mailbox_name_check(e->mailbox)))
		return ERR_SYNTAX;
	if (e->kind == BACKUP_IS_USER && !tar_record(r, "SUREL.verifier", &e->verifier))
		return ERR_SYNTAX;
	if (e->kind == BACKUP_IS_BOX)
		read_box(r, e);
	return e->kind == BACKUP_IS_MESSAGE ? read_message(r, e) : ERR_NONE;
}
