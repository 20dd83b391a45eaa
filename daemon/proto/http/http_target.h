/* http_target - the target of a request and the name of the host it is meant for (RFC 9112 3.2).
 *
 * Strict: what two readers might take for two different places is ERR_SYNTAX. */
#ifndef PROTO_HTTP_HTTP_TARGET_H
#define PROTO_HTTP_HTTP_TARGET_H

#include "base/slice.h"

/* Origin form "/path?query" or absolute form "http://authority/path?query"; the others (CONNECT,
 * "*") are nothing to us. authority_out is empty for the first; query_out has a NULL pointer when
 * there is no '?'. */
MUST_CHECK enum err http_split_target(struct slice target, struct slice *authority_out,
                                      struct slice *path_out, struct slice *query_out);
/* Percent-decodes once into dst, which has room for path.len octets. Refused: broken or decoded to
 * "/", "\", a control, or anything that is not UTF-8; segments "." and "..". */
MUST_CHECK enum err http_decode_path(struct slice path, uint8_t *dst, struct slice *path_out);
/* "name:port", "192.0.2.1", "[2001:db8::1]:443": without the port (0: none); brackets stay. */
MUST_CHECK enum err http_split_host(struct slice text, struct slice *host_out, uint16_t *port_out);
/* The octet of "%XX" at the front of text; -1: it is none. */
int http_percent(struct slice text);

#endif
