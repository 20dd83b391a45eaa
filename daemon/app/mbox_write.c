#include "app/mbox_write.h"

#include <time.h>

enum { MBOX_QUOTES_MAX = 1000 }; /* more of them in a row are no quoted From_ line */

static const char from_word[] = "From ";

static enum err mbox_status(flags_t flags, struct slice keywords, struct buf *dst)
{
	enum err err =
		buf_addf(dst, "Status: %sO\nX-Status: %s%s%s%s\n", flags & FLAG_SEEN ? "R" : "",
			 flags & FLAG_ANSWERED ? "A" : "", flags & FLAG_FLAGGED ? "F" : "",
			 flags & FLAG_DRAFT ? "T" : "", flags & FLAG_DELETED ? "D" : "");
	if (!err && keywords.len)
		err = buf_addf(dst, "X-Keywords: " SLICE_FMT "\n", SLICE_ARG(keywords));
	return err;
}

enum err mbox_begin_message(struct mbox_writer *w, struct slice sender, int64_t date_s,
			    flags_t flags, struct slice keywords, struct buf *dst)
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t when = (time_t)(date_s > 0 ? date_s : 0);
	struct tm tm;
	gmtime_r(&when, &tm);
	*w = (struct mbox_writer){.at_start = true, .ends_with_lf = true};
	if (!sender.len)
		sender = SLICE_LIT("MAILER-DAEMON");
	enum err err = buf_addf(dst, "From " SLICE_FMT " %s %s %2d %02d:%02d:%02d %d\n",
				SLICE_ARG(sender), days[tm.tm_wday], months[tm.tm_mon], tm.tm_mday,
				tm.tm_hour, tm.tm_min, tm.tm_sec, 1900 + tm.tm_year);
	return err ? err : mbox_status(flags, keywords, dst);
}

/* What was held back at the start of the line goes out; one > more when it was From_. */
static enum err mbox_decide(struct mbox_writer *w, struct buf *dst)
{
	enum err err = ERR_NONE;
	bool is_from = w->matched == sizeof(from_word) - 1;
	w->at_start = false;
	for (size_t left = w->quotes + is_from; left && !err; left--)
		err = buf_add_byte(dst, '>');
	return err ? err : buf_add(dst, from_word, w->matched);
}

static enum err mbox_line_byte(struct mbox_writer *w, uint8_t c, struct buf *dst)
{
	enum err err = ERR_NONE;
	if (w->at_start && c == '>' && !w->matched) {
		return ++w->quotes < MBOX_QUOTES_MAX ? ERR_NONE : mbox_decide(w, dst);
	}
	if (w->at_start && c == (uint8_t)from_word[w->matched]) {
		w->matched++;
		return w->matched == sizeof(from_word) - 1 ? mbox_decide(w, dst) : ERR_NONE;
	}
	if (w->at_start)
		err = mbox_decide(w, dst);
	if (!err)
		err = buf_add_byte(dst, c);
	w->ends_with_lf = c == '\n';
	if (c == '\n') {
		w->at_start = true;
		w->quotes = w->matched = 0;
	}
	return err;
}

static enum err mbox_byte(struct mbox_writer *w, uint8_t c, struct buf *dst)
{
	enum err err = ERR_NONE;
	if (w->held_cr && c != '\n')
		err = mbox_line_byte(w, '\r', dst);
	w->held_cr = c == '\r';
	return err || w->held_cr ? err : mbox_line_byte(w, c, dst);
}

enum err mbox_add(struct mbox_writer *w, struct slice bytes, struct buf *dst)
{
	enum err err = ERR_NONE;
	for (size_t i = 0; i < bytes.len && !err; i++)
		err = mbox_byte(w, bytes.ptr[i], dst);
	return err;
}

enum err mbox_end_message(struct mbox_writer *w, struct buf *dst)
{
	enum err err = ERR_NONE;
	if (w->held_cr)
		err = mbox_line_byte(w, '\r', dst);
	if (!err && w->at_start && (w->quotes || w->matched)) {
		err = mbox_decide(w, dst);
		w->ends_with_lf = false;
	}
	if (!err && !w->ends_with_lf)
		err = buf_add_byte(dst, '\n');
	return err ? err : buf_add_byte(dst, '\n');
}
