#include "app/import_parts.h"

#include <sys/stat.h>

#include "base/codec.h"
#include "mail/date.h"

bool mbox_from_line(struct slice line, int64_t *date_out)
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

/* --- flags -------------------------------------------------------------------------------------- */

static void mbox_status_letters(struct slice letters, struct import_message *m)
{
	static const struct {
		char letter;
		flags_t flag;
	} rows[] = {{'R', FLAG_SEEN},
		    {'A', FLAG_ANSWERED},
		    {'F', FLAG_FLAGGED},
		    {'D', FLAG_DELETED},
		    {'T', FLAG_DRAFT}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_find_byte(letters, (uint8_t)rows[i].letter) != SIZE_MAX)
			m->flags |= rows[i].flag;
}

/* Four hexadecimal digits. A message that Thunderbird has deleted stays in its file, marked, until
 * the folder is compacted. */
static void mbox_mozilla_status(struct slice digits, struct import_message *m)
{
	static const struct {
		unsigned bit;
		flags_t flag;
	} rows[] = {{0x0001, FLAG_SEEN},
		    {0x0002, FLAG_ANSWERED},
		    {0x0004, FLAG_FLAGGED},
		    {0x0008, FLAG_DELETED}};
	uint8_t bytes[2];
	if (hex_decode_to(digits, bytes, sizeof(bytes)))
		return;
	unsigned bits = bytes[0] * 256u + bytes[1];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (bits & rows[i].bit)
			m->flags |= rows[i].flag;
	m->is_forwarded |= (bits & 0x1000) != 0;
}

void mbox_status_line(struct slice line, struct import_message *m)
{
	struct slice value = line, name = slice_split(&value, ':');
	value = slice_trim(value);
	if (slice_eq_str_nocase(name, "Status") || slice_eq_str_nocase(name, "X-Status"))
		mbox_status_letters(value, m);
	else if (slice_eq_str_nocase(name, "X-Mozilla-Status"))
		mbox_mozilla_status(value, m);
}

/* --- the file ----------------------------------------------------------------------------------- */

static enum err mbox_next(struct import_source *s, struct import_message *m)
{
	/* Pass over what the caller did not read. */
	s->is_measured = false;
	for (struct slice piece = SLICE_LIT("."); !s->has_from && piece.len;) {
		enum err err = import_source_read(s, &piece);
		if (err)
			return err;
	}
	if (!s->has_from)
		return ERR_NOT_FOUND;
	int64_t date = s->from_date;
	enum err err = source_measure(s, m);
	m->mailbox = slice_str(s->mailbox);
	m->internal_date = date;
	return err;
}

/* An empty file is an mbox without messages. */
static enum err mbox_begin(struct import_source *s)
{
	struct stat st;
	struct slice line;
	if (fstat(fileno(s->file), &st) != 0 || !S_ISREG(st.st_mode))
		return ERR_UNSUPPORTED;
	do
		line = source_raw_line(s);
	while (source_line_is_empty(line));
	if (ferror(s->file))
		return ERR_IO;
	s->is_over = line.len == 0;
	s->has_from = mbox_from_line(line, &s->from_date);
	return s->has_from || s->is_over ? ERR_NONE : ERR_SYNTAX;
}

enum err import_source_mbox(const char *path, struct slice mailbox, bool is_mboxrd,
			    struct import_source **source_out)
{
	struct import_source *s = source_new(mailbox);
	*source_out = s;
	if (!s)
		return ERR_NOMEM;
	s->next = mbox_next;
	s->is_mbox = true;
	s->is_mboxrd = is_mboxrd;
	s->file = fopen(path, "rbe");
	enum err err = s->file ? mbox_begin(s) : source_open_err();
	if (err)
		import_source_close(source_out);
	return err;
}
