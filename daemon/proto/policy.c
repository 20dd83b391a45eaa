#include "proto/policy.h"

const char *const policy_capabilities[] = {
	"LITERAL+",      "SASL-IR",     "ID",          "ENABLE",
	"IDLE",          "NAMESPACE",   "CHILDREN",    "UNSELECT",
	"UIDPLUS",       "MOVE",        "SPECIAL-USE", "CREATE-SPECIAL-USE",
	"LIST-EXTENDED", "LIST-STATUS", "STATUS=SIZE", "CONDSTORE",
	"ESEARCH",       "MULTIAPPEND", NULL,
};

uint32_t policy_days_min(uint32_t days, uint64_t other)
{
	return other && other < days ? (uint32_t)other : days;
}

/* Mailboxes that are emptied are known by their use; where only a name is at hand, by the one that
 * they have from the start. proto/pop3 looks again when it has the mailbox. */
static bool shows_by_name(const struct policy *policy, const char *name)
{
	return policy->pop3_shows == POP3_SHOWS_FOLDER &&
	       slice_eq_str_nocase(slice_str(policy->pop3_folder), name);
}

uint32_t policy_expire_days(const struct policy *policy)
{
	uint32_t days = POLICY_EXPIRE_NEVER;
	/* Whatever takes it out of sight at QUIT: a client can rely on nothing afterwards. */
	if (policy->pop3_after >= POP3_AFTER_ARCHIVE || !policy->pop3_show_again)
		return 0;
	days = policy_days_min(days, policy->pop3_delete_days);
	if (policy->pop3_shows == POP3_SHOWS_JUNK_TOO || shows_by_name(policy, "Junk"))
		days = policy_days_min(days, policy->junk_days);
	if (shows_by_name(policy, "Trash"))
		days = policy_days_min(days, policy->trash_days);
	return days;
}

bool policy_hides(const struct policy *policy, const char *line)
{
	struct slice rest = slice_str(policy->imap_hide), behind = slice_str(line);
	struct slice name = slice_word(&behind);
	while (rest.len) {
		struct slice word = slice_word(&rest);
		if (word.len && slice_eq_nocase(word, name))
			return true;
	}
	return false;
}
