/* smtp_path - the arguments of MAIL and RCPT: paths and parameters (RFC 5321 4.1.1, 4.1.2; RFC 6531).
 *
 * Strict, with two kindnesses that devices on a LAN need: an address may lack its domain ("<root>",
 * "<bob>"), and a domain may hold an underscore. Source routes are parsed and dropped (RFC 5321
 * appendix C). Parts longer than the 64 and 255 octets which every server must take are taken up to
 * SMTP_LOCAL_MAX, for bounce addresses are often longer. Knows no session; slices point into the
 * input. */
#ifndef PROTO_SMTP_PATH_H
#define PROTO_SMTP_PATH_H

#include "base/buf.h"

enum {
	SMTP_LOCAL_MAX = 256,
	SMTP_DOMAIN_MAX = 255,
	SMTP_MAILBOX_MAX = 2 * SMTP_LOCAL_MAX + 2 + 1 + SMTP_DOMAIN_MAX, /* quoted and escaped */
};

struct smtp_path {
	struct slice local;  /* as it stands, with its quotes; empty: the null path <> */
	struct slice domain; /* a name or "[literal]"; empty: there was none */
	bool is_quoted;      /* local is a quoted string */
	bool has_utf8;       /* needs SMTPUTF8 */
};

/* Takes a path with its angle brackets off the front of *rest. ERR_SYNTAX; ERR_LIMIT: a part is too
 * long. What must be UTF-8 is checked; whether it may be there is the caller's question. */
MUST_CHECK enum err smtp_path_parse(struct slice *rest, struct smtp_path *path_out);
/* Appends local@domain in one form for each address: quotes and backslashes only where they are
 * needed ("bob"@x becomes bob@x). At most SMTP_MAILBOX_MAX octets; nothing for the null path. */
MUST_CHECK enum err smtp_path_write(const struct smtp_path *path, struct buf *dst);

struct smtp_param {
	struct slice name;  /* "SIZE" */
	struct slice value; /* NULL pointer: no "=" */
};
/* Takes the next " NAME=value" off the front of *rest. ERR_NOT_FOUND: there is none. */
MUST_CHECK enum err smtp_param_next(struct slice *rest, struct smtp_param *param_out);
/* RFC 3461 4: printable ASCII, with +XX for others. */
bool smtp_is_xtext(struct slice s);

#endif
