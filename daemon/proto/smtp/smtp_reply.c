#include "proto/smtp/smtp_reply.h"

#include <stddef.h>
#include <stdint.h>

enum { SMTP_AT_ANY = SMTP_AT_DATA + 1 };

/* What is said of an error at its stage, or else at any. The last row is for all others. */
static const struct {
	uint8_t stage, err;
	struct smtp_reply reply;
} smtp_replies[] = {
	{SMTP_AT_RCPT, ERR_NONE, {"250 2.1.5", "Recipient ok"}},
	{SMTP_AT_RCPT, ERR_SYNTAX, {"501 5.1.3", "Bad recipient address"}},
	{SMTP_AT_RCPT, ERR_DENIED, {"550 5.7.1", "Relaying denied"}},
	{SMTP_AT_RCPT, ERR_LIMIT, {"452 4.5.3", "Too many recipients"}},
	{SMTP_AT_RCPT, ERR_UNSUPPORTED, {"550 5.7.1", "Not allowed"}},
	{SMTP_AT_DATA, ERR_LIMIT, {"552 5.3.4", "The message is too big"}},
	/* The host has counted Received fields (mail/trace.h). */
	{SMTP_AT_DATA, ERR_STATE, {"554 5.4.6", "Routing loop detected"}},
	{SMTP_AT_ANY, ERR_NONE, {"250 2.0.0", "Stored"}},
	{SMTP_AT_ANY, ERR_NOMEM, {"451 4.3.0", "Out of memory, try again later"}},
	{SMTP_AT_ANY, ERR_LIMIT, {"451 4.3.2", "Too much at once, try again later"}},
	{SMTP_AT_ANY, ERR_SYNTAX, {"550 5.6.0", "The message is malformed"}},
	{SMTP_AT_ANY, ERR_NOT_FOUND, {"550 5.1.1", "No such user here"}},
	{SMTP_AT_ANY, ERR_DENIED, {"550 5.7.1", "Not allowed"}},
	{SMTP_AT_ANY, ERR_IN_USE, {"450 4.2.0", "The mailbox is busy, try again later"}},
	{SMTP_AT_ANY, ERR_GONE, {"550 5.2.1", "The mailbox is no more"}},
	{SMTP_AT_ANY, ERR_QUOTA, {"452 4.2.2", "The mailbox is full"}},
	{SMTP_AT_ANY, ERR_FULL, {"452 4.3.1", "The disk is full, try again later"}},
	{SMTP_AT_ANY, ERR_UNSUPPORTED, {"554 5.3.3", "Not possible here"}},
	{SMTP_AT_ANY, ERR_COUNT, {"451 4.3.0", "Local trouble, try again later"}},
};

const struct smtp_reply *smtp_reply_for(enum err err, enum smtp_stage stage)
{
	size_t i = 0;
	while (smtp_replies[i].err != ERR_COUNT &&
	       (smtp_replies[i].err != err ||
		(smtp_replies[i].stage != stage && smtp_replies[i].stage != SMTP_AT_ANY)))
		i++;
	return &smtp_replies[i].reply;
}
