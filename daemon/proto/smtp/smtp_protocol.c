#include "proto/protocols.h"

extern const struct protocol smtp_protocol; /* named by the generated table */
const struct protocol smtp_protocol = {
	.name = "smtp",
	.ports = {{25, SERVICE_SMTP, false, "smtp"},
		  {587, SERVICE_SUBMISSION, false, "submission"},
		  {465, SERVICE_SUBMISSION, true, "submissions"},
		  {24, SERVICE_LMTP, false, "lmtp"}},
	.port_count = 4,
	.start = smtp_session_start,
};
