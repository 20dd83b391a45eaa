#include "app/appliance.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/app_part.h"
#include "app/appliance_settings.h"
#include "app/page_door.h"
#include "app/ports.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "options.h"
#include "store/store_ops.h"

enum {
	HOUSEKEEPING_MS = 60 * 1000,
	STOP_WAIT_TURNS = 200, /* of at most 10 ms: goodbyes reach their clients */
};

/* --- the store ---------------------------------------------------------------------------------- */

static void store_turn_now(struct appliance *a)
{
	if (a->host.store)
		store_turn(a->host.store, false);
}

static void on_store_soon(struct deferred *d)
{
	store_turn_now(list_owner(d, struct appliance, store_soon));
}

static void on_store_timer(struct timer *t)
{
	struct appliance *a = list_owner(t, struct appliance, store_timer);
	if (a->host.store)
		store_turn(a->host.store, true);
}

static void store_schedule_turn(void *owner, uint32_t delay_ms)
{
	struct appliance *a = owner;
	if (delay_ms == 0)
		loop_defer(a->loop, &a->store_soon);
	else if (!timer_is_set(&a->store_timer) ||
		 a->store_timer.node.key > clock_mono_ms() + delay_ms)
		timer_set(&a->store_timer, delay_ms);
}

static enum err start_store(struct appliance *a)
{
	if (a->options.without_store)
		return ERR_NONE;
	const char *path = appliance_path(a, "mail");
	enum err err = file_make_dir(path, 0700);
	if (err)
		return err;
	struct store_config config = {
		.path = path,
		.runner = worker_pool_runner(a->syncer),
		.schedule = store_schedule_turn,
		.owner = a,
		.flag_delay_ms = (uint32_t)a->settings.store_flag_delay_ms,
		.reserve_bytes = a->settings.store_reserve_mib * 1024 * 1024,
		.deflate = (int)a->settings.store_deflate,
		.read_only = a->is_read_only,
	};
	const char *backend = settings_backend(&a->settings);
	const struct store_ops *ops = store_backend_find(backend);
	if (!ops)
		log_error(0, "this build has no store.backend %s", backend);
	err = ops ? store_open(store_checked(ops), &config, &a->host.store) : ERR_UNSUPPORTED;
	if (err == ERR_IO && !config.read_only) {
		/* What cannot take its first record may still be read. */
		config.read_only = a->is_read_only = true;
		err = store_open(store_checked(ops), &config, &a->host.store);
	}
	if (err == ERR_IN_USE)
		log_error(0, "%s is in use by another process", path);
	return err;
}

/* --- parts -------------------------------------------------------------------------------------- */

static bool part_is_wanted(const struct appliance *a, const struct app_part *part)
{
	return a->options.is_tool ? part->in_tool : part->in_rescue || !a->options.is_rescue;
}

static void parts_do(struct appliance *a, enum app_moment moment)
{
	for (const struct app_part *const *part = app_parts; *part; part++)
		if (part_is_wanted(a, *part) && (*part)->at[moment])
			(*part)->at[moment](a);
}

static void housekeeping(struct timer *t)
{
	struct appliance *a = list_owner(t, struct appliance, housekeeping);
	parts_do(a, APP_MINUTE);
	recent_logins_look_after(a->logins, worker_pool_runner(a->workers));
	if (a->host.store)
		store_turn(a->host.store, true);
	memory_trim();
	timer_set(&a->housekeeping, HOUSEKEEPING_MS);
}

/* --- start and stop ---------------------------------------------------------------------------- */

const char *appliance_path(struct appliance *a, const char *name)
{
	snprintf(a->path, sizeof(a->path), "%s/%s", a->data_dir, name);
	return a->path;
}

static enum err start_paths(struct appliance *a)
{
	const struct appliance_options *o = &a->options;
	enum err err = slice_to_str(slice_str(o->data_dir), a->data_dir, sizeof(a->data_dir));
	if (!err)
		err = file_make_dir(a->data_dir, 0700);
	if (err) {
		log_error(0, "cannot use %s: %s", o->data_dir,
			  err == ERR_EXISTS ? "not a directory" : err_text(err));
		return err;
	}
	a->is_read_only = file_is_read_only(a->data_dir);
	if (a->is_read_only)
		log_error(0, "%s cannot be written to: mail can be read, and nothing else",
			  a->data_dir);
	const char *config = o->config_path ? o->config_path : appliance_path(a, "surel.conf");
	return slice_to_str(slice_str(config), a->config_path, sizeof(a->config_path));
}

static enum err start_users(struct appliance *a)
{
	enum err err = users_open(appliance_path(a, "users"), &a->users);
	return err ? err : recent_logins_open(appliance_path(a, "logins"), &a->logins);
}

static void on_signal(int signal, void *owner)
{
	struct appliance *a = owner;
	if (signal == SIGHUP) {
		parts_do(a, APP_RELOAD);
		return;
	}
	a->stopping = true;
	loop_stop(a->loop);
}

static enum err start_loop(struct appliance *a)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
	enum err err = loop_new(&a->loop);
	if (err)
		return err;
	a->host.loop = a->loop;
	deferred_init(&a->store_soon, on_store_soon);
	timer_init(&a->store_timer, a->loop, on_store_timer);
	timer_init(&a->housekeeping, a->loop, housekeeping);
	err = loop_on_signals(a->loop, signals, 3, on_signal, a);
	if (!err)
		err = worker_pool_new(a->loop, 1, &a->workers);
	if (!err)
		err = worker_pool_new(a->loop, 2, &a->syncer);
	struct conn_limits limits = {a->connections_max, a->per_address_max};
	if (!err)
		err = conn_table_new(&limits, &a->connections);
	return err ? err : page_door_open(a);
}

enum err appliance_listen(struct appliance *a)
{
	return ports_open(a);
}

/* Nothing that is kept on the data partition, as there is none. */
static enum err start_rescue(struct appliance *a)
{
	settings_init(&a->settings);
	appliance_apply(a);
	return ERR_NONE;
}

enum { IN_DAEMON = 1, IN_RESCUE = 2, IN_TOOL = 4 };

static enum err appliance_step(struct appliance *a, const char *what,
			       enum err (*run)(struct appliance *a))
{
	enum err err = run ? run(a) : ERR_NONE;
	if (err) {
		log_error(0, "cannot %s: %s", what, err_text(err));
		a->options.failed_at = what;
	}
	return err;
}

static enum err appliance_start(struct appliance *a)
{
	static const struct {
		const char *what;
		enum err (*run)(struct appliance *a);
		unsigned wanted;
	} steps[] = {
		{"begin", start_rescue, IN_RESCUE},
		{"prepare the data directory", start_paths, IN_DAEMON | IN_TOOL},
		{"read the users", start_users, IN_DAEMON | IN_TOOL},
		{"read the settings", appliance_load, IN_DAEMON | IN_TOOL},
		{"start the loop", start_loop, IN_DAEMON | IN_RESCUE | IN_TOOL},
	};
	unsigned wanted = a->options.is_rescue ? IN_RESCUE
			  : a->options.is_tool ? IN_TOOL
					       : IN_DAEMON;
	enum err err = ERR_NONE;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !err; i++)
		if (steps[i].wanted & wanted)
			err = appliance_step(a, steps[i].what, steps[i].run);
	for (const struct app_part *const *part = app_parts; *part && !err; part++)
		if (part_is_wanted(a, *part))
			err = appliance_step(a, (*part)->what, (*part)->load);
	if (!err && wanted != IN_RESCUE)
		err = appliance_step(a, "open the store", start_store);
	for (const struct app_part *const *part = app_parts; *part && !err; part++)
		if (part_is_wanted(a, *part))
			err = appliance_step(a, (*part)->what, (*part)->start);
	if (!err && !a->options.is_tool)
		err = appliance_step(a, "listen", appliance_listen);
	if (!err)
		timer_set(&a->housekeeping, HOUSEKEEPING_MS);
	return err;
}

static void appliance_stop(struct appliance *a)
{
	ports_close(a);
	parts_do(a, APP_HUSH);
	list_for_each (node, &a->sessions)
		session_end(list_owner(node, struct session, link), GOODBYE_SHUTDOWN);
	/* Let goodbyes leave and commits under way finish; nobody can add work any more. */
	for (int i = 0; a->connections && i < STOP_WAIT_TURNS; i++) {
		if (conn_table_count(a->connections) == 0)
			break;
		if (loop_turn(a->loop, 10))
			break;
	}
	parts_do(a, APP_STOP);
	/* A job that is still running works on what store_close frees. */
	worker_pool_drain(a->syncer);
	store_close(&a->host.store);
	worker_pool_free(&a->workers);
	worker_pool_free(&a->syncer);
	enum err err = recent_logins_save(a->logins);
	if (err)
		log_warn(0, "the list of logins cannot be saved: %s", err_text(err));
	recent_logins_close(&a->logins);
	users_close(&a->users);
	overrides_free(&a->overrides);
	if (a->loop) {
		timer_cancel(&a->store_timer);
		timer_cancel(&a->housekeeping);
		deferred_cancel(&a->store_soon);
	}
	conn_table_free(&a->page_connections);
	conn_table_free(&a->connections);
	loop_free(&a->loop);
}

struct session *appliance_oldest_idle(struct appliance *a, enum service service, const char *user,
				      uint32_t *count_out)
{
	struct session *oldest = NULL;
	*count_out = 0;
	list_for_each (node, &a->sessions) {
		struct session *s = list_owner(node, struct session, link);
		if (s->service != service ||
		    (user && (!s->login || strcmp(s->login->user, user) != 0)))
			continue;
		++*count_out;
		if (s->ops->is_idle(s) && (!oldest || s->active_ms < oldest->active_ms))
			oldest = s;
	}
	return oldest;
}

enum err appliance_run(struct appliance_options *options)
{
	struct appliance *a = calloc(1, sizeof(*a));
	if (!a)
		return ERR_NOMEM;
	a->options = *options;
	a->host.ops = &host_ops;
	a->host.version = SUREL_VERSION;
	a->started_ms = clock_mono_ms();
	list_init(&a->sessions);
	list_init(&a->errands);
	throttle_init(&a->throttle);
	signal(SIGPIPE, SIG_IGN);
	enum err err = appliance_start(a);
	if (!err) {
		if (!a->listening && !a->options.is_rescue)
			log_info(0, "no user yet: mail ports open with the first `surel user add`");
		if (!a->options.is_tool)
			dprintf(STDOUT_FILENO, "surel: ready\n");
		parts_do(a, APP_READY);
		err = loop_run(a->loop);
		log_info(0, "stopping");
	}
	options->failed_at = a->options.failed_at;
	appliance_stop(a);
	free(a);
	return err;
}
