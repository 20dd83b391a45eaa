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

void entry_init(struct entry_out *e)
{
	*e = (struct entry_out){.err = ERR_NONE};
	buf_init(&e->records, TAR_RECORDS_MAX_BYTES);
	buf_init(&e->path, TAR_PATH_MAX_BYTES);
	buf_init(&e->text, KEYWORDS_MAX * (KEYWORD_MAX_BYTES + 2));
}

void entry_free(struct entry_out *e)
{
	buf_wipe(&e->records);
	buf_wipe(&e->text);
	buf_free(&e->path);
}

static void keep(struct entry_out *e, enum err err)
{
	if (!e->err)
		e->err = err;
}

static void put(struct entry_out *e, const char *key, const char *value)
{
	keep(e, tar_add_record(&e->records, key, slice_str(value)));
}

/* What stands in e->text, if anything does. */
static void put_text(struct entry_out *e, const char *key)
{
	if (e->text.len)
		keep(e, tar_add_record(&e->records, key, buf_view(&e->text)));
	buf_clear(&e->text);
}

static void put_verifier(struct entry_out *e, const char *key, const struct scram_verifier *v)
{
	keep(e, user_verifier_print(v, &e->text));
	put_text(e, key);
}

void entry_file(struct entry_out *e, const char *kind, const char *path)
{
	buf_clear(&e->records);
	buf_clear(&e->path);
	buf_clear(&e->text);
	e->err = buf_add_str(&e->path, path);
	put(e, BACKUP_KIND, kind);
}

/* Of the user, his mailbox unless that is "", and its message unless uid is 0. */
static void entry_begin(struct entry_out *e, const char *kind, const char *user,
			const char *mailbox, uint32_t uid)
{
	entry_file(e, kind, BACKUP_ROOT "/mail");
	put(e, "SUREL.user", user);
	keep(e, backup_path_part(slice_str(user), &e->path));
	if (*mailbox)
		put(e, "SUREL.mailbox", mailbox);
	for (struct slice rest = slice_str(mailbox); rest.len;)
		keep(e, backup_path_part(slice_split(&rest, MAILBOX_SEPARATOR), &e->path));
	keep(e, uid ? buf_addf(&e->path, "/%010u.eml", uid) : buf_add_byte(&e->path, '/'));
}

void entry_user(struct entry_out *e, const struct user *user)
{
	char key[sizeof(BACKUP_DEVICE) + DEVICE_LABEL_MAX_BYTES];
	entry_begin(e, "user", user->name, "", 0);
	put_verifier(e, "SUREL.verifier", &user->own.verifier);
	for (size_t i = 0; i < user->device_count; i++) {
		snprintf(key, sizeof(key), BACKUP_DEVICE "%s", user->devices[i].label);
		put_verifier(e, key, &user->devices[i].verifier);
	}
}

void entry_box(struct entry_out *e, const char *user, const struct mailbox *box)
{
	entry_begin(e, "mailbox", user, box->name, 0);
	if (!box->exists)
		put(e, "SUREL.exists", "no");
	if (box->is_subscribed)
		put(e, "SUREL.subscribed", "yes");
	for (size_t i = 0; i < USES; i++)
		if (box->special_use & uses[i].bit)
			keep(e, buf_addf(&e->text, "%s%s", e->text.len ? " " : "", uses[i].name));
	put_text(e, "SUREL.use");
}

void entry_message(struct entry_out *e, const char *user, const struct mailbox *box,
		   const struct msg_info *info)
{
	entry_begin(e, "message", user, box->name, info->uid);
	keep(e, hex_add(&e->text, slice_of(info->id.bytes, sizeof(info->id.bytes))));
	put_text(e, "SUREL.id");
	keep(e, buf_addf(&e->text, "%lld", (long long)info->internal_date));
	put_text(e, "SUREL.date");
	keep(e, buf_addf(&e->text, "%u", info->uid));
	put_text(e, "SUREL.uid");
	keep(e, backup_flag_names(&box->keywords, info->flags, &e->text));
	put_text(e, "SUREL.flags");
}

enum err entry_add(struct entry_out *e, enum tar_type type, uint64_t size, int64_t mtime,
		   struct buf *dst)
{
	struct tar_header header = {type, buf_view(&e->path), size, mtime};
	keep(e, tar_add_header(dst, &header, buf_view(&e->records)));
	return e->err;
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
	static const struct msg_id none;
	struct slice text;
	if (!tar_record(r, "SUREL.id", &text) ||
	    hex_decode_to(text, id_out->bytes, sizeof(id_out->bytes)))
		return ERR_SYNTAX;
	/* All zero is no id of a message: it asks the store for a new one. */
	return memcmp(id_out, &none, sizeof(none)) == 0 ? ERR_SYNTAX : ERR_NONE;
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
