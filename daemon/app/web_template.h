/* web_template - a small Mustache: a template and a model (app/model.h) become HTML or XML.
 *
 *   {{key}}  {{a.b}}  {{.}}        the value, escaped for text and for quoted attributes
 *   {{#key}}..{{/key}}             for each item of an array; once for an object or a true value
 *   {{^key}}..{{/key}}             when it is missing, false, null, "", 0 or an empty array
 *   {{>part}}                      another template in its place, with the same model
 *   {{t.key}}                      a text in the page's language; its own {{keys}} are filled in
 *   {{t.key.[member].end}}         the same; the value of the member is a part of the key
 *   {{!comment}}
 *
 * A key is looked for in the innermost section first, then outwards; {{.key}} in the innermost
 * only. There is no way to put out a value unescaped. Pure: no file, no state. The work is bounded:
 * sections, parts and texts nest at most WEB_TEMPLATE_DEPTH deep, and at most WEB_TEMPLATE_WORK_MAX
 * octets of templates are read, counting each round. */
#ifndef APP_WEB_TEMPLATE_H
#define APP_WEB_TEMPLATE_H

#include "app/model.h"

#include "base/buf.h"

enum {
	WEB_TEMPLATE_DEPTH = 16,
	WEB_TEMPLATE_KEY_MAX = 128,
	WEB_TEMPLATE_WORK_MAX = 4 * 1024 * 1024,
};

struct web_template_source {
	/* A template by its name, a text by its key; false when there is none. */
	bool (*part)(const struct web_template_source *source, struct slice name,
	             struct slice *text_out);
	bool (*text)(const struct web_template_source *source, struct slice key,
	             struct slice *text_out);
};

/* Appends to dst. model may be NULL. ERR_SYNTAX: a tag or section without its end; ERR_NOT_FOUND: no
 * such part; ERR_LIMIT: nested too deep, too much work, or dst's ceiling; ERR_NOMEM. What was
 * appended before an error stays in dst. A text that is missing is put out as its key. */
MUST_CHECK enum err web_template_fill(const struct web_template_source *source,
                                      struct slice text, const struct model *model, struct buf *dst);
/* The same for what is no markup (JSON, mail): nothing is escaped. */
MUST_CHECK enum err web_template_fill_text(const struct web_template_source *source,
                                           struct slice text, const struct model *model, struct buf *dst);
/* & < > " ' and CR as character references. What XML 1.0 (2.2) cannot hold (controls, octets that are
 * not UTF-8) becomes '?': what comes out is well-formed, whatever goes in. */
MUST_CHECK enum err web_escape(struct slice value, struct buf *dst);

#endif
