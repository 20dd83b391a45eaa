/* xml_writer - the one way by which Surel says XML: what comes out is well-formed, whatever goes in.
 *
 * Writes into a buf of the caller. Names and attribute names are ours (C literals that outlive the
 * writer); texts and values may be anybody's: they are escaped, and what XML 1.0 (2.2) cannot hold
 * (controls, bytes that are not UTF-8) becomes '?'. The first failure is remembered, later calls do
 * nothing, and xml_end tells; so a document is written without a check at every line. */
#ifndef APP_XML_WRITER_H
#define APP_XML_WRITER_H

#include "base/buf.h"

enum { XML_DEPTH_MAX = 12 };

struct xml {
	struct buf *out;
	const char *open[XML_DEPTH_MAX];
	bool has_children[XML_DEPTH_MAX]; /* of open[i]: its end tag stands on a line of its own */
	size_t depth;
	bool in_tag;                      /* the start tag still takes attributes */
	enum err err;
};

/* Begins a document. doctype: what follows "<!DOCTYPE ", a literal of ours; NULL: none. */
void xml_begin(struct xml *x, struct buf *out, const char *doctype);
void xml_open(struct xml *x, const char *name);
void xml_attr(struct xml *x, const char *name, const char *value); /* right after xml_open */
void xml_text(struct xml *x, struct slice text);
void xml_close(struct xml *x);
void xml_leaf(struct xml *x, const char *name, const char *text); /* <name>text</name> */
void xml_leaf_number(struct xml *x, const char *name, uint64_t number);
/* Closes all that is open. ERR_LIMIT, ERR_NOMEM of the buffer; ERR_STATE: our own bug in nesting. */
MUST_CHECK enum err xml_end(struct xml *x);

#endif
