#include "app/expiry_scan.h"

#include "base/clock.h"
#include "base/log.h"

enum { EXPIRY_LOOKS_AT_ONCE = 500, EXPIRY_BUSY_S = 600 };

static struct expiry_scan *scan_of(struct mail_walk *walk)
{
	return list_owner(walk, struct expiry_scan, walk);
}

/* --- what is looked at -------------------------------------------------------------------------- */

/* A maildrop that is open must not lose messages under its client (RFC 1939 4). */
static bool scan_is_busy(const struct mail_walk *walk, const char *user)
{
	list_for_each (node, &walk->app->sessions) {
		const struct session *session = list_owner(node, struct session, link);
		if (session->service == SERVICE_POP3 && session->login &&
		    strcmp(session->login->user, user) == 0)
			return true;
	}
	return false;
}

static bool scan_wants_user(struct mail_walk *walk, const struct user *user)
{
	struct expiry_scan *s = scan_of(walk);
	int64_t now_s = clock_wall_s();
	if (!walk->only_user)
		overrides_policy(&walk->app->overrides, s->house,
				 slice_of(user->name, strlen(user->name)), &s->policy);
	if (expiry_policy_is_idle(&s->policy) || (s->when && s->when(s, user->name) > now_s))
		return false;
	s->next_s = now_s + expiry_policy_least_s(&s->policy);
	if (s->is_preview || !scan_is_busy(walk, user->name))
		return true;
	if (s->looked)
		s->looked(s, user->name, now_s + EXPIRY_BUSY_S);
	return false;
}

static bool scan_wants_box(struct mail_walk *walk, struct mailbox *box)
{
	struct expiry_scan *s = scan_of(walk);
	expiry_rule_free(&s->rule);
	return expiry_rule_make(&s->rule, box, &s->policy, clock_wall_s(), !s->is_preview);
}

void expiry_scan_init(struct expiry_scan *s, struct appliance *app)
{
	*s = (struct expiry_scan){.house = &app->settings};
	mail_walk_init(&s->walk, app);
	s->walk.wants_user = scan_wants_user;
	s->walk.wants_box = scan_wants_box;
}

/* --- messages ----------------------------------------------------------------------------------- */

static enum err scan_delete(struct expiry_scan *s)
{
	struct mailbox *box = s->walk.box;
	struct msg_change change = {.kind = CHANGE_EXPUNGE, .uids = s->due, .count = s->due_count};
	enum err err = ERR_NONE;
	if (!s->is_preview && s->due_count && !box->is_gone)
		err = mailbox_change(box, &change, NULL);
	if (err) {
		log_warn(0, "expiry: %s, %s: %s", s->walk.user, s->walk.box_name, err_text(err));
	} else if (!box->is_gone) {
		s->in_box.messages += s->due_count;
		s->in_box.bytes += s->due_bytes;
		s->all.messages += s->due_count;
		s->all.bytes += s->due_bytes;
	}
	s->due_count = 0;
	s->due_bytes = 0;
	return err;
}

static void scan_look(struct expiry_scan *s)
{
	const struct msg_info *info = &s->walk.info;
	int64_t due_s = EXPIRY_NEVER;
	if (!expiry_is_due(&s->rule, info, &due_s)) {
		if (due_s < s->next_s)
			s->next_s = due_s;
		return;
	}
	s->due[s->due_count++] = info->uid;
	s->due_bytes += info->size;
}

static enum err scan_leave_box(struct expiry_scan *s)
{
	enum err err = scan_delete(s);
	if (s->in_box.messages && !s->is_preview)
		log_info(0, "expiry: %s, %s: %llu messages of %llu KiB deleted by their age",
			 s->walk.user, s->walk.box_name, (unsigned long long)s->in_box.messages,
			 (unsigned long long)(s->in_box.bytes + 1023) / 1024);
	s->in_box = (struct expiry_count){0};
	return err;
}

void expiry_scan_close(struct expiry_scan *s)
{
	expiry_rule_free(&s->rule);
	mail_walk_close(&s->walk);
}

enum step expiry_scan_run(struct expiry_scan *s, struct waiter *w)
{
	enum err err = ERR_NONE;
	for (int i = 0; i < EXPIRY_LOOKS_AT_ONCE && s->due_count < EXPIRY_BATCH; i++) {
		enum walk_event event;
		err = mail_walk_next(&s->walk, &event, w);
		if (err == ERR_AGAIN)
			return STEP_MORE;
		if (event == WALK_END)
			return STEP_DONE;
		if (event == WALK_MESSAGE)
			scan_look(s);
		else if (event == WALK_BOX_END)
			return scan_leave_box(s) ? STEP_BAD : STEP_MORE;
		else if (event == WALK_USER_END && s->looked)
			s->looked(s, s->walk.user, s->next_s);
	}
	if (s->due_count == EXPIRY_BATCH)
		err = scan_delete(s);
	return err ? STEP_BAD : STEP_MORE;
}
