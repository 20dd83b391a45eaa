/* The head of a request. Whatever is taken is what http.h promises, and the same in pieces. */
#include <stdlib.h>

#include "proto/http/http_head.h"

static void must(bool is_so)
{
	if (!is_so)
		abort();
}

static bool has_octet_below(struct slice s, uint8_t least)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < least && s.ptr[i] != '\t')
			return true;
	return false;
}

static void check(const struct http_head *head)
{
	const struct http_request *r = &head->request;
	must(r->path.len && r->path.ptr[0] == '/' && slice_is_utf8(r->path));
	must(!has_octet_below(r->path, ' ') && slice_find_byte(r->path, '\\') == SIZE_MAX);
	must(slice_find(r->path, SLICE_LIT("/../")) == SIZE_MAX &&
	     !slice_ends_nocase(r->path, "/.."));
	must(!has_octet_below(r->target, '!') && r->target.ptr[0] == '/');
	must(r->host.len || head->minor_version == 0);
	must(head->field_count <= HTTP_FIELDS_MAX && head->used <= head->size);
	for (size_t i = 0; i < head->field_count; i++)
		must(!has_octet_below(head->fields[i].name, '!') &&
		     !has_octet_below(head->fields[i].value, ' '));
	/* Two of what must be one would have been refused, not joined. */
	must(slice_find_byte(http_head_field(head, "Content-Length"), ',') == SIZE_MAX);
	must(slice_find_byte(http_head_field(head, "Host"), ',') == SIZE_MAX);
	must(r->content_length != UINT64_MAX ||
	     (!http_head_field(head, "Content-Length").len &&
	      slice_eq_str_nocase(http_head_field(head, "Transfer-Encoding"), "chunked")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_scan whole = {.at = 0}, pieces = {.at = 0};
	struct slice input = slice_upto(slice_of(data, size), HTTP_HEAD_MAX_BYTES);
	enum step step = http_head_find(&whole, input), other = STEP_MORE;
	for (size_t len = 0; len <= input.len && other == STEP_MORE; len++)
		other = http_head_find(&pieces, slice_upto(input, len));
	must(step == other && whole.at == pieces.at);
	if (step != STEP_DONE)
		return 0;
	struct http_head *head;
	int status = http_head_parse(slice_upto(input, whole.at), &head);
	must(status == 0 || status == 400 || status == 413 || status == 431);
	if (!status)
		check(head);
	http_head_free(&head);
	return 0;
}
