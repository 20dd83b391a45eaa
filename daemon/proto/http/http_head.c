#include "proto/http/http_head.h"

#include <picohttpparser.h>
#include <stdlib.h>

#include "proto/http/http_target.h"

/* --- finding its end -------------------------------------------------------------------------- */

/* False for an octet that may not stand there in any head. */
static bool http_scan_octet(struct http_scan *scan, uint8_t c)
{
	if (scan->is_after_cr != (c == '\n'))
		return false;
	scan->is_after_cr = c == '\r';
	if (c == '\r')
		return true;
	if (c == '\n') {
		scan->line_len = 0;
		scan->lines++;
		return true;
	}
	scan->line_len++;
	return (c >= ' ' || c == '\t') && c != 0x7f && (c < 0x80 || scan->lines > 0);
}

enum step http_head_find(struct http_scan *scan, struct slice input)
{
	while (scan->at < input.len) {
		bool is_line_empty = scan->line_len == 0;
		uint8_t c = input.ptr[scan->at];
		if (!http_scan_octet(scan, c))
			return STEP_BAD;
		scan->at++;
		if (c == '\n' && is_line_empty)
			return STEP_DONE;
	}
	return STEP_MORE;
}

/* --- fields ----------------------------------------------------------------------------------- */

static bool http_is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) &&
		    (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
			return false;
	}
	return s.len > 0;
}

struct slice http_head_field(const struct http_head *head, const char *name)
{
	for (size_t i = 0; head && i < head->field_count; i++)
		if (slice_eq_str_nocase(head->fields[i].name, name))
			return head->fields[i].value;
	return SLICE_EMPTY;
}

bool http_list_has(struct slice list, const char *word)
{
	while (list.len)
		if (slice_eq_str_nocase(slice_trim(slice_split(&list, ',')), word))
			return true;
	return false;
}

static size_t http_count_fields(const struct http_head *head, const char *name)
{
	size_t count = 0;
	for (size_t i = 0; i < head->field_count; i++)
		count += slice_eq_str_nocase(head->fields[i].name, name);
	return count;
}

static void http_head_put(struct http_head *head, struct slice text)
{
	memcpy(head->bytes + head->used, text.ptr ? text.ptr : head->bytes, text.len);
	head->used += text.len;
}

/* RFC 9110 5.3; cookies are joined by what separates them. */
static void http_join_field(struct http_head *head, size_t first)
{
	struct http_header *f = &head->fields[first];
	struct slice separator =
		slice_eq_str_nocase(f->name, "Cookie") ? SLICE_LIT("; ") : SLICE_LIT(", ");
	size_t start = head->used;
	http_head_put(head, f->value);
	for (size_t i = first + 1; i < head->field_count; i++) {
		struct http_header *other = &head->fields[i];
		if (!slice_eq_nocase(f->name, other->name))
			continue;
		http_head_put(head, separator);
		http_head_put(head, other->value);
		other->name = SLICE_EMPTY;
	}
	f->value = slice_of(head->bytes + start, head->used - start);
}

static void http_join_fields(struct http_head *head)
{
	for (size_t i = 0; i < head->field_count; i++)
		for (size_t k = i + 1; head->fields[i].name.len && k < head->field_count; k++)
			if (slice_eq_nocase(head->fields[i].name, head->fields[k].name)) {
				http_join_field(head, i);
				break;
			}
}

/* --- what the fields say ---------------------------------------------------------------------- */

static int http_take_host(struct http_head *head, struct slice authority)
{
	struct http_request *r = &head->request;
	size_t count = http_count_fields(head, "Host");
	struct slice host = http_head_field(head, "Host");
	if (count > 1 || (count == 0 && head->minor_version > 0))
		return 400;
	/* RFC 9112 3.2.2 has the target win; when the two differ somebody is being fooled. */
	if (authority.len && count && !slice_eq_nocase(authority, host))
		return 400;
	if (count == 0)
		host = authority;
	if (count == 0 && host.len == 0)
		return 0; /* HTTP/1.0 */
	return http_split_host(host, &r->host, &r->port) ? 400 : 0;
}

/* RFC 9112 6.1, 6.3: what two readers might understand differently is not read at all. */
static int http_take_length(struct http_head *head)
{
	struct http_request *r = &head->request;
	size_t lengths = http_count_fields(head, "Content-Length");
	size_t codings = http_count_fields(head, "Transfer-Encoding");
	if (codings) {
		bool is_chunked =
			slice_eq_str_nocase(http_head_field(head, "Transfer-Encoding"), "chunked");
		if (codings > 1 || lengths || !is_chunked || head->minor_version == 0)
			return 400;
		r->content_length = UINT64_MAX;
		return 0;
	}
	if (lengths == 0)
		return 0;
	enum err err = slice_u64(http_head_field(head, "Content-Length"), UINT64_MAX - 1,
				 &r->content_length);
	if (lengths > 1 || (err && err != ERR_LIMIT))
		return 400;
	return err ? 413 : 0;
}

static int http_take_expectation(struct http_head *head)
{
	struct slice expect = http_head_field(head, "Expect");
	if (!http_count_fields(head, "Expect") || head->minor_version == 0)
		return 0;
	head->expects_continue = slice_eq_str_nocase(expect, "100-continue");
	return head->expects_continue ? 0 : 400;
}

static enum http_method http_method_of(struct slice name)
{
	static const struct {
		const char *name;
		enum http_method method;
	} rows[] = {{"GET", HTTP_GET},
		    {"HEAD", HTTP_HEAD},
		    {"POST", HTTP_POST},
		    {"OPTIONS", HTTP_OPTIONS}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (slice_eq_str(name, rows[i].name))
			return rows[i].method;
	return 0;
}

/* --- all of it -------------------------------------------------------------------------------- */

struct http_first_line {
	struct slice method, target;
};

/* The parser skips an empty line before the first, and newer ones more than one blank. */
static bool http_first_line_is_strict(const struct http_head *head, const struct http_first_line *l)
{
	const uint8_t *version = l->target.ptr + l->target.len;
	return l->method.ptr == head->bytes && http_is_token(l->method) &&
	       l->target.ptr == l->method.ptr + l->method.len + 1 &&
	       slice_eq_str(slice_of(version, 8), " HTTP/1.") && ascii_is_digit(version[8]) &&
	       version[9] == '\r';
}

static int http_take_fields(struct http_head *head, const struct phr_header *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct http_header *f = &head->fields[i];
		f->name = slice_of(rows[i].name, rows[i].name_len);
		f->value = slice_trim(slice_of(rows[i].value, rows[i].value_len));
		/* No name: a folded line (RFC 9112 5.2). A blank before the colon is no token. */
		if (!f->name.ptr || !http_is_token(f->name))
			return 400;
	}
	head->field_count = count;
	return 0;
}

static int http_parse_lines(struct http_head *head, size_t len, struct http_first_line *line)
{
	struct phr_header rows[HTTP_FIELDS_MAX];
	const char *method = NULL, *path = NULL;
	size_t method_len = 0, path_len = 0, count = HTTP_FIELDS_MAX;
	int version = 0;
	int got = phr_parse_request((const char *)head->bytes, len, &method, &method_len, &path,
				    &path_len, &version, rows, &count, 0);
	if (got < 0 || (size_t)got != len)
		return count == HTTP_FIELDS_MAX ? 431 : 400;
	line->method = slice_of(method, method_len);
	line->target = slice_of(path, path_len);
	head->minor_version = (unsigned)version;
	return http_first_line_is_strict(head, line) ? http_take_fields(head, rows, count) : 400;
}

static int http_fill(struct http_head *head, size_t len)
{
	struct http_request *r = &head->request;
	struct http_first_line line = {SLICE_EMPTY, SLICE_EMPTY};
	struct slice authority = SLICE_EMPTY, path = SLICE_EMPTY;
	int status = http_parse_lines(head, len, &line);
	if (status)
		return status;
	r->method = http_method_of(line.method);
	if (http_split_target(line.target, &authority, &path, &r->query) ||
	    http_decode_path(path, head->bytes + head->used, &r->path))
		return 400;
	r->target = slice_of(path.ptr, path.len + (r->query.ptr ? r->query.len + 1 : 0));
	head->used += r->path.len;
	status = http_take_host(head, authority);
	if (!status)
		status = http_take_length(head);
	if (!status)
		status = http_take_expectation(head);
	http_join_fields(head);
	struct slice connection = http_head_field(head, "Connection");
	head->is_kept_alive = head->minor_version > 0 ? !http_list_has(connection, "close")
						      : http_list_has(connection, "keep-alive");
	return status;
}

int http_head_parse(struct slice bytes, struct http_head **head_out)
{
	/* Room for the decoded path and the joined fields: not longer than what they come from, but
	 * for a separator of each field. */
	size_t size = 2 * bytes.len + 2 * (size_t)HTTP_FIELDS_MAX;
	*head_out = NULL;
	struct http_head *head = calloc(1, sizeof(*head) + size);
	if (!head)
		return 500;
	head->size = size;
	http_head_put(head, bytes);
	int status = http_fill(head, bytes.len);
	if (status)
		http_head_free(&head);
	*head_out = head;
	return status;
}

void http_head_free(struct http_head **head)
{
	struct http_head *h = *head;
	if (!h)
		return;
	*head = NULL;
	explicit_bzero(h, sizeof(*h) + h->size);
	free(h);
}
