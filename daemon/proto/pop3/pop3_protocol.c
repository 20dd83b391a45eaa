#include "proto/protocols.h"

static void pop3_start(struct host *host, struct stream *stream, enum service service,
		       bool over_limit)
{
	(void)service;
	pop3_session_start(host, stream, over_limit);
}

extern const struct protocol pop3_protocol; /* named by the generated table */
const struct protocol pop3_protocol = {
	.name = "pop3",
	.ports = {{110, SERVICE_POP3, false, "pop3"}, {995, SERVICE_POP3, true, "pop3s"}},
	.port_count = 2,
	.start = pop3_start,
};
