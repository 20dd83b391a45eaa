/* model - a tree of values: what a page's template is filled with, and what JSON says.
 *
 * Objects and lists hold texts, whole numbers, yes or no, null, objects and lists. model_new makes
 * the outermost object, which owns the memory of all that is added below it; model_free frees it
 * as a whole. Keys and texts are copied. No value has to be checked for NULL: what did not fit is
 * missing, everything added below it vanishes, and model_is_whole tells at the end.
 *
 * In a list the key is NULL. A member that is there twice is found the first time. */
#ifndef APP_MODEL_H
#define APP_MODEL_H

#include "base/buf.h"

enum {
	MODEL_MAX_BYTES = 4 * 1024 * 1024,
	MODEL_DEPTH_MAX = 16, /* of JSON that is read */
};

enum model_kind {
	MODEL_NULL,
	MODEL_NO,
	MODEL_YES,
	MODEL_NUMBER,
	MODEL_FRACTION, /* of JSON: a number that is no int64_t; nothing else is known of it */
	MODEL_TEXT,
	MODEL_LIST,
	MODEL_OBJECT,
};

struct model {
	enum model_kind kind;
	const char *key;
	const char *text;          /* MODEL_TEXT */
	int64_t number;            /* MODEL_NUMBER */
	struct model *first, *next; /* its members; the one behind it */
	struct model *last;
	struct model_memory *memory;
};

struct model *model_new(void); /* an object; NULL: no memory */
void          model_free(struct model *outermost);
bool          model_is_whole(const struct model *outermost); /* false: something did not fit */

struct model *model_object(struct model *in, const char *key);
struct model *model_list(struct model *in, const char *key);
struct model *model_row(struct model *list); /* an object in a list */
void model_text(struct model *in, const char *key, const char *text); /* NULL adds nothing */
void model_slice(struct model *in, const char *key, struct slice text);
void model_textf(struct model *in, const char *key, const char *fmt, ...) PRINTF_LIKE(3, 4);
void model_take(struct model *in, const char *key, struct buf *text); /* frees the buffer, too */
/* A text for each key of `keys`, which are separated by spaces. */
void model_texts(struct model *in, const char *keys, const char *const *texts);
#define model_texts(in, keys, ...) (model_texts)(in, keys, (const char *const[]){__VA_ARGS__})
void model_number(struct model *in, const char *key, int64_t number);
void model_bool(struct model *in, const char *key, bool value);
struct model *model_null(struct model *in, const char *key);
/* A member that is null becomes a text. */
MUST_CHECK enum err model_become(struct model *member, struct slice text);
void model_remove(struct model *in, const struct model *member); /* its memory stays in use */

/* NULL when there is no such member, or no object. */
struct model *model_find(const struct model *object, struct slice key);
struct model *model_get(const struct model *object, const char *key);
/* "", 0 and false when it is missing or something else. */
const char *model_get_text(const struct model *object, const char *key);
int64_t     model_get_number(const struct model *object, const char *key);
bool        model_get_bool(const struct model *object, const char *key);
bool        model_has_members(const struct model *value); /* a list or object that is not empty */

/* --- model_json.c: RFC 8259 -------------------------------------------------------------------- */

/* Appends. What came into texts in other charsets than UTF-8 goes out as it is. */
MUST_CHECK enum err model_print(const struct model *value, struct buf *dst);
/* An object, in UTF-8, with nothing but white space around it. A NUL in a text is refused: a text
 * would end there. ERR_SYNTAX; ERR_LIMIT: too deep or too large; ERR_NOMEM. */
MUST_CHECK enum err model_parse(struct slice json, struct model **outermost_out);

#endif
