#include "app/import_parts.h"

#include <errno.h>
#include <stdlib.h>

#include <mbedtls/sha256.h>

#include "base/log.h"

/* --- lines: From_ separators, line ends ------------------------------------------------------- */

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

bool source_line_is_empty(struct slice line)
{
	return slice_eq(line, SLICE_LIT("\n")) || slice_eq(line, SLICE_LIT("\r\n"));
}

struct slice source_raw_line(struct import_source *s)
{
	/* Room for the held empty line and CRLF is kept behind every piece. */
	size_t n = 0;
	int c = EOF;
	while (n < sizeof(s->line) - 8 && (c = getc_unlocked(s->file)) != EOF) {
		s->line[n++] = (char)c;
		if (c == '\n')
			break;
	}
	return slice_of(s->line, n);
}

/* Reads one piece of at most a line. False at the end of the message. */
static bool source_line(struct import_source *s)
{
	struct slice line = source_raw_line(s);
	if (line.len == 0)
		return false;
	if (!s->is_mbox) {
		out_line(s, line);
		return true;
	}
	if (s->after_empty && !s->mid_line && mbox_from_line(line, &s->from_date)) {
		s->has_from = true;
		s->held_empty = false; /* the one before From_ is the mbox's, not the message's */
		return false;
	}
	if (s->held_empty)
		out_line(s, SLICE_LIT("\n"));
	s->held_empty = !s->mid_line && source_line_is_empty(line);
	s->after_empty = s->held_empty;
	if (!s->held_empty)
		out_line(s, line);
	return true;
}

/* --- messages --------------------------------------------------------------------------------- */

/* Somebody else may write to the file; what was announced and what is sent must be the same. */
static bool source_has_changed(struct import_source *s)
{
	if (!s->is_measured)
		return false;
	if (s->out_len > s->left || (s->out_len == 0 && s->left))
		return true;
	s->left -= s->out_len;
	return false;
}

enum err import_source_read(struct import_source *s, struct slice *piece_out)
{
	s->out_len = 0;
	while (!s->is_over && s->out_len == 0)
		s->is_over = !source_line(s);
	*piece_out = slice_of(s->out, s->out_len);
	if (s->file && ferror(s->file))
		return ERR_IO;
	if (!source_has_changed(s))
		return ERR_NONE;
	log_warn(0, "a message was changed by somebody else while it was read");
	*piece_out = SLICE_EMPTY;
	return ERR_IN_USE;
}

static void source_rewind(struct import_source *s)
{
	s->is_over = s->after_empty = s->held_empty = s->mid_line = s->last_was_cr = false;
	s->has_from = false;
	s->is_measured = false;
}

static enum err source_hash(struct import_source *s, struct import_message *m)
{
	mbedtls_sha256_context sha;
	struct slice piece = SLICE_EMPTY;
	bool in_header = s->is_mbox, at_line = true;
	enum err err = ERR_NONE;
	mbedtls_sha256_init(&sha);
	mbedtls_sha256_starts(&sha, 0);
	do {
		err = import_source_read(s, &piece);
		mbedtls_sha256_update(&sha, piece.ptr, piece.len);
		m->size += piece.len;
		in_header = in_header && !slice_starts(piece, SLICE_LIT("\r\n"));
		if (in_header && at_line)
			mbox_status_line(piece, m);
		at_line = piece.len && piece.ptr[piece.len - 1] == '\n';
	} while (!err && piece.len);
	mbedtls_sha256_finish(&sha, m->sha256);
	mbedtls_sha256_free(&sha);
	return err;
}

enum err source_measure(struct import_source *s, struct import_message *m)
{
	off_t start = ftello(s->file);
	*m = (struct import_message){.size = 0};
	source_rewind(s);
	enum err err = start < 0 ? ERR_IO : source_hash(s, m);
	if (!err && fseeko(s->file, start, SEEK_SET) != 0)
		err = ERR_IO;
	source_rewind(s);
	s->is_measured = true;
	s->left = m->size;
	return err;
}

enum err import_source_next(struct import_source *s, struct import_message *message)
{
	return s->next(s, message);
}

unsigned import_source_skipped(const struct import_source *s)
{
	return s->skipped;
}

/* --- life ------------------------------------------------------------------------------------- */

struct import_source *source_new(struct slice mailbox)
{
	struct import_source *s = calloc(1, sizeof(*s));
	if (s)
		s->mailbox = strndup((const char *)mailbox.ptr, mailbox.len);
	if (s && !s->mailbox)
		import_source_close(&s);
	return s;
}

enum err source_open_err(void)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR: return ERR_NOT_FOUND;
	case EACCES:
	case EPERM: return ERR_DENIED;
	default: return ERR_IO;
	}
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
