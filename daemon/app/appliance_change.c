/* Settings that change while the daemon runs. */
#include <stdio.h>

#include "app/appliance_settings.h"
#include "app/certificate.h"
#include "app/expiry.h"
#include "app/page_door.h"
#include "app/pop3_window.h"
#include "app/ports.h"
#include "base/clock.h"
#include "base/log.h"

/* --- open sessions ------------------------------------------------------------------------------ */

/* Nobody goes on by rules of POP3 or IMAP that have changed; the rest can be exchanged. */
static bool row_ends(const struct setting *row, enum service service)
{
	return (service == SERVICE_POP3 && slice_starts(slice_str(row->key), SLICE_LIT("pop3."))) ||
	       (service == SERVICE_IMAP && slice_starts(slice_str(row->key), SLICE_LIT("imap.")));
}

static bool policy_ends(const struct policy *old, const struct policy *new, enum service service)
{
	struct settings before = {.policy = *old}, after = {.policy = *new};
	for (size_t i = 0; i < setting_count; i++)
		if (row_ends(&setting_table[i], service) &&
		    !setting_is_same(&before, &after, &setting_table[i]))
			return true;
	return false;
}

static void apply_policy(struct appliance *a, struct session *s)
{
	struct policy policy;
	appliance_policy(a, s->login->user, &policy);
	policy_set_quota(&policy, s->login->account);
	if (policy_ends(&s->login->policy, &policy, s->service)) {
		session_end(s, GOODBYE_SWITCHED);
		return;
	}
	s->login->policy = policy;
	s->login->pop3_expire_days = policy_expire_days(&policy);
}

static void apply_sessions(struct appliance *a)
{
	list_for_each (node, &a->sessions) {
		struct session *s = list_owner(node, struct session, link);
		if (s->login)
			apply_policy(a, s);
	}
}

/* --- all of it ---------------------------------------------------------------------------------- */

/* What is read while the daemon starts cannot be exchanged under it. */
static void warn_of_restart(const struct settings *before, const struct settings *after)
{
	for (size_t i = 0; i < setting_count; i++)
		if (setting_table[i].needs_restart &&
		    !setting_is_same(before, after, &setting_table[i]))
			log_info(0, "%s takes effect at the next start", setting_table[i].key);
}

void appliance_warn_of_strangers(struct appliance *a)
{
	for (struct override *own = overrides_next(&a->overrides, NULL); own;
	     own = overrides_next(&a->overrides, own))
		if (!users_find(a->users, slice_str(own->name)))
			log_warn(0, "%s has settings for %s, who is no user", a->config_path,
				 own->name);
}

static void apply_doors(struct appliance *a)
{
	struct conn_limits limits = {a->connections_max, a->per_address_max};
	if (!a->connections)
		return; /* nobody is listening yet, nor will */
	conn_table_set_limits(a->connections, &limits);
	page_door_limit(a);
	ports_close_unwanted(a);
	enum err err = ports_open(a);
	if (err)
		log_warn(0, "not all ports could be opened: %s", err_text(err));
}

/* Takes *fresh over. */
static void appliance_adopt(struct appliance *a, struct conf *fresh)
{
	struct settings before = a->settings;
	overrides_free(&a->overrides);
	a->settings = fresh->settings;
	a->overrides = fresh->overrides;
	warn_of_restart(&before, &a->settings);
	appliance_apply(a);
	apply_sessions(a);
	if (a->options.is_tool)
		return; /* nothing else is there; the next daemon does the rest when it starts */
	certificate_follow(a, &before);
	apply_doors(a);
	appliance_begin_windows(a);
	expiry_soon(a);
}

void appliance_reload(struct appliance *a)
{
	struct conf fresh;
	if (appliance_read(a, &fresh)) {
		log_warn(0, "the settings stay as they were");
		return;
	}
	appliance_adopt(a, &fresh);
	appliance_warn_of_strangers(a);
	log_info(0, "settings read again");
}

enum err appliance_change(struct appliance *a, const char *user,
			  const struct setting_change *changes, size_t n, enum lang lang,
			  struct buf *why, size_t *which_out)
{
	struct conf before = {a->settings, a->overrides}, after;
	if (which_out)
		*which_out = 0;
	if (user && !users_find(a->users, slice_str(user))) {
		setting_say(why, lang, SETTING_SAY_NO_USER, user, NULL, NULL);
		return ERR_NOT_FOUND;
	}
	enum err err = conf_change_saved(a->config_path, &before, user, changes, n, lang, why,
					 which_out, &after);
	if (!err)
		appliance_adopt(a, &after);
	return err;
}

enum err appliance_forget(struct appliance *a, const char *user)
{
	struct conf before = {a->settings, a->overrides}, after;
	recent_logins_forget(a->logins, user);
	enum err err = conf_forget_saved(a->config_path, &before, user, &after);
	if (!err)
		appliance_adopt(a, &after);
	return err;
}

bool appliance_overrides(struct appliance *a, const char *user, const struct setting *row)
{
	return override_has(overrides_find(&a->overrides, slice_str(user)), row);
}

/* --- "from now on" ------------------------------------------------------------------------------ */

static enum err windows_begin(struct conf *c, const char *now, bool *changed_out)
{
	const struct setting *access = setting_find(SLICE_LIT("pop3.access"));
	const struct setting *from = setting_find(SLICE_LIT("pop3.from"));
	enum err err = ERR_NONE;
	if (c->settings.policy.pop3_access == POP3_FROM_NOW_ON && !c->settings.policy.pop3_from_s) {
		*changed_out = true;
		err = setting_set(&c->settings, from, slice_str(now), LANG_EN, NULL);
	}
	for (struct override *own = overrides_next(&c->overrides, NULL); own && !err;
	     own = overrides_next(&c->overrides, own)) {
		if (!override_has(own, access) || own->policy.pop3_access != POP3_FROM_NOW_ON ||
		    override_has(own, from))
			continue;
		*changed_out = true;
		err = overrides_set(&c->overrides, slice_str(own->name), from, slice_str(now),
				    LANG_EN, NULL);
	}
	return err;
}

/* Where it began just now, the mailboxes are told: they know better than any clock what was there. */
static void windows_note(struct appliance *a, bool is_house, uint64_t now_s)
{
	const struct setting *from = setting_find(SLICE_LIT("pop3.from"));
	enum err err = is_house ? pop3_window_begin(a, NULL) : ERR_NONE;
	for (struct override *own = overrides_next(&a->overrides, NULL); own && !err;
	     own = overrides_next(&a->overrides, own))
		if (override_has(own, from) && own->policy.pop3_from_s == now_s)
			err = pop3_window_begin(a, own->name);
	if (err)
		log_warn(0, "pop3: windows go by date: %s", err_text(err));
}

void appliance_begin_windows(struct appliance *a)
{
	struct conf now_in_force = {a->settings, a->overrides}, fresh;
	char now[24];
	int64_t now_s = clock_wall_or_floor_s();
	bool changed = false;
	snprintf(now, sizeof(now), "%lld", (long long)now_s);
	enum err err = conf_copy(&now_in_force, &fresh);
	if (!err)
		err = windows_begin(&fresh, now, &changed);
	if (!err && changed)
		err = conf_save(a->config_path, &fresh);
	if (err || !changed) {
		if (err)
			log_error(0, "pop3.from cannot be saved: %s", err_text(err));
		conf_free(&fresh);
		return;
	}
	bool is_house = fresh.settings.policy.pop3_from_s != a->settings.policy.pop3_from_s;
	overrides_free(&a->overrides);
	a->settings = fresh.settings;
	a->overrides = fresh.overrides;
	apply_sessions(a);
	windows_note(a, is_house, (uint64_t)now_s);
}
