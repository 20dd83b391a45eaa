#include "mail/summary_fields.h"

#include "mail/lexical.h"
#include "mail/summary.h"

const char summary_envelope_names[] = "date\0"
				      "subject\0"
				      "from\0"
				      "sender\0"
				      "reply-to\0"
				      "to\0"
				      "cc\0"
				      "bcc\0"
				      "in-reply-to\0"
				      "message-id\0";

/* What Thunderbird, Apple Mail, K-9, FairEmail, Evolution, mutt, mbsync, Delta Chat and Roundcube
 * list in BODY.PEEK[HEADER.FIELDS (...)] when they meet a message for the first time. A name that a
 * message does not carry costs nothing. Long trace and signature fields are left to the message
 * itself. */
static const char listing_names[] = "auto-submitted\0"
				    "autocrypt-setup-message\0"
				    "chat-version\0"
				    "delivered-to\0"
				    "disposition-notification-to\0"
				    "followup-to\0"
				    "importance\0"
				    "keywords\0"
				    "lines\0"
				    "list-archive\0"
				    "list-help\0"
				    "list-id\0"
				    "list-owner\0"
				    "list-post\0"
				    "list-subscribe\0"
				    "list-unsubscribe\0"
				    "list-unsubscribe-post\0"
				    "mail-followup-to\0"
				    "mail-reply-to\0"
				    "mailing-list\0"
				    "mime-version\0"
				    "newsgroups\0"
				    "precedence\0"
				    "priority\0"
				    "references\0"
				    "return-path\0"
				    "return-receipt-to\0"
				    "x-k9mail-identity\0"
				    "x-label\0"
				    "x-list\0"
				    "x-loop\0"
				    "x-mailer\0"
				    "x-mailing-list\0"
				    "x-microsoft-original-message-id\0"
				    "x-mozilla-draft-info\0"
				    "x-mozilla-keys\0"
				    "x-mozilla-status\0"
				    "x-mozilla-status2\0"
				    "x-msmail-priority\0"
				    "x-original-to\0"
				    "x-priority\0"
				    "x-spam-flag\0"
				    "x-spam-level\0"
				    "x-spam-score\0"
				    "x-spam-status\0"
				    "x-tuid\0"
				    "x-uid\0"
				    "x-uniform-type-identifier\0"
				    "x-universally-unique-identifier\0";

bool summary_keeps_mime(struct slice name) /* of those in "content-" */
{
	return slice_starts_nocase(name, "content-") &&
	       lexical_word_find("description\0"
				 "disposition\0"
				 "id\0"
				 "language\0"
				 "location\0"
				 "md5\0"
				 "transfer-encoding\0"
				 "type\0",
				 slice_from(name, 8)) != SIZE_MAX;
}

bool summary_keeps_envelope(struct slice name)
{
	return lexical_word_find(summary_envelope_names, name) != SIZE_MAX;
}

bool summary_keeps_listing(struct slice name)
{
	return lexical_word_find(listing_names, name) != SIZE_MAX;
}
