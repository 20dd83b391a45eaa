#include "mail/summary_fields.h"

/* Lower case and sorted, for the binary search. */
static const char *const mime_names[] = {
	"content-description",       "content-disposition", "content-id",
	"content-language",          "content-location",    "content-md5",
	"content-transfer-encoding", "content-type",
};

static const char *const envelope_names[] = {
	"bcc",        "cc",       "date",   "from",    "in-reply-to",
	"message-id", "reply-to", "sender", "subject", "to",
};

/* What Thunderbird, Apple Mail, K-9, FairEmail, Evolution, mutt, mbsync, Delta Chat and Roundcube
 * list in BODY.PEEK[HEADER.FIELDS (...)] when they meet a message for the first time. A name that a
 * message does not carry costs nothing. Long trace and signature fields are left to the message
 * itself. */
static const char *const listing_names[] = {
	"auto-submitted",
	"autocrypt-setup-message",
	"chat-version",
	"delivered-to",
	"disposition-notification-to",
	"followup-to",
	"importance",
	"keywords",
	"lines",
	"list-archive",
	"list-help",
	"list-id",
	"list-owner",
	"list-post",
	"list-subscribe",
	"list-unsubscribe",
	"list-unsubscribe-post",
	"mail-followup-to",
	"mail-reply-to",
	"mailing-list",
	"mime-version",
	"newsgroups",
	"precedence",
	"priority",
	"references",
	"return-path",
	"return-receipt-to",
	"x-k9mail-identity",
	"x-label",
	"x-list",
	"x-loop",
	"x-mailer",
	"x-mailing-list",
	"x-microsoft-original-message-id",
	"x-mozilla-draft-info",
	"x-mozilla-keys",
	"x-mozilla-status",
	"x-mozilla-status2",
	"x-msmail-priority",
	"x-original-to",
	"x-priority",
	"x-spam-flag",
	"x-spam-level",
	"x-spam-score",
	"x-spam-status",
	"x-tuid",
	"x-uid",
	"x-uniform-type-identifier",
	"x-universally-unique-identifier",
};

static bool is_listed(const char *const *names, size_t count, struct slice name)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = slice_cmp_nocase(name, slice_str(names[middle]));
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

bool summary_keeps_mime(struct slice name)
{
	return slice_starts_nocase(name, "content-") &&
	       is_listed(mime_names, sizeof(mime_names) / sizeof(*mime_names), name);
}

bool summary_keeps_envelope(struct slice name)
{
	return is_listed(envelope_names, sizeof(envelope_names) / sizeof(*envelope_names), name);
}

bool summary_keeps_listing(struct slice name)
{
	return is_listed(listing_names, sizeof(listing_names) / sizeof(*listing_names), name);
}
