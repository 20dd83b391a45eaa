/* trace - what a mail server adds to a header and how it sees a loop (RFC 5321 4.4, 6.3). */
#ifndef MAIL_TRACE_H
#define MAIL_TRACE_H

#include "mail/date.h"
#include "mail/header.h"

/* RFC 5321 6.3 wants at least 100 tolerated. */
enum { TRACE_MAX_RECEIVED = 100 };

struct trace_hop {
	struct slice helo;      /* what the client called itself; may be empty */
	struct slice peer;      /* its address, "192.0.2.1" or "2001:db8::1" */
	struct slice by;        /* our host name */
	struct slice with;      /* "ESMTPS", "LMTP" (RFC 3848, RFC 6531) */
	struct slice id;        /* our id of the transaction */
	struct slice recipient; /* for <...>; empty: left out (several recipients) */
	struct slice tls;       /* "TLSv1.3 TLS_AES_128_GCM_SHA256"; empty: left out */
	struct date date;
};

/* Appends a folded "Received:" field with CRLF. Bytes that do not belong into a header become
 * "?". */
MUST_CHECK enum err trace_received(const struct trace_hop *hop, struct buf *dst);
/* Appends "<time.random@host>", without field name or line end (RFC 5322 3.6.4). */
MUST_CHECK enum err trace_message_id(struct slice host, struct buf *dst);

/* Looks at a header while it streams by: push the same bytes that go to the store. */
struct trace_scan {
	struct header_parser parser;
	struct slice delivered_to; /* an address of ours; empty: not asked */
	uint32_t received;         /* number of Received fields */
	uint32_t delivered;        /* Delivered-To fields that name delivered_to */
	bool has_message_id, has_date, has_from;
	bool is_over;              /* the header has ended */
};
/* `delivered_to` must outlive the scan. */
void trace_scan_init(struct trace_scan *t, struct slice delivered_to);
/* Cheap once the header is over. ERR_NOMEM. */
MUST_CHECK enum err trace_scan_push(struct trace_scan *t, struct slice bytes);
MUST_CHECK enum err trace_scan_finish(struct trace_scan *t);
bool trace_is_loop(const struct trace_scan *t); /* too many hops, or delivered here before */
void trace_scan_free(struct trace_scan *t);

#endif
