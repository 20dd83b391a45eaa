/* protocols - how the application starts a session of each protocol on a fresh stream. */
#ifndef PROTO_PROTOCOLS_H
#define PROTO_PROTOCOLS_H

#include "proto/host.h"

/* Each takes over the stream in all cases; over_limit: says goodbye in its own words. */
void imap_session_start(struct host *host, struct stream *stream, bool over_limit);
void pop3_session_start(struct host *host, struct stream *stream, bool over_limit);
void smtp_session_start(struct host *host, struct stream *stream, enum service service,
                        bool over_limit); /* SERVICE_SMTP, SERVICE_SUBMISSION, SERVICE_LMTP */

#endif
