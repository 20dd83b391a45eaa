/* protocols - what each protocol offers to the application: its ports, and how a session starts.
 *
 * Which protocols a binary has is decided when it is built: the table `protocols` is generated from
 * the options chosen (daemon/tables.sh), so nobody above needs to ask. */
#ifndef PROTO_PROTOCOLS_H
#define PROTO_PROTOCOLS_H

#include "proto/host.h"

struct protocol_port {
	uint16_t number;      /* well-known; the daemon's port base is added */
	enum service service;
	bool is_implicit_tls; /* RFC 8314 */
	const char *name;     /* "imaps" */
};

struct protocol {
	const char *name;
	struct protocol_port ports[4];
	size_t port_count;
	/* Takes over the stream in all cases; over_limit: says goodbye in its own words. */
	void (*start)(struct host *host, struct stream *stream, enum service service,
	              bool over_limit);
};

extern const struct protocol *const protocols[]; /* closed by NULL */

void imap_session_start(struct host *host, struct stream *stream, bool over_limit);
void pop3_session_start(struct host *host, struct stream *stream, bool over_limit);
void smtp_session_start(struct host *host, struct stream *stream, enum service service,
                        bool over_limit); /* SERVICE_SMTP, SERVICE_SUBMISSION, SERVICE_LMTP */

#endif
