#include "app/import_source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/sha256.h>

#include "mail/date.h"

enum {
	SOURCE_CHUNK_BYTES = 64 * 1024,
	FROM_LINE_MAX_BYTES = 1024,
	SOURCE_PATH_MAX = 4096,
};

struct source_file { /* one message of a Maildir */
	char *path;
	char *mailbox;
	int64_t mtime;
};

struct import_source {
	FILE *file; /* mbox, or the Maildir's current message */
	bool is_mbox, is_mboxrd;
	char *mailbox;
	struct source_file *files; /* Maildir */
	size_t file_count, file_cap, next_file;
	/* The message in hand. */
	long start;                                          /* mbox: where it begins */
	bool is_over;                                        /* all of it was read */
	bool after_empty, held_empty, mid_line, last_was_cr; /* line state, see source_line */
	char line[SOURCE_CHUNK_BYTES];
	uint8_t out[SOURCE_CHUNK_BYTES + 16];
	size_t out_len;
	int64_t from_date; /* of the From_ line in hand */
	char from_line[FROM_LINE_MAX_BYTES];
	bool has_from;
};

/* --- lines: From_ separators, line ends ------------------------------------------------------- */

/* "From bob@example.org Thu Nov 23 07:06:41 2026": a date must be in it, so that a sentence that
 * begins with From does not split a message. */
static bool from_line_parse(struct slice line, int64_t *date_out)
{
	struct date date;
	if (!slice_starts(line, SLICE_LIT("From ")))
		return false;
	struct slice rest = slice_from(line, 5);
	while (rest.len) {
		slice_word(&rest); /* the sender, or the first word of it */
		struct slice when = slice_trim(rest);
		if (slice_find_byte(when, ':') != SIZE_MAX && !date_parse_mail(when, &date)) {
			*date_out = date.utc_s;
			return true;
		}
	}
	return false;
}

static void out_put(struct import_source *s, const void *bytes, size_t n)
{
	memcpy(s->out + s->out_len, bytes, n);
	s->out_len += n;
}

/* One line or a piece of a long one, to `out`, with CRLF at its end if it has one. */
static void out_line(struct import_source *s, struct slice line)
{
	bool has_lf = line.len && line.ptr[line.len - 1] == '\n';
	if (has_lf)
		line.len--;
	bool has_cr = line.len ? line.ptr[line.len - 1] == '\r' : s->mid_line && s->last_was_cr;
	if (s->is_mboxrd && !s->mid_line && line.len && line.ptr[0] == '>') {
		size_t quotes = 0;
		while (quotes < line.len && line.ptr[quotes] == '>')
			quotes++;
		if (slice_starts(slice_from(line, quotes), SLICE_LIT("From ")))
			line = slice_from(line, 1);
	}
	out_put(s, line.ptr, line.len);
	if (has_lf && !has_cr)
		out_put(s, "\r\n", 2);
	else if (has_lf)
		out_put(s, "\n", 1);
	s->last_was_cr = line.len && line.ptr[line.len - 1] == '\r';
	s->mid_line = !has_lf;
}

static bool line_is_empty(struct slice line)
{
	return slice_eq(line, SLICE_LIT("\n")) || slice_eq(line, SLICE_LIT("\r\n"));
}

/* Reads one piece of at most a line. False at the end of the message. */
static bool source_line(struct import_source *s)
{
	/* Room for the held empty line and CRLF is kept behind every piece. */
	size_t n = 0;
	int c = EOF;
	while (n < sizeof(s->line) - 8 && (c = getc_unlocked(s->file)) != EOF) {
		s->line[n++] = (char)c;
		if (c == '\n')
			break;
	}
	struct slice line = slice_of(s->line, n);
	if (n == 0)
		return false;
	if (!s->is_mbox) {
		out_line(s, line);
		return true;
	}
	if (s->after_empty && !s->mid_line && from_line_parse(line, &s->from_date)) {
		s->has_from = true;
		s->held_empty =
			false; /* the empty line before From_ is the mbox's, not the message's */
		return false;
	}
	if (s->held_empty)
		out_line(s, SLICE_LIT("\n"));
	s->held_empty = !s->mid_line && line_is_empty(line);
	s->after_empty = s->held_empty;
	if (!s->held_empty)
		out_line(s, line);
	return true;
}

static void message_rewind(struct import_source *s)
{
	s->is_over = s->after_empty = s->held_empty = s->mid_line = s->last_was_cr = false;
	s->has_from = false;
}

enum err import_source_read(struct import_source *s, struct slice *piece_out)
{
	s->out_len = 0;
	while (!s->is_over && s->out_len == 0)
		s->is_over = !source_line(s);
	*piece_out = slice_of(s->out, s->out_len);
	return s->file && ferror(s->file) ? ERR_IO : ERR_NONE;
}

static enum err source_measure(struct import_source *s, struct import_message *m)
{
	mbedtls_sha256_context sha;
	struct slice piece = SLICE_EMPTY;
	enum err err = ERR_NONE;
	m->size = 0;
	mbedtls_sha256_init(&sha);
	mbedtls_sha256_starts(&sha, 0);
	do {
		err = import_source_read(s, &piece);
		mbedtls_sha256_update(&sha, piece.ptr, piece.len);
		m->size += piece.len;
	} while (!err && piece.len);
	mbedtls_sha256_finish(&sha, m->sha256);
	mbedtls_sha256_free(&sha);
	return err;
}

/* --- mbox ------------------------------------------------------------------------------------- */

static struct import_source *source_new(struct slice mailbox)
{
	struct import_source *s = calloc(1, sizeof(*s));
	if (s)
		s->mailbox = strndup((const char *)mailbox.ptr, mailbox.len);
	if (s && !s->mailbox)
		import_source_close(&s);
	return s;
}

static enum err source_open_err(void)
{
	return errno == ENOENT ? ERR_NOT_FOUND : errno == EACCES ? ERR_DENIED : ERR_IO;
}

enum err import_source_mbox(const char *path, struct slice mailbox, bool is_mboxrd,
			    struct import_source **source_out)
{
	struct import_source *s = source_new(mailbox);
	*source_out = s;
	if (!s)
		return ERR_NOMEM;
	s->is_mbox = true;
	s->is_mboxrd = is_mboxrd;
	s->file = fopen(path, "rbe");
	enum err err = s->file ? ERR_NONE : source_open_err();
	if (!err) {
		bool has_line = fgets(s->from_line, sizeof(s->from_line), s->file) != NULL;
		if (!has_line)
			s->is_over = true; /* an empty mbox has no messages */
		else if (!from_line_parse(slice_trim(slice_str(s->from_line)), &s->from_date))
			err = ERR_SYNTAX;
		s->has_from = has_line;
	}
	if (err)
		import_source_close(source_out);
	return err;
}

static enum err mbox_next(struct import_source *s, struct import_message *m)
{
	/* Skip what the caller did not read; the file then stands behind the next From_ line. */
	struct slice piece;
	do {
		if (s->has_from)
			break;
		enum err err = import_source_read(s, &piece);
		if (err)
			return err;
	} while (piece.len);
	if (!s->has_from)
		return ERR_NOT_FOUND;
	int64_t date = s->from_date;
	s->start = ftell(s->file);
	message_rewind(s);
	enum err err = source_measure(s, m);
	if (err || fseek(s->file, s->start, SEEK_SET) != 0)
		return err ? err : ERR_IO;
	message_rewind(s);
	m->mailbox = slice_str(s->mailbox);
	m->internal_date = date;
	m->flags = 0;
	m->is_forwarded = false;
	return ERR_NONE;
}

/* --- Maildir ---------------------------------------------------------------------------------- */

static enum err maildir_add(struct import_source *s, const char *path, const char *mailbox,
			    int64_t mtime)
{
	if (s->file_count == s->file_cap) {
		size_t cap = s->file_cap ? s->file_cap * 2 : 256;
		struct source_file *files = realloc(s->files, cap * sizeof(*files));
		if (!files)
			return ERR_NOMEM;
		s->files = files;
		s->file_cap = cap;
	}
	struct source_file f = {strdup(path), strdup(mailbox), mtime};
	if (!f.path || !f.mailbox) {
		free(f.path);
		free(f.mailbox);
		return ERR_NOMEM;
	}
	s->files[s->file_count++] = f;
	return ERR_NONE;
}

static enum err maildir_scan_part(struct import_source *s, const char *dir, const char *part,
				  const char *mailbox)
{
	char path[SOURCE_PATH_MAX];
	struct dirent *entry;
	enum err err = ERR_NONE;
	snprintf(path, sizeof(path), "%s/%s", dir, part);
	DIR *d = opendir(path);
	if (!d)
		return source_open_err();
	while (!err && (entry = readdir(d)) != NULL) {
		struct stat st;
		int n = snprintf(path, sizeof(path), "%s/%s/%s", dir, part, entry->d_name);
		if (entry->d_name[0] == '.' || n < 0 || (size_t)n >= sizeof(path))
			continue;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			err = maildir_add(s, path, mailbox, (int64_t)st.st_mtime);
	}
	closedir(d);
	return err;
}

static enum err maildir_scan(struct import_source *s, const char *dir, const char *mailbox)
{
	enum err err = maildir_scan_part(s, dir, "cur", mailbox);
	if (!err)
		err = maildir_scan_part(s, dir, "new", mailbox);
	return err;
}

/* ".Work.Old" is the folder Work/Old. */
static enum err maildir_scan_folder(struct import_source *s, const char *dir, const char *name)
{
	char path[SOURCE_PATH_MAX], mailbox[MAILBOX_NAME_MAX_BYTES];
	bool at_top = strcmp(s->mailbox, "INBOX") == 0;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	int m = snprintf(mailbox, sizeof(mailbox), "%s%s%s", at_top ? "" : s->mailbox,
			 at_top ? "" : "/", name + 1);
	if (n < 0 || (size_t)n >= sizeof(path) || m < 0 || (size_t)m >= sizeof(mailbox))
		return ERR_LIMIT;
	for (char *c = mailbox; *c; c++)
		if (*c == '.')
			*c = MAILBOX_SEPARATOR;
	enum err err = maildir_scan(s, path, mailbox);
	return err == ERR_NOT_FOUND ? ERR_NONE : err; /* not a folder, whatever it is */
}

static int file_order(const void *left, const void *right)
{
	const struct source_file *a = left, *b = right;
	int order = strcmp(a->mailbox, b->mailbox);
	if (order)
		return order;
	if (a->mtime != b->mtime)
		return a->mtime < b->mtime ? -1 : 1;
	return strcmp(a->path, b->path);
}

static enum err maildir_scan_all(struct import_source *s, const char *path)
{
	enum err err = maildir_scan(s, path, s->mailbox);
	DIR *d = err ? NULL : opendir(path);
	struct dirent *entry;
	while (d && !err && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] == '.' && entry->d_name[1] && entry->d_name[1] != '.')
			err = maildir_scan_folder(s, path, entry->d_name);
	if (d)
		closedir(d);
	if (!err && s->file_count)
		qsort(s->files, s->file_count, sizeof(*s->files), file_order);
	return err;
}

enum err import_source_maildir(const char *path, struct slice mailbox,
			       struct import_source **source_out)
{
	struct import_source *s = source_new(mailbox);
	*source_out = s;
	enum err err = s ? maildir_scan_all(s, path) : ERR_NOMEM;
	if (err)
		import_source_close(source_out);
	return err;
}

static void maildir_flags(const char *path, struct import_message *m)
{
	static const struct {
		char letter;
		flags_t flag;
	} letters[] = {{'S', FLAG_SEEN},
		       {'R', FLAG_ANSWERED},
		       {'F', FLAG_FLAGGED},
		       {'T', FLAG_DELETED},
		       {'D', FLAG_DRAFT}};
	const char *info = strstr(strrchr(path, '/'), ":2,");
	m->flags = 0;
	m->is_forwarded = info && strchr(info + 3, 'P');
	for (size_t i = 0; info && i < sizeof(letters) / sizeof(letters[0]); i++)
		if (strchr(info + 3, letters[i].letter))
			m->flags |= letters[i].flag;
}

static enum err maildir_next(struct import_source *s, struct import_message *m)
{
	if (s->file)
		fclose(s->file);
	s->file = NULL;
	if (s->next_file == s->file_count)
		return ERR_NOT_FOUND;
	const struct source_file *f = &s->files[s->next_file++];
	s->file = fopen(f->path, "rbe");
	if (!s->file)
		return source_open_err();
	message_rewind(s);
	enum err err = source_measure(s, m);
	if (err || fseek(s->file, 0, SEEK_SET) != 0)
		return err ? err : ERR_IO;
	message_rewind(s);
	m->mailbox = slice_str(f->mailbox);
	m->internal_date = f->mtime;
	maildir_flags(f->path, m);
	return ERR_NONE;
}

enum err import_source_next(struct import_source *s, struct import_message *message)
{
	return s->is_mbox ? mbox_next(s, message) : maildir_next(s, message);
}

void import_source_close(struct import_source **source)
{
	struct import_source *s = *source;
	*source = NULL;
	if (!s)
		return;
	if (s->file)
		fclose(s->file);
	for (size_t i = 0; i < s->file_count; i++) {
		free(s->files[i].path);
		free(s->files[i].mailbox);
	}
	free(s->files);
	free(s->mailbox);
	free(s);
}
