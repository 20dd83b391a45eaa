/* autodiscover_request - who asks, and for what answer: the two texts we need of an Autodiscover
 * request (MS-OXDSCLI 2.2.3.1), found by a scan.
 *
 * No XML library, and no need for one: comments, CDATA, processing instructions and attributes are
 * passed over as XML 1.0 says, names match in any namespace prefix and in any order, the five
 * entities and character references are undone. Nothing is expanded, followed or nested: a request
 * costs one pass over at most AUTODISCOVER_MAX_BYTES. */
#ifndef APP_AUTODISCOVER_REQUEST_H
#define APP_AUTODISCOVER_REQUEST_H

#include "base/slice.h"

enum { AUTODISCOVER_MAX_BYTES = 16 * 1024, AUTODISCOVER_TEXT_MAX = 256 };

struct autodiscover_request {
	char address[AUTODISCOVER_TEXT_MAX]; /* EMailAddress; not checked */
	char schema[AUTODISCOVER_TEXT_MAX];  /* AcceptableResponseSchema; "" when missing */
};

/* ERR_SYNTAX: no XML, or no address in it; ERR_LIMIT: too long. *out is zeroed then. */
MUST_CHECK enum err autodiscover_request_scan(struct slice body, struct autodiscover_request *out);

#endif
