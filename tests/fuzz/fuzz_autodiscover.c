/* The scan of an Autodiscover request: what it finds is text, and fits the profile's writer. */
#include <stdlib.h>

#include "app/autodiscover_request.h"
#include "app/xml_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct autodiscover_request r, again;
	struct buf out;
	struct xml x;
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
	xml_begin(&x, &out, NULL);
	xml_leaf(&x, "EMailAddress", r.address);
	if (xml_end(&x))
		abort();
	bool is_sayable = slice_find_byte(buf_view(&out), '?') == 1;
	enum err err = autodiscover_request_scan(buf_view(&out), &again);
	bool has_none = slice_find(slice_from(buf_view(&out), 38), SLICE_LIT("?")) == SIZE_MAX;
	if (is_sayable && has_none && (err || !slice_eq_str(slice_str(r.address), again.address)))
		abort();
	buf_free(&out);
	return 0;
}
