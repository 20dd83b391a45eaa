/* The scan of an Autodiscover request: what it finds is text, and fits the profile's template. */
#include <stdlib.h>

#include "app/autodiscover_request.h"
#include "app/web_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct autodiscover_request r, again;
	struct buf out;
	if (autodiscover_request_scan(slice_of(data, size), &r)) {
		if (*r.address || *r.schema)
			abort();
		return 0;
	}
	if (!*r.address || !slice_is_utf8(slice_str(r.address)) ||
	    !slice_is_utf8(slice_str(r.schema)))
		abort();
	/* What was read comes back when it is written and read once more, unless XML cannot say it. */
	buf_init(&out, 8192);
	if (buf_add_str(&out, "<EMailAddress>") || web_escape(slice_str(r.address), &out) ||
	    buf_add_str(&out, "</EMailAddress>"))
		abort();
	bool is_sayable = slice_find_byte(buf_view(&out), '?') == SIZE_MAX;
	enum err err = autodiscover_request_scan(buf_view(&out), &again);
	if (is_sayable && (err || !slice_eq_str(slice_str(r.address), again.address)))
		abort();
	buf_free(&out);
	return 0;
}
