/* http_head - the head of a request, found and taken apart (RFC 9112 2 to 6, RFC 9110 5, 7.2).
 *
 * picohttpparser finds the pieces; what it lets pass and the RFCs call invalid or ambiguous is
 * refused here. For the files of proto/http only. */
#ifndef PROTO_HTTP_HTTP_HEAD_H
#define PROTO_HTTP_HTTP_HEAD_H

#include "proto/http/http.h"

struct http_header {
	struct slice name, value; /* trimmed; name empty: joined to an earlier one */
};
struct http_head {
	struct http_request request;
	unsigned minor_version;  /* of HTTP/1.x */
	bool is_kept_alive;      /* the client does not want the connection to end */
	bool expects_continue;   /* RFC 9110 10.1.1 */
	size_t field_count;
	struct http_header fields[HTTP_FIELDS_MAX];
	size_t size, used;       /* of bytes: for wiping them; handed out so far */
	uint8_t bytes[];         /* the head as it came, then what was decoded or joined */
};

/* How far the search for a head's end has come; zeroed before each head. */
struct http_scan {
	size_t at, line_len;
	uint32_t lines;
	bool is_after_cr;
};
/* STEP_DONE: the first scan->at octets of the input are a head, with its empty line. STEP_MORE: it
 * is not whole yet. STEP_BAD: it will never be one (bare CR or LF, a control, not ASCII where that
 * must stand), whatever follows. Looks at each octet once. */
enum step http_head_find(struct http_scan *scan, struct slice input);
/* Takes a whole head apart. 0, or the status to refuse it with: 400, 413, 431, 500. The caller frees
 * the head. */
int http_head_parse(struct slice bytes, struct http_head **head_out);
void http_head_free(struct http_head **head); /* wiped: there are cookies in it. Stores NULL */

/* The value of the field, joined where there were several; empty: none. head may be NULL. */
struct slice http_head_field(const struct http_head *head, const char *name);
/* Does the comma-separated list hold this word, in whatever case? */
bool http_list_has(struct slice list, const char *word);

#endif
