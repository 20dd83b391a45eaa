#include "app/expiry_rule.h"

enum { EXPIRY_DAY_S = 86400, EXPIRY_LOOK_S = 3600 };

static int64_t days_s(uint64_t days)
{
	return days * EXPIRY_DAY_S;
}

/* The owner of a mailbox that POP3 no longer reads keeps what is there. */
static bool policy_takes_downloads(const struct policy *p)
{
	return p->pop3_delete_days && p->pop3_access != POP3_OFF;
}

bool expiry_policy_is_idle(const struct policy *p)
{
	return !p->trash_days && !p->junk_days && !policy_takes_downloads(p);
}

int64_t expiry_policy_least_s(const struct policy *p)
{
	uint64_t days = UINT32_MAX;
	if (p->trash_days && p->trash_days < days)
		days = p->trash_days;
	if (p->junk_days && p->junk_days < days)
		days = p->junk_days;
	if (policy_takes_downloads(p) && p->pop3_delete_days < days)
		days = p->pop3_delete_days;
	return days_s(days);
}

bool expiry_rule_make(struct expiry_rule *rule, struct mailbox *box, const struct policy *p,
		      int64_t now_s, bool may_write)
{
	*rule = (struct expiry_rule){.now_s = now_s,
				     .downloaded_s = days_s(p->pop3_delete_days),
				     .since_arrival = p->pop3_delete_since == POP3_SINCE_ARRIVAL};
	if (!box->exists || !box->messages)
		return false;
	if (box->special_use & USE_TRASH && p->trash_days)
		rule->age_s = days_s(p->trash_days);
	else if (box->special_use & USE_JUNK && p->junk_days)
		rule->age_s = days_s(p->junk_days);
	if (policy_takes_downloads(p) && box->note.len)
		rule->downloads =
			expiry_downloads_new(box, p->pop3_devices == POP3_DEVICES_OWN, may_write);
	return rule->age_s || rule->downloads;
}

void expiry_rule_free(struct expiry_rule *rule)
{
	expiry_downloads_free(&rule->downloads);
}

/* Days are counted whole: what was downloaded at any hour of a day has N days behind it only when
 * N + 1 midnights have passed. */
static int64_t downloaded_due(const struct expiry_rule *rule, const struct msg_info *info)
{
	uint32_t day = expiry_downloads_day(rule->downloads, info->uid);
	if (!day)
		/* It may be downloaded at any time; by its arrival it could then be due at once. */
		return rule->now_s + (rule->since_arrival ? EXPIRY_LOOK_S : rule->downloaded_s);
	if (info->flags & FLAG_FLAGGED)
		return rule->now_s + EXPIRY_DAY_S;
	return rule->downloaded_s +
	       (rule->since_arrival ? info->save_date : days_s((uint64_t)day + 1));
}

bool expiry_is_due(const struct expiry_rule *rule, const struct msg_info *info, int64_t *due_s_out)
{
	int64_t due_s = EXPIRY_NEVER;
	if (rule->age_s)
		due_s = info->save_date + rule->age_s;
	if (rule->downloads) {
		int64_t other_s = downloaded_due(rule, info);
		due_s = other_s < due_s ? other_s : due_s;
	}
	*due_s_out = due_s;
	return due_s <= rule->now_s;
}
