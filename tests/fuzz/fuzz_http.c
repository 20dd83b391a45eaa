/* A whole HTTP connection with the small site of the tests, fed with anything; see
 * support/fuzz_session.h. Bits 6 and 7: 3 is a connection above the limit. */
#include <stdlib.h>

#include "support/fuzz_session.h"
#include "support/test_site.h"

static void start(struct host *host, struct stream *stream, uint8_t choice)
{
	test_site_init();
	host->site = &test_site;
	http_session_start(host, stream, choice == 3);
}

/* Every reply begins as one, and the first is not preceded by anything. */
static void check(struct slice said)
{
	if (said.len && !slice_starts(SLICE_LIT("HTTP/1.1 "), slice_upto(said, 9)))
		abort();
	/* What a request holds must not become a field of a reply. */
	if (slice_find(said, SLICE_LIT("\r\nSet-Cookie:")) != SIZE_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	test_site_is_brief = true;
	fuzz_session(data, size, start, check);
	if (test_site_open_commands || test_site_open_data)
		abort();
	return 0;
}
