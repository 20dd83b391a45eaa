#include "app/export_box.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/mbox_write.h"
#include "base/codec.h"
#include "mail/imap_utf7.h"

enum { EXPORT_PIECE_BYTES = 16 * 1024, EXPORT_OUT_MAX_BYTES = 4 * EXPORT_PIECE_BYTES };

struct export_box {
	enum export_kind kind;
	struct buf dir;  /* where everything goes */
	struct buf path; /* the mbox, or the folder of the Maildir */
	FILE *file;      /* the mbox, or the message in hand */
	struct mbox_writer mbox;
	off_t begin; /* of the message in hand, in the mbox */
	bool has_message;
	int64_t date;
	struct buf out;
	char temp[PATH_MAX], final[PATH_MAX];
};

/* Every directory of the path, but for what stands behind its last slash. */
static enum err export_make_dirs(const char *path)
{
	char part[PATH_MAX];
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		if (slice_to_str(slice_of(path, (size_t)(slash - path)), part, sizeof(part)))
			return ERR_LIMIT;
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return ERR_IO;
	}
	return ERR_NONE;
}

static bool export_is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	int entries = 0;
	if (!d)
		return errno == ENOENT;
	while (readdir(d))
		entries++;
	closedir(d);
	return entries <= 2; /* itself, and what it is in */
}

enum err export_new(enum export_kind kind, const char *dir, struct export_box **out)
{
	*out = NULL;
	if (!export_is_empty(dir))
		return ERR_EXISTS;
	struct export_box *x = calloc(1, sizeof(*x));
	if (!x)
		return ERR_NOMEM;
	x->kind = kind;
	buf_init(&x->dir, PATH_MAX);
	buf_init(&x->path, PATH_MAX);
	buf_init(&x->out, EXPORT_OUT_MAX_BYTES);
	enum err err = buf_add_str(&x->dir, dir);
	if (err)
		export_free(&x);
	*out = x;
	return err;
}

/* --- mailboxes ---------------------------------------------------------------------------------- */

static enum err export_mbox_path(struct export_box *x, struct slice mailbox)
{
	enum err err = ERR_NONE;
	while (!err && mailbox.len)
		err = backup_path_part(slice_split(&mailbox, MAILBOX_SEPARATOR), &x->path);
	return err ? err : buf_add(&x->path, ".mbox", 6); /* with its NUL */
}

/* Maildir++: ".Work.Old". A dot in a name would be a level more. */
static enum err export_folder_name(struct slice mailbox, struct buf *path)
{
	struct buf name;
	buf_init(&name, MAILBOX_NAME_MAX_BYTES * 3);
	enum err err = imap_utf7_encode(mailbox, &name);
	if (!err)
		err = buf_add_str(path, "/.");
	for (size_t i = 0; i < name.len && !err; i++) {
		uint8_t c = name.bytes[i];
		err = buf_add_byte(path, c == '.' ? '_' : c == MAILBOX_SEPARATOR ? '.' : c);
	}
	buf_free(&name);
	return err;
}

static enum err export_maildir_make(struct export_box *x)
{
	static const char *const parts[] = {"cur/", "new/", "tmp/"};
	char path[PATH_MAX];
	for (size_t i = 0; i < 3; i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", (const char *)x->path.bytes,
				 parts[i]);
		if (n < 0 || (size_t)n >= sizeof(path))
			return ERR_LIMIT;
		enum err err = export_make_dirs(path);
		if (err)
			return err;
	}
	return ERR_NONE;
}

static enum err export_close_file(struct export_box *x)
{
	FILE *file = x->file;
	x->file = NULL;
	return !file || fclose(file) == 0 ? ERR_NONE : ERR_IO;
}

static enum err export_open_mbox(struct export_box *x)
{
	enum err err = export_make_dirs((const char *)x->path.bytes);
	if (err)
		return err;
	x->file = fopen((const char *)x->path.bytes, "abe");
	return x->file ? ERR_NONE : ERR_IO;
}

enum err export_mailbox(struct export_box *x, struct slice user, struct slice mailbox)
{
	bool is_inbox = slice_eq_str(mailbox, "INBOX");
	enum err err = export_close_file(x);
	buf_clear(&x->path);
	if (!err)
		err = buf_add_slice(&x->path, buf_view(&x->dir));
	if (!err)
		err = backup_path_part(user, &x->path);
	if (!err && x->kind == EXPORT_MBOX)
		err = export_mbox_path(x, mailbox);
	if (x->kind == EXPORT_MBOX)
		return err ? err : export_open_mbox(x);
	if (!err && !is_inbox)
		err = export_folder_name(mailbox, &x->path);
	if (!err)
		err = buf_add_byte(&x->path, '\0');
	return err ? err : export_maildir_make(x);
}

/* --- messages ----------------------------------------------------------------------------------- */

static flags_t export_system_flags(struct slice names, struct buf *keywords)
{
	flags_t flags = 0;
	for (struct slice word; (word = slice_word(&names)).len;) {
		flags_t flag = backup_system_flag(word);
		flags |= flag;
		if (!flag &&
		    buf_addf(keywords, "%s" SLICE_FMT, keywords->len ? " " : "", SLICE_ARG(word)))
			break;
	}
	return flags;
}

static enum err export_put(struct export_box *x)
{
	size_t len = x->out.len;
	bool is_written = !len || fwrite(buf_view(&x->out).ptr, 1, len, x->file) == len;
	buf_clear(&x->out);
	return is_written ? ERR_NONE : ERR_IO;
}

static enum err export_begin_mbox(struct export_box *x, const struct backup_entry *m)
{
	struct buf keywords;
	buf_init(&keywords, TAR_RECORDS_MAX_BYTES);
	flags_t flags = export_system_flags(m->flags, &keywords);
	/* In append mode the place is known only after looking for the end. */
	x->begin = fseeko(x->file, 0, SEEK_END) == 0 ? ftello(x->file) : -1;
	enum err err = x->begin < 0 ? ERR_IO
				    : mbox_begin_message(&x->mbox, SLICE_EMPTY, m->internal_date,
							 flags, buf_view(&keywords), &x->out);
	buf_free(&keywords);
	return err ? err : export_put(x);
}

/* Where Maildir has a letter for a keyword of ours, it is P, passed on. */
static void export_letters(struct slice names, char letters[8])
{
	static const struct {
		flags_t flag;
		char letter;
	} rows[] = {{FLAG_DRAFT, 'D'},    {FLAG_FLAGGED, 'F'}, {0, 'P'},
		    {FLAG_ANSWERED, 'R'}, {FLAG_SEEN, 'S'},    {FLAG_DELETED, 'T'}};
	struct buf keywords;
	size_t n = 0;
	buf_init(&keywords, TAR_RECORDS_MAX_BYTES);
	flags_t flags = export_system_flags(names, &keywords);
	bool is_passed =
		slice_find_nocase(buf_view(&keywords), SLICE_LIT("$Forwarded")) != SIZE_MAX;
	buf_free(&keywords);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].flag ? (flags & rows[i].flag) != 0 : is_passed)
			letters[n++] = rows[i].letter;
	letters[n] = '\0';
}

static enum err export_begin_maildir(struct export_box *x, const struct backup_entry *m)
{
	char letters[8];
	struct buf id;
	buf_init(&id, 64);
	export_letters(m->flags, letters);
	enum err err = hex_add(&id, slice_of(m->id.bytes, sizeof(m->id.bytes)));
	const char *dir = (const char *)x->path.bytes;
	int n = snprintf(x->temp, sizeof(x->temp), "%s/tmp/%lld." SLICE_FMT ".surel", dir,
			 (long long)m->internal_date, SLICE_ARG(buf_view(&id)));
	int k = snprintf(x->final, sizeof(x->final), "%s/cur/%lld." SLICE_FMT ".surel:2,%s", dir,
			 (long long)m->internal_date, SLICE_ARG(buf_view(&id)), letters);
	buf_free(&id);
	if (err || n < 0 || k < 0 || (size_t)n >= sizeof(x->temp) || (size_t)k >= sizeof(x->final))
		return ERR_LIMIT;
	x->date = m->internal_date;
	x->file = fopen(x->temp, "wbe");
	return x->file ? ERR_NONE : ERR_IO;
}

enum err export_begin(struct export_box *x, const struct backup_entry *message)
{
	enum err err = x->kind == EXPORT_MBOX ? export_begin_mbox(x, message)
					      : export_begin_maildir(x, message);
	x->has_message = !err;
	return err;
}

enum err export_write(struct export_box *x, struct slice bytes)
{
	enum err err = ERR_NONE;
	while (bytes.len && !err) {
		struct slice piece = slice_upto(bytes, EXPORT_PIECE_BYTES);
		bytes = slice_from(bytes, piece.len);
		err = x->kind == EXPORT_MBOX ? mbox_add(&x->mbox, piece, &x->out)
					     : buf_add_slice(&x->out, piece);
		if (!err)
			err = export_put(x);
	}
	return err;
}

enum err export_keep(struct export_box *x)
{
	if (!x->has_message)
		return ERR_NONE;
	x->has_message = false;
	if (x->kind == EXPORT_MBOX) {
		enum err err = mbox_end_message(&x->mbox, &x->out);
		return err ? err : export_put(x);
	}
	struct timespec times[2] = {{.tv_sec = (time_t)x->date}, {.tv_sec = (time_t)x->date}};
	enum err err = export_close_file(x);
	if (!err && (utimensat(AT_FDCWD, x->temp, times, 0) || rename(x->temp, x->final)))
		err = ERR_IO;
	return err;
}

enum err export_drop(struct export_box *x)
{
	if (!x->has_message)
		return ERR_NONE;
	x->has_message = false;
	if (x->kind == EXPORT_MBOX)
		return fflush(x->file) || ftruncate(fileno(x->file), x->begin) ? ERR_IO : ERR_NONE;
	enum err err = export_close_file(x);
	return unlink(x->temp) == 0 ? err : ERR_IO;
}

void export_free(struct export_box **box)
{
	struct export_box *x = *box;
	*box = NULL;
	if (!x)
		return;
	if (x->file)
		fclose(x->file);
	buf_free(&x->dir);
	buf_free(&x->path);
	buf_free(&x->out);
	free(x);
}
