#include "proto/smtp/smtp_reply.h"

#include <stddef.h>

static const struct smtp_reply at_any_stage[ERR_COUNT] = {
	[ERR_NONE] = {"250 2.0.0", "Stored"},
	[ERR_NOMEM] = {"451 4.3.0", "Out of memory, try again later"},
	[ERR_LIMIT] = {"451 4.3.2", "Too much at once, try again later"},
	[ERR_SYNTAX] = {"550 5.6.0", "The message is malformed"},
	[ERR_NOT_FOUND] = {"550 5.1.1", "No such user here"},
	[ERR_DENIED] = {"550 5.7.1", "Not allowed"},
	[ERR_IN_USE] = {"450 4.2.0", "The mailbox is busy, try again later"},
	[ERR_GONE] = {"550 5.2.1", "The mailbox is no more"},
	[ERR_QUOTA] = {"452 4.2.2", "The mailbox is full"},
	[ERR_FULL] = {"452 4.3.1", "The disk is full, try again later"},
	[ERR_UNSUPPORTED] = {"554 5.3.3", "Not possible here"},
};

static const struct smtp_reply at_rcpt[ERR_COUNT] = {
	[ERR_NONE] = {"250 2.1.5", "Recipient ok"},
	[ERR_SYNTAX] = {"501 5.1.3", "Bad recipient address"},
	[ERR_DENIED] = {"550 5.7.1", "Relaying denied"},
	[ERR_LIMIT] = {"452 4.5.3", "Too many recipients"},
	[ERR_UNSUPPORTED] = {"550 5.7.1", "Not allowed"},
};

static const struct smtp_reply at_data[ERR_COUNT] = {
	[ERR_LIMIT] = {"552 5.3.4", "The message is too big"},
	/* The host has counted Received fields (mail/trace.h). */
	[ERR_STATE] = {"554 5.4.6", "Routing loop detected"},
};

static const struct smtp_reply otherwise = {"451 4.3.0", "Local trouble, try again later"};

const struct smtp_reply *smtp_reply_for(enum err err, enum smtp_stage stage)
{
	unsigned i = (unsigned)err;
	const struct smtp_reply *own = stage == SMTP_AT_RCPT   ? at_rcpt
				       : stage == SMTP_AT_DATA ? at_data
							       : at_any_stage;
	if (i >= ERR_COUNT)
		return &otherwise;
	if (own[i].code)
		return &own[i];
	return at_any_stage[i].code ? &at_any_stage[i] : &otherwise;
}
