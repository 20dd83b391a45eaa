/* A whole POP3 session, fed with anything; see support/fuzz_session.h. */
#include "support/fuzz_session.h"

static void start(struct host *host, struct stream *stream, uint8_t choice)
{
	pop3_session_start(host, stream, choice == 3);
}

static void check(struct slice said)
{
	fuzz_check_lines(said, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_session(data, size, start, check);
	return 0;
}
