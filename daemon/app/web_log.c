#include "app/web_status.h"
#include "base/log.h"
#include "mail/date.h"

enum { LOG_PAGE_MAX_BYTES = 8 * 1024 };

static const char *log_tag(struct slice level)
{
	return slice_eq_str(level, "error") ? "bad" : slice_eq_str(level, "warn") ? "warn" : "";
}

/* "2026-11-27T10:01:06Z info: what came to pass" */
static void put_line(struct model *lines, enum lang lang, struct slice line)
{
	struct date when;
	char key[32];
	struct slice stamp = slice_split(&line, ' '), level = slice_split(&line, ':');
	struct buf text;
	struct model *one = model_row(lines);
	buf_init(&text, LOG_PAGE_MAX_BYTES);
	if (!date_parse_mail(stamp, &when))
		status_put_time(one, "at", when.utc_s);
	snprintf(key, sizeof(key), "log." SLICE_FMT, SLICE_ARG(slice_upto(level, 8)));
	model_text(one, "word", web_text(lang, key));
	model_text(one, "tag", log_tag(level));
	/* What others sent may stand in it, in any bytes; a page is UTF-8. */
	line = slice_trim(line);
	for (size_t i = 0; i < line.len; i++)
		if (buf_add_byte(&text,
				 slice_is_utf8(line) || line.ptr[i] < 128 ? line.ptr[i] : '?'))
			break;
	model_take(one, "text", &text);
}

enum step status_run_log(struct http_exchange *x)
{
	struct buf tail;
	struct model *model = model_new(), *lines = model_list(model, "lines");
	buf_init(&tail, LOG_PAGE_MAX_BYTES);
	struct slice rest = log_tail(&tail) ? SLICE_EMPTY : buf_view(&tail);
	while (rest.len) { /* the newest on top; each has an LF behind it */
		rest.len--;
		size_t before = slice_rfind_byte(rest, '\n') + 1; /* of SIZE_MAX: 0 */
		put_line(lines, web_lang(x), slice_from(rest, before));
		rest = slice_upto(rest, before);
	}
	buf_free(&tail);
	return web_page(x, 200, "log", model);
}
