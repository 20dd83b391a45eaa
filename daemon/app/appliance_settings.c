#include "app/appliance_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "app/quota_watch.h"
#include "base/log.h"

enum {
	KIB_PER_CONNECTION = 32, /* with TLS; an eighth of the memory may go there */
	DESCRIPTORS_KEPT = 128,  /* for the store, listeners, refusals, commands */
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
	uint64_t all = 1024;
	if (prlimit(0, RLIMIT_NOFILE, NULL, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		/* Refused only where the limit is odd; then what there was before counts. */
		if (prlimit(0, RLIMIT_NOFILE, &limit, NULL) == 0 &&
		    prlimit(0, RLIMIT_NOFILE, NULL, &limit) == 0)
			all = limit.rlim_cur < UINT32_MAX ? limit.rlim_cur : UINT32_MAX;
	}
	return (uint32_t)(all > 2 * DESCRIPTORS_KEPT ? all - DESCRIPTORS_KEPT : all / 2);
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
	a->per_user_max = or_three_quarters(s->net_per_user, a->connections_max);
}

/* --- what protocols ask ------------------------------------------------------------------------- */

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

/* --- all of it ---------------------------------------------------------------------------------- */

void appliance_apply(struct appliance *a)
{
	if (!a->options.is_tool)
		log_set_level((enum log_level)a->settings.log_level);
	apply_limits(a);
	appliance_apply_place(a);
	apply_host(a);
	apply_strictest(a);
}

enum err appliance_read(struct appliance *a, struct conf *fresh)
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
	appliance_apply(a);
	return err;
}

/* --- asking ------------------------------------------------------------------------------------- */

void appliance_policy(struct appliance *a, const char *user, struct policy *policy_out)
{
	overrides_policy(&a->overrides, &a->settings, slice_str(user), policy_out);
}

void appliance_set_quota(struct appliance *a, struct account *account)
{
	struct policy policy;
	appliance_policy(a, account->name, &policy);
	policy_set_quota(&policy, account);
	quota_watch_see(a, account->name, account);
}
