#include "app/expiry_scan.h"

#include "base/clock.h"
#include "base/log.h"

enum { EXPIRY_LOOKS_AT_ONCE = 500, EXPIRY_BUSY_S = 600 };

/* --- the user in hand --------------------------------------------------------------------------- */

static void scan_sooner(struct expiry_scan *s, int64_t due_s)
{
	if (due_s < s->next_s)
		s->next_s = due_s;
}

/* A maildrop that is open must not lose messages under its client (RFC 1939 4). */
static bool scan_is_busy(const struct expiry_scan *s, const char *user)
{
	list_for_each (node, &s->app->sessions) {
		const struct session *session = list_owner(node, struct session, link);
		if (session->service == SERVICE_POP3 && session->login &&
		    strcmp(session->login->user, user) == 0)
			return true;
	}
	return false;
}

/* True: his mail is to be looked at. */
static bool scan_wants(struct expiry_scan *s, const struct user *user)
{
	int64_t now_s = clock_wall_s();
	if (!s->only)
		overrides_policy(&s->app->overrides, s->house, slice_str(user->name), &s->policy);
	if (expiry_policy_is_idle(&s->policy) || (s->when && s->when(s, user->name) > now_s))
		return false;
	s->next_s = now_s + expiry_policy_least_s(&s->policy);
	if (s->is_preview || !scan_is_busy(s, user->name))
		return true;
	if (s->looked)
		s->looked(s, user->name, now_s + EXPIRY_BUSY_S);
	return false;
}

static struct user *scan_find_user(const struct expiry_scan *s)
{
	struct user *user = users_first(s->app->users);
	while (user &&
	       (strcmp(user->name, s->owner) <= 0 || (s->only && strcmp(user->name, s->only) != 0)))
		user = users_next(s->app->users, user);
	return user;
}

static enum step scan_next_user(struct expiry_scan *s, struct waiter *w)
{
	struct user *user = scan_find_user(s);
	if (!user)
		return STEP_DONE;
	enum err err = ERR_NOT_FOUND;
	if (scan_wants(s, user))
		err = account_open(s->app->host.store, slice_str(user->name), false, &s->account,
				   NULL, w);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err && err != ERR_NOT_FOUND)
		log_warn(0, "expiry: %s cannot be opened: %s", user->name, err_text(err));
	memcpy(s->owner, user->name, sizeof(s->owner));
	s->box_name[0] = '\0';
	return STEP_MORE;
}

static void scan_leave_user(struct expiry_scan *s)
{
	if (s->looked)
		s->looked(s, s->owner, s->next_s);
	account_close(&s->account);
}

/* --- the mailbox in hand ------------------------------------------------------------------------ */

static void scan_leave_box(struct expiry_scan *s)
{
	if (s->in_box.messages && !s->is_preview)
		log_info(0, "expiry: %s, %s: %llu messages of %llu KiB deleted by their age",
			 s->owner, s->box_name, (unsigned long long)s->in_box.messages,
			 (unsigned long long)(s->in_box.bytes + 1023) / 1024);
	s->in_box = (struct expiry_count){0};
	s->due_count = 0;
	s->due_bytes = 0;
	expiry_rule_free(&s->rule);
	if (s->box)
		mailbox_close(s->box);
	s->box = NULL;
}

void expiry_scan_close(struct expiry_scan *s)
{
	scan_leave_box(s);
	if (s->account)
		account_close(&s->account);
}

static struct mailbox *scan_find_box(const struct expiry_scan *s)
{
	for (size_t i = 0; i < s->account->box_count; i++)
		if (strcmp(s->account->boxes[i]->name, s->box_name) > 0)
			return s->account->boxes[i];
	return NULL;
}

static enum step scan_next_box(struct expiry_scan *s, struct waiter *w)
{
	struct mailbox *box = scan_find_box(s);
	if (!box) {
		scan_leave_user(s);
		return STEP_MORE;
	}
	enum err err = ERR_NOT_FOUND;
	if (expiry_rule_make(&s->rule, box, &s->policy, clock_wall_s(), !s->is_preview))
		err = mailbox_open(box, w);
	if (err)
		expiry_rule_free(&s->rule);
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err && err != ERR_NOT_FOUND)
		log_warn(0, "expiry: %s, %s cannot be opened: %s", s->owner, box->name,
			 err_text(err));
	/* A name that does not fit cannot come from a store. */
	if (slice_to_str(slice_str(box->name), s->box_name, sizeof(s->box_name)))
		s->box_name[0] = '\0';
	s->box = err ? NULL : box;
	s->next_uid = 1;
	return STEP_MORE;
}

/* --- messages ----------------------------------------------------------------------------------- */

static enum step scan_delete(struct expiry_scan *s)
{
	struct msg_change change = {.kind = CHANGE_EXPUNGE, .uids = s->due, .count = s->due_count};
	enum err err =
		s->is_preview || !s->due_count ? ERR_NONE : mailbox_change(s->box, &change, NULL);
	if (!err) {
		s->in_box.messages += s->due_count;
		s->in_box.bytes += s->due_bytes;
		s->all.messages += s->due_count;
		s->all.bytes += s->due_bytes;
	} else {
		log_warn(0, "expiry: %s, %s: %s", s->owner, s->box_name, err_text(err));
	}
	s->due_count = 0;
	s->due_bytes = 0;
	return err ? STEP_BAD : STEP_MORE;
}

static enum step scan_look(struct expiry_scan *s)
{
	struct msg_info info;
	int64_t due_s = EXPIRY_NEVER;
	for (int i = 0; i < EXPIRY_LOOKS_AT_ONCE; i++) {
		if (s->box->is_gone ||
		    mailbox_info(s->box, mailbox_position(s->box, s->next_uid), &info)) {
			enum step step = s->box->is_gone ? STEP_MORE : scan_delete(s);
			scan_leave_box(s);
			return step;
		}
		s->next_uid = info.uid + 1;
		if (!expiry_is_due(&s->rule, &info, &due_s)) {
			scan_sooner(s, due_s);
			continue;
		}
		s->due[s->due_count++] = info.uid;
		s->due_bytes += info.size;
		if (s->due_count == EXPIRY_BATCH)
			return scan_delete(s);
	}
	return STEP_MORE;
}

enum step expiry_scan_run(struct expiry_scan *s, struct waiter *w)
{
	if (s->box)
		return scan_look(s);
	return s->account ? scan_next_box(s, w) : scan_next_user(s, w);
}
