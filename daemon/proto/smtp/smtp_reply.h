/* smtp_reply - what an error means to an SMTP client: reply code, enhanced code, words.
 *
 * RFC 5321 4.2, RFC 3463, RFC 5248. 4xx is said of everything that may work later, so that no
 * sender gives up because our disk is full; 5xx only of what stays wrong. */
#ifndef PROTO_SMTP_REPLY_H
#define PROTO_SMTP_REPLY_H

#include "base/err.h"

struct smtp_reply {
	const char *code; /* "550 5.1.1" */
	const char *text;
};

enum smtp_stage {
	SMTP_AT_RCPT,  /* host->rcpt_check */
	SMTP_AT_BEGIN, /* host->delivery_begin */
	SMTP_AT_DATA,  /* host->delivery_write, delivery_finish, results */
};

/* Static storage. ERR_NONE gives the stage's 250. */
const struct smtp_reply *smtp_reply_for(enum err err, enum smtp_stage stage);

#endif
