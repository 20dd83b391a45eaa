#include "proto/http/http.h"
#include "proto/protocols.h"

static void http_start(struct host *host, struct stream *stream, enum service service,
		       bool over_limit)
{
	(void)service;
	http_session_start(host, stream, over_limit);
}

extern const struct protocol http_protocol; /* named by the generated table */
const struct protocol http_protocol = {
	.name = "http",
	.ports = {{80, SERVICE_HTTP, false, "http"}, {443, SERVICE_HTTP, true, "https"}},
	.port_count = 2,
	.start = http_start,
};
