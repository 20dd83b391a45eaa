#include "app/expiry.h"

#include <stdlib.h>

#include "app/app_part.h"
#include "app/expiry_scan.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/name_map.h"

enum { EXPIRY_EVERY_MS = 3600 * 1000, EXPIRY_SOON_MS = 2000, EXPIRY_STEPS_A_TURN = 4 };

/* When somebody's mail is worth a look again; memory only. */
struct expiry_date {
	char user[USER_NAME_MAX_BYTES + 1];
	int64_t next_s;
};

struct expiry {
	struct appliance *app;
	struct errand errand;
	struct timer timer;
	struct expiry_scan scan;
	struct name_map dates;
	bool was_sane;
};

/* --- dates -------------------------------------------------------------------------------------- */

static struct expiry_date *date_find(struct expiry *x, const char *user)
{
	return name_map_find(&x->dates, slice_str(user));
}

static int64_t expiry_when(struct expiry_scan *scan, const char *user)
{
	const struct expiry_date *date = date_find(list_owner(scan, struct expiry, scan), user);
	return date ? date->next_s : 0;
}

static void expiry_looked(struct expiry_scan *scan, const char *user, int64_t next_s)
{
	struct expiry *x = list_owner(scan, struct expiry, scan);
	struct expiry_date *date = date_find(x, user);
	if (date) {
		date->next_s = next_s;
		return;
	}
	date = calloc(1, sizeof(*date));
	/* Without it this user is looked at every hour. */
	if (!date || slice_to_str(slice_str(user), date->user, sizeof(date->user)) ||
	    name_map_add(&x->dates, date)) {
		free(date);
		return;
	}
	date->next_s = next_s;
}

/* --- running ------------------------------------------------------------------------------------ */

static void expiry_pause(struct expiry *x, uint64_t ms)
{
	expiry_scan_close(&x->scan);
	errand_leave(&x->errand);
	timer_set(&x->timer, ms);
}

static void expiry_run(struct errand *errand)
{
	struct expiry *x = list_owner(errand, struct expiry, errand);
	enum step step = STEP_MORE;
	for (int i = 0; i < EXPIRY_STEPS_A_TURN && step == STEP_MORE; i++) {
		step = expiry_scan_run(&x->scan, &errand->waiter);
		if (waiter_is_waiting(&errand->waiter))
			return;
	}
	if (step == STEP_MORE)
		errand_go_on(errand);
	else
		expiry_pause(x, EXPIRY_EVERY_MS);
}

static void expiry_on_timer(struct timer *t)
{
	struct expiry *x = list_owner(t, struct expiry, timer);
	x->was_sane = clock_is_sane();
	if (!x->was_sane || !x->app->host.store || store_is_read_only(x->app->host.store)) {
		log_info(0, "expiry: waits, as %s",
			 x->was_sane ? "the store takes no changes" : "the clock is not set");
		timer_set(t, EXPIRY_EVERY_MS);
		return;
	}
	expiry_scan_init(&x->scan, x->app);
	x->scan.when = expiry_when;
	x->scan.looked = expiry_looked;
	x->errand.owner = x->scan.walk.user;
	errand_begin(&x->errand, x->app);
}

/* A user was deleted while his mail was looked at: the others still wait for their turn. */
static void expiry_on_end(struct errand *errand, const char *why)
{
	(void)why;
	expiry_pause(list_owner(errand, struct expiry, errand), EXPIRY_SOON_MS);
}

void expiry_soon(struct appliance *a)
{
	struct expiry *x = a->expiry;
	if (!x)
		return;
	name_map_free(&x->dates, free);
	expiry_pause(x, EXPIRY_SOON_MS);
}

/* --- start and stop ----------------------------------------------------------------------------- */

enum err expiry_start(struct appliance *a)
{
	struct expiry *x = calloc(1, sizeof(*x));
	if (!x)
		return ERR_NOMEM;
	x->app = a;
	x->errand.run = expiry_run;
	x->errand.end = expiry_on_end;
	timer_init(&x->timer, a->loop, expiry_on_timer);
	timer_set(&x->timer, EXPIRY_SOON_MS);
	a->expiry = x;
	return ERR_NONE;
}

void expiry_stop(struct appliance *a)
{
	struct expiry *x = a->expiry;
	a->expiry = NULL;
	if (!x)
		return;
	expiry_pause(x, EXPIRY_EVERY_MS);
	timer_cancel(&x->timer);
	name_map_free(&x->dates, free);
	free(x);
}

/* A board without a battery gets its time from the network, some time after the start. */
static void expiry_look_after(struct appliance *a)
{
	if (a->expiry && !a->expiry->was_sane && clock_is_sane())
		expiry_soon(a);
}

const struct app_part expiry_part = {.what = "start the deletion by age",
				     .start = expiry_start,
				     .at[APP_MINUTE] = expiry_look_after,
				     .at[APP_STOP] = expiry_stop};
