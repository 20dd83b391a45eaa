#include "app/auth.h"

#include <stdlib.h>

#include "app/appliance.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "proto/sasl.h"

/* One login under way. Lives from auth_start until its answer was given, or, when the session went
 * away while a worker was stretching the password, until the worker is back. */
struct auth_work {
	struct job job;
	struct timer timer;
	struct waiter opened; /* account_open said ERR_AGAIN */
	struct appliance *app;
	struct auth_request *request; /* NULL: cancelled */
	void (*after_delay)(struct auth_work *w);
	char user[USER_NAME_MAX_BYTES + 1], detail[MAILBOX_NAME_MAX_BYTES + 1];
	struct buf password;
	struct scram_verifier verifier;
	struct policy policy; /* the user's, once the password was right */
	enum err result;
	bool is_right, is_on_worker, is_recent;
};

static void auth_work_free(struct auth_work *w)
{
	timer_cancel(&w->timer);
	waiter_cancel(&w->opened);
	buf_wipe(&w->password);
	secret_wipe(w, sizeof(*w));
	free(w);
}

static void auth_answer(struct auth_work *w)
{
	struct auth_request *request = w->request;
	request->result = w->result;
	request->backend = NULL;
	auth_work_free(w);
	if (request->waiter)
		request->waiter->wake(request->waiter);
}

static void auth_on_timer(struct timer *t)
{
	struct auth_work *w = list_owner(t, struct auth_work, timer);
	w->after_delay(w);
}

static void auth_delay(struct auth_work *w, uint32_t ms, void (*then)(struct auth_work *w))
{
	w->after_delay = then;
	timer_set(&w->timer, ms);
}

static void auth_finish(struct auth_work *w, enum err result)
{
	w->result = result;
	auth_delay(w, 0, auth_answer);
}

/* --- the account ------------------------------------------------------------------------------ */

/* At the limit the user's oldest idle session of the service goes (FIELD: phones that vanish leave
 * dead connections behind). ERR_LIMIT when all of them are busy. */
static enum err auth_make_place(struct auth_work *w)
{
	struct appliance *app = w->app;
	struct session *oldest = NULL;
	uint32_t count = 0;
	list_for_each (node, &app->sessions) {
		struct session *s = list_owner(node, struct session, link);
		if (!s->login || s->service != w->request->session->service ||
		    strcmp(s->login->user, w->user) != 0)
			continue;
		count++;
		if (s->ops->is_idle(s) && (!oldest || s->active_ms < oldest->active_ms))
			oldest = s;
	}
	if (count < app->per_user_max)
		return ERR_NONE;
	if (!oldest)
		return ERR_LIMIT;
	log_info(oldest->id, "closed for a newer session of %s", w->user);
	session_end(oldest, GOODBYE_EVICTED);
	return ERR_NONE;
}

/* RFC 2449 6.5: what CAPA announces as LOGIN-DELAY holds from one login to the next. */
static bool auth_is_too_soon(struct auth_work *w)
{
	uint64_t delay_ms = w->policy.pop3_login_delay_s * 1000, now = clock_mono_ms();
	struct user *user = users_find(w->app->users, slice_str(w->user));
	if (w->request->session->service != SERVICE_POP3 || !delay_ms || !user)
		return false;
	if (user->has_pop3_login && now - user->pop3_login_ms < delay_ms)
		return true;
	user->has_pop3_login = true;
	user->pop3_login_ms = now;
	return false;
}

static void auth_open_account(struct auth_work *w)
{
	struct appliance *app = w->app;
	struct account *account = NULL;
	/* Opening makes what is missing: not for a user who was removed while this one waited. */
	enum err err = users_find(app->users, slice_str(w->user)) ? ERR_NONE : ERR_DENIED;
	if (!err)
		err = account_open(app->host.store, slice_str(w->user), true, &account, NULL,
				   &w->opened);
	if (err == ERR_AGAIN)
		return;
	if (!err)
		err = auth_make_place(w);
	if (!err) {
		policy_set_quota(&w->policy, account);
		err = login_new(account, slice_str(w->user), slice_str(w->detail),
				&w->request->login_out);
		account = NULL; /* the login's, in all cases */
	}
	if (err && account)
		account_close(&account);
	if (!err) {
		login_set_policy(w->request->login_out, &w->policy);
		w->request->login_out->is_recent = w->is_recent;
		app->services[w->request->session->service].logins++;
	}
	auth_finish(w, err);
}

static void auth_on_opened(struct waiter *waiter)
{
	/* Later: whoever wakes us is in the middle of the store's work. */
	auth_delay(list_owner(waiter, struct auth_work, opened), 0, auth_open_account);
}

/* --- the password ----------------------------------------------------------------------------- */

static void auth_wrong(struct auth_work *w)
{
	struct session *s = w->request->session;
	char from[64];
	session_peer_text(s, from, sizeof(from));
	uint32_t ms =
		throttle_failed_ms(&w->app->throttle, stream_peer(s->stream), w->request->user);
	w->app->services[s->service].failures++;
	log_warn(s->id, "%s login failed from %s", s->ops->name, from);
	w->result = ERR_DENIED;
	auth_delay(w, ms, auth_answer);
}

static bool auth_is_switched_off(const struct auth_work *w)
{
	enum service service = w->request->session->service;
	return (service == SERVICE_POP3 && w->policy.pop3_access == POP3_OFF) ||
	       (service == SERVICE_IMAP && !w->policy.imap_access);
}

static void auth_right(struct auth_work *w)
{
	appliance_policy(w->app, w->user, &w->policy);
	throttle_succeeded(&w->app->throttle, stream_peer(w->request->session->stream),
			   w->request->user);
	if (auth_is_switched_off(w))
		auth_finish(w, ERR_UNSUPPORTED);
	else if (auth_is_too_soon(w))
		auth_finish(w, ERR_TIMEOUT);
	else
		auth_open_account(w);
}

static void auth_stretch(struct job *job)
{
	struct auth_work *w = list_owner(job, struct auth_work, job);
	w->is_right = scram_check_password(&w->verifier, buf_view(&w->password));
}

static void auth_stretched(struct job *job)
{
	struct auth_work *w = list_owner(job, struct auth_work, job);
	w->is_on_worker = false;
	if (!w->request) {
		auth_work_free(w);
		return;
	}
	struct user *user = users_find(w->app->users, slice_str(w->user));
	/* A password that was changed meanwhile is an old one, and must not be remembered. */
	bool is_same = user && w->verifier.is_real &&
		       memcmp(user->verifier.stored_key, w->verifier.stored_key,
			      sizeof(w->verifier.stored_key)) == 0;
	if (!w->is_right || !is_same) {
		auth_wrong(w);
		return;
	}
	users_remember(w->app->users, user, buf_view(&w->password));
	auth_right(w);
}

static void auth_check(struct auth_work *w)
{
	struct user *user = users_find(w->app->users, slice_str(w->user));
	if (user && users_recalls(w->app->users, user, w->request->password)) {
		auth_right(w);
		return;
	}
	enum err err = buf_add_slice(&w->password, w->request->password);
	if (err) {
		auth_wrong(w);
		return;
	}
	w->job = (struct job){.run = auth_stretch, .done = auth_stretched};
	w->is_on_worker = true;
	job_submit(worker_pool_runner(w->app->workers), &w->job);
}

/* --- requests --------------------------------------------------------------------------------- */

static struct auth_work *auth_work_new(struct host *host, struct auth_request *request)
{
	struct auth_work *w = calloc(1, sizeof(*w));
	request->result = ERR_AGAIN;
	request->login_out = NULL;
	request->backend = w;
	if (!w)
		return NULL;
	w->app = appliance_of(host);
	w->request = request;
	buf_init(&w->password, PASSWORD_MAX_BYTES);
	timer_init(&w->timer, host->loop, auth_on_timer);
	waiter_init(&w->opened, auth_on_opened);
	return w;
}

/* Fills in who it would be. Nobody gets a made-up verifier, and takes as long as anybody. */
static void auth_resolve(struct auth_work *w)
{
	struct slice detail, name = w->request->user;
	if (w->request->session->service == SERVICE_POP3)
		name = login_take_recent(name, &w->is_recent);
	struct user *user = users_resolve(w->app->users, &w->app->settings, name, &detail);
	auth_scram_verifier(&w->app->host, w->request->user, &w->verifier);
	if (user && !slice_to_str(detail, w->detail, sizeof(w->detail)))
		memcpy(w->user, user->name, sizeof(w->user));
}

static bool authzid_is_same(struct auth_work *w)
{
	struct slice detail;
	if (w->request->authzid.len == 0)
		return true;
	struct user *other =
		users_resolve(w->app->users, &w->app->settings, w->request->authzid, &detail);
	return other && strcmp(other->name, w->user) == 0;
}

static void auth_proceed(struct auth_work *w)
{
	if (!authzid_is_same(w) || (w->request->is_verified && !*w->user))
		auth_wrong(w);
	else if (w->request->is_verified)
		auth_right(w);
	else
		auth_check(w);
}

void auth_start(struct host *host, struct auth_request *request)
{
	struct auth_work *w = auth_work_new(host, request);
	if (!w) { /* no memory even to say no later: the deadline of the session ends it */
		request->result = ERR_NOMEM;
		session_again(request->session);
		return;
	}
	auth_resolve(w);
	auth_delay(w, throttle_before_ms(&w->app->throttle, stream_peer(request->session->stream)),
		   auth_proceed);
}

void auth_failed(struct host *host, struct auth_request *request)
{
	struct auth_work *w = auth_work_new(host, request);
	if (!w) {
		request->result = ERR_NOMEM;
		session_again(request->session);
		return;
	}
	auth_wrong(w);
}

void auth_cancel(struct host *host, struct auth_request *request)
{
	(void)host;
	struct auth_work *w = request->backend;
	request->backend = NULL;
	if (!w)
		return;
	if (!w->is_on_worker) {
		auth_work_free(w);
		return;
	}
	w->request = NULL;
}

void auth_scram_verifier(struct host *host, struct slice name, struct scram_verifier *v_out)
{
	struct appliance *app = appliance_of(host);
	struct slice detail;
	bool is_recent;
	struct slice plain = login_take_recent(name, &is_recent);
	struct user *user = users_resolve(app->users, &app->settings, plain, &detail);
	if (user)
		*v_out = user->verifier;
	else
		users_fake_verifier(app->users, name, (uint32_t)app->settings.auth_iterations,
				    v_out);
}
