/* web_words - sentences of the page that are put together in C: texts of web/text with values in
 * them, sizes, dates, and the value of a setting as people say it. */
#ifndef APP_WEB_WORDS_H
#define APP_WEB_WORDS_H

#include "app/model.h"
#include "app/size_text.h"

enum { WORDS_MAX_BYTES = 1024, WORDS_DATE_BYTES = 64 };

struct word {
	const char *name, *value; /* {{name}} in the text */
};
/* Appends the text `key` with its words in place; cut when dst is full. */
void words_say(struct buf *dst, enum lang lang, const char *key, const struct word *words,
               size_t count);
/* The same for one number {{n}}. */
void words_say_number(struct buf *dst, enum lang lang, const char *key, uint64_t n);
void words_add(struct buf *dst, const char *text); /* cut when dst is full */
/* words_say and words_say_number into a member of a model. */
void words_put(struct model *in, const char *member, enum lang lang, const char *key,
               const struct word *words, size_t count);
void words_put_number(struct model *in, const char *member, enum lang lang, const char *key,
                      uint64_t n);

/* "27 Nov 2026, 10:42" in the time zone of the box. */
void words_date(enum lang lang, int64_t seconds, char dst[WORDS_DATE_BYTES]);
/* "27 Nov 2026": a day of UTC, as the store's notes count them. */
void words_day(enum lang lang, int64_t seconds, char dst[WORDS_DATE_BYTES]);

/* "label.KEY", "help.KEY": of the texts, or the help of the table. Good until the handler ends. */
const char *words_label(enum lang lang, const struct setting *row);
const char *words_choice(enum lang lang, const struct setting *row, const char *value);
/* What this value means: "After 30 days", "Never", "Move it to Trash". */
void words_value(struct buf *dst, enum lang lang, const struct setting *row, const char *value);

/* Seconds as minutes, "10" or "1:30", and back. ERR_SYNTAX, ERR_LIMIT above max_seconds. */
void words_minutes(struct buf *dst, uint64_t seconds);
MUST_CHECK enum err words_parse_minutes(struct slice text, uint64_t max_seconds,
                                        uint64_t *seconds_out);
bool words_in_minutes(const struct setting *row); /* is shown and typed so */

#endif
