#include "app/appliance_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "app/certificate.h"
#include "app/expiry.h"
#include "app/pop3_window.h"
#include "app/ports.h"
#include "app/quota_watch.h"
#include "base/clock.h"
#include "base/log.h"

enum {
	KIB_PER_CONNECTION = 32,   /* with TLS; an eighth of the memory may go there */
	DESCRIPTORS_KEPT = 128,    /* for the store, listeners, refusals, commands */
	PAGE_CONNECTIONS_MIN = 16, /* an eighth of all, but not less: a browser opens several */
};

/* --- limits ------------------------------------------------------------------------------------ */

static uint32_t connections_by_memory(void)
{
	struct sysinfo box;
	uint64_t kib = sysinfo(&box) == 0 ? (uint64_t)box.totalram * box.mem_unit / 1024 : 0;
	uint64_t fit = kib / 8 / KIB_PER_CONNECTION;
	return fit < 64 ? 64 : fit > 2000 ? 2000 : (uint32_t)fit;
}

/* Connections must leave descriptors to the store: one that cannot open its files is read-only. */
static uint32_t connections_by_descriptors(void)
{
	struct rlimit limit;
	if (prlimit(0, RLIMIT_NOFILE, NULL, &limit) != 0)
		return 1024 - DESCRIPTORS_KEPT;
	limit.rlim_cur = limit.rlim_max;
	/* Refused only where the limit is odd; then what there was before counts. */
	if (prlimit(0, RLIMIT_NOFILE, &limit, NULL) != 0 ||
	    prlimit(0, RLIMIT_NOFILE, NULL, &limit) != 0)
		return 1024 - DESCRIPTORS_KEPT;
	if (limit.rlim_cur >= UINT32_MAX)
		return UINT32_MAX;
	uint32_t all = (uint32_t)limit.rlim_cur;
	return all > 2 * DESCRIPTORS_KEPT ? all - DESCRIPTORS_KEPT : all / 2;
}

static uint32_t or_three_quarters(uint64_t setting, uint32_t all)
{
	return setting ? (uint32_t)setting : all - all / 4;
}

static void apply_limits(struct appliance *a)
{
	const struct settings *s = &a->settings;
	uint32_t by_descriptors = connections_by_descriptors();
	a->connections_max =
		s->net_connections ? (uint32_t)s->net_connections : connections_by_memory();
	if (a->connections_max > by_descriptors)
		a->connections_max = by_descriptors;
	a->per_address_max = or_three_quarters(s->net_per_address, a->connections_max);
	a->page_connections_max = a->connections_max / 8;
	if (a->page_connections_max < PAGE_CONNECTIONS_MIN)
		a->page_connections_max = PAGE_CONNECTIONS_MIN;
	a->per_user_max = or_three_quarters(s->net_per_user, a->connections_max);
	if (a->page_connections) {
		struct conn_limits limits = {a->connections_max, a->per_address_max};
		struct conn_limits page = {a->page_connections_max, a->per_address_max};
		conn_table_set_limits(a->connections, &limits);
		conn_table_set_limits(a->page_connections, &page);
	}
}

/* --- the host's words --------------------------------------------------------------------------- */

static void apply_hostname(struct appliance *a)
{
	char system[SETTING_TEXT_MAX] = "";
	gethostname(system, sizeof(system) - 1);
	const char *name = *a->settings.hostname ? a->settings.hostname
			   : *system             ? system
						 : "surel.local";
	snprintf(a->hostname, sizeof(a->hostname), "%s", name);
	a->host.hostname = a->hostname;
}

/* The C library's idea of local time. What the environment said before is the system's zone. */
static void apply_time_zone(struct appliance *a)
{
	const char *before = getenv("TZ");
	if (!a->has_system_zone)
		snprintf(a->system_zone, sizeof(a->system_zone), "%s", before ? before : "");
	a->has_system_zone = true;
	const char *zone = *a->settings.time_zone ? a->settings.time_zone : a->system_zone;
	if (*zone ? setenv("TZ", zone, 1) : unsetenv("TZ"))
		log_warn(0, "the time zone cannot be set");
	tzset();
}

/* RFC 2449 6.5, 6.6: before login CAPA tells the strictest of all users. */
static void apply_strictest(struct appliance *a)
{
	uint32_t days = POLICY_EXPIRE_NEVER, delay_s = 0;
	for (struct user *u = a->users ? users_first(a->users) : NULL; u;
	     u = users_next(a->users, u)) {
		struct policy policy;
		appliance_policy(a, u->name, &policy);
		uint32_t his = policy_expire_days(&policy);
		if (policy.pop3_access == POP3_OFF)
			continue;
		days = his < days ? his : days;
		if (policy.pop3_login_delay_s > delay_s)
			delay_s = (uint32_t)policy.pop3_login_delay_s;
	}
	a->host.pop3_expire_min_days = days;
	a->host.pop3_login_delay_max_s = delay_s;
}

static void apply_host(struct appliance *a)
{
	const struct settings *s = &a->settings;
	struct host *h = &a->host;
	h->message_max_bytes = s->message_max_mib * 1024 * 1024;
	h->allow_plaintext_lan = s->auth_plaintext_lan;
	h->idle_keepalive_ms = (uint32_t)s->imap_keepalive_min * 60000;
	h->imap_idle_timeout_ms = (uint32_t)s->imap_timeout_min * 60000;
	h->pop3_idle_timeout_ms = (uint32_t)s->pop3_timeout_min * 60000;
	h->smtp_idle_timeout_ms = (uint32_t)s->smtp_timeout_min * 60000;
	h->login_timeout_ms = (uint32_t)s->auth_timeout_s * 1000;
	h->rcpt_max = (uint32_t)s->rcpt_max;
}

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

void appliance_apply(struct appliance *a)
{
	if (!a->options.is_tool)
		log_set_level((enum log_level)a->settings.log_level);
	apply_limits(a);
	apply_hostname(a);
	apply_time_zone(a);
	apply_host(a);
	apply_strictest(a);
	apply_sessions(a);
}

/* What is read while the daemon starts cannot be exchanged under it. */
static void warn_of_restart(const struct settings *before, const struct settings *after)
{
	for (size_t i = 0; i < setting_count; i++)
		if (setting_table[i].needs_restart &&
		    !setting_is_same(before, after, &setting_table[i]))
			log_info(0, "%s takes effect at the next start", setting_table[i].key);
}

static void warn_of_strangers(struct appliance *a)
{
	for (struct override *own = overrides_next(&a->overrides, NULL); own;
	     own = overrides_next(&a->overrides, own))
		if (!users_find(a->users, slice_str(own->name)))
			log_warn(0, "%s has settings for %s, who is no user", a->config_path,
				 own->name);
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
	if (a->options.is_tool)
		return; /* nothing else is there; the next daemon does the rest when it starts */
	certificate_follow(a, &before);
	/* Without a table of connections nobody is listening yet, nor will. */
	enum err err = a->connections ? ports_open(a) : ERR_NONE;
	if (err)
		log_warn(0, "not all ports could be opened: %s", err_text(err));
	appliance_begin_windows(a);
	expiry_soon(a);
}

static enum err appliance_read(struct appliance *a, struct conf *fresh)
{
	struct buf why;
	buf_init(&why, 1024);
	conf_init(fresh);
	enum err err = conf_load(a->config_path, fresh, &why);
	if (err)
		log_error(0, "%s: " SLICE_FMT, a->config_path, SLICE_ARG(buf_view(&why)));
	buf_free(&why);
	return err;
}

enum err appliance_load(struct appliance *a)
{
	struct conf fresh;
	enum err err = appliance_read(a, &fresh);
	a->settings = fresh.settings;
	a->overrides = fresh.overrides;
	warn_of_strangers(a);
	appliance_apply(a);
	return err;
}

void appliance_reload(struct appliance *a)
{
	struct conf fresh;
	if (appliance_read(a, &fresh)) {
		log_warn(0, "the settings stay as they were");
		return;
	}
	appliance_adopt(a, &fresh);
	warn_of_strangers(a);
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

/* --- asking ------------------------------------------------------------------------------------- */

void appliance_policy(struct appliance *a, const char *user, struct policy *policy_out)
{
	overrides_policy(&a->overrides, &a->settings, slice_str(user), policy_out);
}

bool appliance_overrides(struct appliance *a, const char *user, const struct setting *row)
{
	return override_has(overrides_find(&a->overrides, slice_str(user)), row);
}

void appliance_set_quota(struct appliance *a, struct account *account)
{
	struct policy policy;
	appliance_policy(a, account->name, &policy);
	policy_set_quota(&policy, account);
	quota_watch_see(a, account->name, account);
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
