#include "proto/protocols.h"

static void imap_start(struct host *host, struct stream *stream, enum service service,
		       bool over_limit)
{
	(void)service;
	imap_session_start(host, stream, over_limit);
}

extern const struct protocol imap_protocol; /* named by the generated table */
const struct protocol imap_protocol = {
	.name = "imap",
	.ports = {{143, SERVICE_IMAP, false, "imap"}, {993, SERVICE_IMAP, true, "imaps"}},
	.port_count = 2,
	.start = imap_start,
};
