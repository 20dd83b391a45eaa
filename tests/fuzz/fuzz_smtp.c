/* A whole SMTP, submission or LMTP session, fed with anything; see support/fuzz_session.h. */
#include <stdlib.h>

#include "support/fuzz_session.h"

static void start(struct host *host, struct stream *stream, uint8_t choice)
{
	static const enum service services[] = {SERVICE_SMTP, SERVICE_SUBMISSION, SERVICE_LMTP};
	smtp_session_start(host, stream, services[choice % 3], false);
}

/* Every line is a reply: three digits, then a space or a hyphen. */
static void check_reply(struct slice line)
{
	if (line.len < 4 || line.ptr[0] < '2' || line.ptr[0] > '5' ||
	    !ascii_is_digit(line.ptr[1]) || !ascii_is_digit(line.ptr[2]) ||
	    (line.ptr[3] != ' ' && line.ptr[3] != '-'))
		abort();
}

static void check(struct slice said)
{
	fuzz_check_lines(said, check_reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_session(data, size, start, check);
	return 0;
}
