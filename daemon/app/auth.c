#include "app/auth.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/appliance.h"
#include "app/login_note.h"
#include "app/quota_watch.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "proto/scram.h"

enum {
	LOGINS_EARLY = 2,      /* POP3 logins that may come before their time */
	ANSWER_STEP_MS = 1000, /* of wrong passwords */
};

/* One login under way. Lives from auth_start until its answer was given, or, when the session went
 * away while a worker was stretching the password, until the worker is back. */
struct auth_work {
	struct job job;
	struct timer timer;
	struct waiter opened; /* account_open said ERR_AGAIN */
	struct appliance *app;
	struct auth_request *request; /* NULL: cancelled */
	void (*after_delay)(struct auth_work *w);
	uint64_t started_ms;
	enum err result;
	bool is_on_worker, is_recent;
	struct buf password;
	size_t candidate_count, right;           /* right == candidate_count: none */
	struct policy policy;                    /* the user's, once the password was right */
	char device[DEVICE_LABEL_MAX_BYTES + 1]; /* asked for; then, of the app password used */
	char user[USER_NAME_MAX_BYTES + 1], detail[MAILBOX_NAME_MAX_BYTES + 1];
	/* What the password may belong to: the user's own, then app passwords. */
	struct scram_verifier candidates[1 + DEVICES_MAX];
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
	uint32_t count;
	struct session *oldest =
		appliance_oldest_idle(w->app, w->request->session->service, w->user, &count);
	if (count < w->app->per_user_max)
		return ERR_NONE;
	if (!oldest)
		return ERR_LIMIT;
	log_info(oldest->id, "closed for a newer session of %s", w->user);
	session_end(oldest, GOODBYE_EVICTED);
	return ERR_NONE;
}

/* RFC 2449 6.5: CAPA announces a LOGIN-DELAY from one login to the next; the server may be laxer
 * than it says. Two logins may come early, as when somebody presses "send and receive" again; each
 * delay that passes gives one of them back (as in Cyrus, poppollpadding). So the rate is kept in the
 * long run: pop3_due_ms is when the next login would be due if none came early. */
static bool auth_is_too_soon(struct auth_work *w)
{
	uint64_t delay_ms = w->policy.pop3_login_delay_s * 1000, now = clock_mono_ms();
	struct user *user = users_find(w->app->users, slice_str(w->user));
	if (w->request->session->service != SERVICE_POP3 || !delay_ms || !user)
		return false;
	uint64_t allowed = now + LOGINS_EARLY * delay_ms;
	if (user->pop3_due_ms > allowed + delay_ms) /* noted under a longer delay: it is forgiven */
		user->pop3_due_ms = allowed;
	if (user->pop3_due_ms > allowed)
		return true;
	user->pop3_due_ms = (user->pop3_due_ms > now ? user->pop3_due_ms : now) + delay_ms;
	return false;
}

static bool auth_is_switched_off(const struct auth_work *w)
{
	enum service service = w->request->session->service;
	return (service == SERVICE_POP3 && w->policy.pop3_access == POP3_OFF) ||
	       (service == SERVICE_IMAP && !w->policy.imap_access);
}

static void auth_open_account(struct auth_work *w)
{
	struct appliance *app = w->app;
	struct account *account = NULL;
	/* Opening makes what is missing: not for a user who was removed while this one waited. */
	enum err err = users_find(app->users, slice_str(w->user)) ? ERR_NONE : ERR_DENIED;
	appliance_policy(app, w->user, &w->policy);
	bool is_off = auth_is_switched_off(w);
	if (!err && !is_off)
		err = account_open(app->host.store, slice_str(w->user), true, &account, NULL,
				   &w->opened);
	if (err == ERR_AGAIN)
		return;
	if (err == ERR_UNSUPPORTED) { /* it is missing, and this build makes none */
		log_error(0, "the mailboxes of %s are for a full Surel to make", w->user);
		err = ERR_READ_ONLY;
	}
	if (!err && is_off)
		err = ERR_UNSUPPORTED;
	if (!err && auth_is_too_soon(w))
		err = ERR_TIMEOUT;
	if (!err)
		err = auth_make_place(w);
	if (!err) {
		policy_set_quota(&w->policy, account);
		quota_watch_see(app, account->name, account);
		err = login_new(account, slice_str(w->user), slice_str(w->detail),
				&w->request->login_out);
		account = NULL; /* the login's, in all cases */
	}
	if (err && account)
		account_close(&account);
	if (!err) {
		login_set_policy(w->request->login_out, &w->policy);
		w->request->login_out->is_recent = w->is_recent;
		if (*w->device)
			memcpy(w->request->login_out->device, w->device, sizeof(w->device));
		login_note(app, w->request);
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
	/* The delay counts from the beginning, in whole steps: how long a wrong password took to be
	 * checked, and with that how many app passwords there are, is nobody's business. */
	uint64_t took = clock_mono_ms() - w->started_ms;
	uint64_t wait = took < ms ? ms - took : ANSWER_STEP_MS - took % ANSWER_STEP_MS;
	auth_delay(w, (uint32_t)wait, auth_answer);
}

static void auth_right(struct auth_work *w)
{
	throttle_succeeded(&w->app->throttle, stream_peer(w->request->session->stream),
			   w->request->user);
	auth_open_account(w);
}

static void auth_stretch(struct job *job)
{
	struct auth_work *w = list_owner(job, struct auth_work, job);
	w->right = scram_find_password(w->candidates, w->candidate_count, buf_view(&w->password));
}

/* With which of his passwords somebody logs in. NULL: it was changed or revoked meanwhile. */
static struct user_device *auth_recognise(struct auth_work *w,
					  const struct scram_verifier *verifier)
{
	struct user *user = users_find(w->app->users, slice_str(w->user));
	struct user_device *own = user ? user_find_verifier(user, verifier) : NULL;
	if (own)
		memcpy(w->device, own->label, sizeof(w->device));
	return own;
}

static void auth_stretched(struct job *job)
{
	struct auth_work *w = list_owner(job, struct auth_work, job);
	struct user_device *own = NULL;
	w->is_on_worker = false;
	if (!w->request) {
		auth_work_free(w);
		return;
	}
	if (w->right < w->candidate_count)
		own = auth_recognise(w, &w->candidates[w->right]);
	if (!own) {
		auth_wrong(w);
		return;
	}
	users_remember(w->app->users, w->user, &own->recent, buf_view(&w->password));
	auth_right(w);
}

/* Under a device's name only that one's app password counts, and the user's own. */
static bool auth_may_use(const struct auth_work *w, const struct user_device *own)
{
	return !*w->device || !*own->label || strcmp(w->device, own->label) == 0;
}

/* A password that was right lately: nothing needs to be stretched. */
static bool auth_recalls(struct auth_work *w, struct user *user)
{
	struct user_device *own;
	for (size_t i = 0; (own = user_password(user, i)); i++)
		if (auth_may_use(w, own) &&
		    users_recalls(w->app->users, w->user, &own->recent, w->request->password)) {
			memcpy(w->device, own->label, sizeof(w->device));
			return true;
		}
	return false;
}

/* Two stretches for everybody, with app passwords or without, user or nobody: see app/user.h. */
static void auth_gather(struct auth_work *w, struct user *user)
{
	struct appliance *app = w->app;
	struct user_device *own;
	for (size_t i = 0; user && (own = user_password(user, i)); i++)
		if (auth_may_use(w, own))
			w->candidates[w->candidate_count++] = own->verifier;
	while (w->candidate_count < 2) {
		uint32_t iterations = w->candidate_count ? DEVICE_ITERATIONS
							 : (uint32_t)app->settings.auth_iterations;
		users_fake_verifier(app->users, w->request->user, iterations,
				    &w->candidates[w->candidate_count++]);
	}
}

static void auth_check(struct auth_work *w)
{
	struct user *user = *w->user ? users_find(w->app->users, slice_str(w->user)) : NULL;
	if (user && auth_recalls(w, user)) {
		auth_right(w);
		return;
	}
	enum err err = buf_add_slice(&w->password, w->request->password);
	if (err) {
		auth_wrong(w);
		return;
	}
	auth_gather(w, user);
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

/* Fills in who it would be. */
static void auth_resolve(struct auth_work *w)
{
	struct slice detail, name = w->request->user;
	if (w->request->session->service == SERVICE_POP3)
		name = login_take_recent(name, &w->is_recent);
	struct user *user = users_resolve_login(w->app->users, &w->app->settings, name, &detail);
	if (user && !slice_to_str(detail, w->detail, sizeof(w->detail)))
		memcpy(w->user, user->name, sizeof(w->user));
	struct slice folder;
	login_split_detail(slice_str(w->detail), w->device, &folder);
}

static void auth_proceed(struct auth_work *w)
{
	const struct auth_request *request = w->request;
	bool is_proof = auth_is_proof(request);
	w->started_ms = clock_mono_ms();
	if (auth_is_for_other(w->app, request, w->user) ||
	    (is_proof && (!request->verifier || !auth_recognise(w, request->verifier))))
		auth_wrong(w);
	else if (is_proof)
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
