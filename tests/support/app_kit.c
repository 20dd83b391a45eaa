#include "support/app_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/app_part.h"
#include "base/clock.h"
#include "proto/sasl.h"
#include "store/store_ops.h"

enum { KIT_TURN_MS = 50, KIT_TURNS_MAX = 2000 };

/* A fuzz target uses the kit, too, so check's own assertions will not do. */
static void must(bool holds)
{
	if (!holds)
		abort();
}

/* --- a session that only exists ----------------------------------------------------------------- */

static enum step kit_run(struct session *s)
{
	(void)s;
	return STEP_MORE;
}

static void kit_goodbye(struct session *s, enum goodbye why)
{
	(void)s;
	(void)why;
}

static bool kit_is_idle(const struct session *s)
{
	(void)s;
	return true;
}

static void kit_session_free(struct session *s)
{
	list_owner(s, struct app_kit, session)->session_is_over = true;
}

static const struct session_ops kit_session_ops = {.name = "kit",
						   .run = kit_run,
						   .goodbye = kit_goodbye,
						   .is_idle = kit_is_idle,
						   .free = kit_session_free};

/* --- the appliance ------------------------------------------------------------------------------ */

static void kit_open_app(struct app_kit *k, const struct store_ops *ops)
{
	struct appliance *a = &k->app;
	struct store_config config = {.path = k->dir, .runner = &job_inline};
	char path[64];
	a->host.ops = &host_ops;
	a->host.hostname = "surel.local";
	a->per_user_max = 10;
	list_init(&a->sessions);
	list_init(&a->errands);
	settings_init(&a->settings);
	throttle_init(&a->throttle);
	snprintf(path, sizeof(path), "%s/users", k->dir);
	must(users_open(path, &a->users) == ERR_NONE);
	snprintf(path, sizeof(path), "%s/logins", k->dir);
	must(recent_logins_open(path, &a->logins) == ERR_NONE);
	snprintf(a->data_dir, sizeof(a->data_dir), "%s", k->dir);
	snprintf(a->config_path, sizeof(a->config_path), "%s/surel.conf", k->dir);
	must(loop_new(&a->loop) == ERR_NONE);
	a->host.loop = a->loop;
	must(worker_pool_new(a->loop, 1, &a->workers) == ERR_NONE);
	must(store_open(ops, &config, &a->host.store) == ERR_NONE);
}

void app_kit_open(struct app_kit *k, const struct store_ops *ops, enum service service)
{
	*k = (struct app_kit){.dir = "/tmp/surel-test-XXXXXX"};
	must(mkdtemp(k->dir) != NULL);
	clock_freeze(1000000, 1800000000);
	kit_open_app(k, ops);
	peer_open(&k->peer, k->app.loop, 4096);
	session_start(&k->session, &kit_session_ops, service, &k->app.host, k->peer.stream, false);
}

void app_kit_close(struct app_kit *k)
{
	struct appliance *a = &k->app;
	char path[64];
	if (!k->session_is_over)
		session_end(&k->session, GOODBYE_SHUTDOWN);
	peer_close(&k->peer);
	for (const struct app_part *const *part = app_parts; *part; part++)
		if ((*part)->at[APP_STOP])
			(*part)->at[APP_STOP](a);
	worker_pool_free(&a->workers);
	store_close(&a->host.store);
	recent_logins_close(&a->logins);
	users_close(&a->users);
	overrides_free(&a->overrides);
	loop_free(&a->loop);
	static const char *const files[] = {"users", "surel.conf", "logins", "admin"};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", k->dir, files[i]);
		unlink(path);
	}
	rmdir(k->dir);
	clock_thaw();
}

void app_kit_turn(struct app_kit *k)
{
	must(loop_turn(k->app.loop, 1) == ERR_NONE);
	store_turn(k->app.host.store, false);
	clock_advance(KIT_TURN_MS);
}

void app_kit_add_user(struct app_kit *k, const char *name, const char *password)
{
	struct scram_verifier v;
	must(scram_make_verifier(slice_str(password), (const uint8_t[16]){1}, 4096, &v) ==
	     ERR_NONE);
	must(users_put(k->app.users, slice_str(name), &v) == ERR_NONE);
}

struct account *app_kit_account(struct app_kit *k, const char *name)
{
	struct account *account = NULL;
	struct waiter w;
	enum err err = ERR_AGAIN;
	waiter_init(&w, waiter_cancel);
	for (int i = 0; err == ERR_AGAIN && i < KIT_TURNS_MAX; i++) {
		err = account_open(k->app.host.store, slice_str(name), true, &account, NULL, &w);
		store_turn(k->app.host.store, false);
	}
	must(err == ERR_NONE);
	return account;
}

void app_kit_change_box(struct app_kit *k, const char *user, enum box_change_kind kind,
			const char *mailbox)
{
	struct account *account = app_kit_account(k, user);
	struct box_change change = {.kind = kind,
				    .name = slice_str(mailbox),
				    .box = account_find(account, slice_str(mailbox))};
	must(account_change_box(account, &change, NULL) == ERR_NONE);
	account_close(&account);
}

uint32_t app_kit_count(struct app_kit *k, const char *user, const char *mailbox)
{
	struct account *account = app_kit_account(k, user);
	struct mailbox *box = account_find(account, slice_str(mailbox));
	uint32_t count = box ? box->messages : UINT32_MAX;
	account_close(&account);
	return count;
}
