#include "support/fake_host.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/secret.h"
#include "proto/ingest.h"
#include "proto/pop3/pop3_note.h"
#include "proto/sasl.h"
#include "store/store_ops.h"

static struct fake_host *fake_of(struct host *host)
{
	return list_owner(host, struct fake_host, host);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void fake_sleep(struct fake_host *fake, struct waiter *w)
{
	list_remove(&w->link);
	list_add_tail(&fake->waiters, &w->link);
	loop_defer(fake->host.loop, &fake->deferred);
}

/* With delays, every other call has to wait. */
static bool fake_must_wait(struct fake_host *fake, struct waiter *w)
{
	if (!fake->is_delayed)
		return false;
	fake->answer_next = !fake->answer_next;
	if (fake->answer_next)
		fake_sleep(fake, w);
	return fake->answer_next;
}

/* --- users ------------------------------------------------------------------------------------ */

struct fake_user *fake_host_user(struct fake_host *fake, struct slice name)
{
	bool is_recent;
	struct slice plain = login_take_recent(name, &is_recent);
	plain = slice_upto(plain, slice_find_byte(plain, '+'));
	for (size_t i = 0; i < fake->user_count; i++)
		if (slice_eq_str_nocase(plain, fake->users[i].name))
			return &fake->users[i];
	return NULL;
}

struct account *fake_host_account(struct fake_host *fake, const char *name)
{
	struct account *account = NULL;
	struct fake_user *user = fake_host_user(fake, slice_str(name));
	if (!user ||
	    account_open(fake->host.store, slice_str(user->name), true, &account, NULL, NULL))
		return NULL;
	return account;
}

struct fake_user *fake_host_add_user(struct fake_host *fake, const char *name, const char *password)
{
	if (fake->user_count == FAKE_USERS_MAX)
		return NULL;
	struct fake_user *user = &fake->users[fake->user_count++];
	snprintf(user->name, sizeof(user->name), "%s", name);
	snprintf(user->password, sizeof(user->password), "%s", password);
	user->policy = (struct policy){.pop3_show_again = true, .imap_access = true};
	user->account = fake_host_account(fake, name);
	return user->account ? user : NULL;
}

/* --- logging in ------------------------------------------------------------------------------- */

static enum err fake_open_login(struct fake_host *fake, struct fake_user *user,
				struct auth_request *request)
{
	struct account *account = NULL;
	bool is_recent;
	struct slice detail = login_take_recent(request->user, &is_recent);
	slice_split(&detail, '+');
	enum err err =
		account_open(fake->host.store, slice_str(user->name), true, &account, NULL, NULL);
	if (!err)
		err = login_new(account, slice_str(user->name), detail, &request->login_out);
	if (!err)
		login_set_policy(request->login_out, &user->policy);
	if (!err)
		request->login_out->is_recent = is_recent;
	if (!err && fake->pop3_login_delay_s)
		request->login_out->pop3_login_delay_s = fake->pop3_login_delay_s;
	if (!err && fake->pop3_expire_days)
		request->login_out->pop3_expire_days = fake->pop3_expire_days;
	return err;
}

static enum err fake_check(struct fake_host *fake, struct auth_request *request)
{
	struct fake_user *user = fake_host_user(fake, request->user);
	if (!user || (request->authzid.len && !slice_eq_nocase(request->authzid, request->user)))
		return ERR_DENIED;
	if (!request->is_verified && !slice_eq_str(request->password, user->password))
		return ERR_DENIED;
	return user->login_error ? user->login_error : fake_open_login(fake, user, request);
}

static void fake_answer(struct fake_host *fake, struct auth_request *request)
{
	request->result = request->backend ? ERR_DENIED : fake_check(fake, request);
	fake->logins += request->result == ERR_NONE;
	fake->failures += request->result != ERR_NONE;
	request->waiter->wake(request->waiter);
}

static void fake_queue(struct fake_host *fake, struct auth_request *request)
{
	if (!fake->is_delayed) {
		fake_answer(fake, request);
		return;
	}
	for (size_t i = 0; i < FAKE_PENDING_MAX; i++) {
		if (fake->pending[i])
			continue;
		fake->pending[i] = request;
		fake->pending_turns[i] = 2;
		loop_defer(fake->host.loop, &fake->deferred);
		return;
	}
	request->result = ERR_LIMIT;
	request->waiter->wake(request->waiter);
}

static void fake_auth_start(struct host *host, struct auth_request *request)
{
	request->backend = NULL;
	fake_queue(fake_of(host), request);
}

static void fake_auth_failed(struct host *host, struct auth_request *request)
{
	request->backend = host; /* anything but NULL: it is lost already */
	fake_queue(fake_of(host), request);
}

static void fake_auth_cancel(struct host *host, struct auth_request *request)
{
	struct fake_host *fake = fake_of(host);
	for (size_t i = 0; i < FAKE_PENDING_MAX; i++)
		if (fake->pending[i] == request)
			fake->pending[i] = NULL;
}

static void fake_scram_verifier(struct host *host, struct slice name, struct scram_verifier *v_out)
{
	static const uint8_t salt[16] = "salt of the fake";
	struct fake_user *user = fake_host_user(fake_of(host), name);
	*v_out = (struct scram_verifier){.iterations = 4096};
	memcpy(v_out->salt, salt, sizeof(salt));
	if (!user)
		return;
	if (!user->verifier.is_real &&
	    scram_make_verifier(slice_str(user->password), salt, 4096, &user->verifier))
		return;
	*v_out = user->verifier;
}

static void fake_on_deferred(struct deferred *d)
{
	struct fake_host *fake = list_owner(d, struct fake_host, deferred);
	bool is_more = false;
	waiters_wake(&fake->waiters);
	for (size_t i = 0; i < FAKE_PENDING_MAX; i++) {
		struct auth_request *request = fake->pending[i];
		if (!request)
			continue;
		if (--fake->pending_turns[i] > 0) {
			is_more = true;
			continue;
		}
		fake->pending[i] = NULL;
		fake_answer(fake, request);
	}
	if (is_more)
		loop_defer(fake->host.loop, &fake->deferred);
}

/* --- sessions --------------------------------------------------------------------------------- */

static void fake_session_opened(struct host *host, struct session *s)
{
	struct fake_host *fake = fake_of(host);
	list_add_tail(&fake->sessions, &s->link);
	fake->session_count++;
}

static void fake_session_closed(struct host *host, struct session *s)
{
	(void)s;
	fake_of(host)->session_count--;
}

/* --- deliveries ------------------------------------------------------------------------------- */

struct fake_delivery {
	struct delivery delivery; /* first */
	struct fake_host *fake;
	struct ingest *ingest; /* NULL: nobody wants it */
	struct account **accounts;
	uint64_t ticket;
	bool is_sealed, is_committed, is_all_or_nothing;
};

static bool fake_domain_is_ours(const struct fake_host *fake, struct slice domain)
{
	return domain.len == 0 || domain.ptr[0] == '[' ||
	       slice_eq_str_nocase(domain, fake->host.hostname) ||
	       slice_eq_str_nocase(domain, "localhost");
}

static enum err fake_find_rcpt(struct fake_host *fake, struct slice rcpt,
			       struct fake_user **user_out)
{
	size_t at = slice_rfind_byte(rcpt, '@');
	struct slice local = slice_upto(rcpt, at);
	struct slice domain = at == SIZE_MAX ? SLICE_EMPTY : slice_from(rcpt, at + 1);
	if (!fake_domain_is_ours(fake, domain))
		return ERR_DENIED;
	*user_out = fake_host_user(fake, local);
	return *user_out ? ERR_NONE : ERR_NOT_FOUND;
}

static enum err fake_rcpt_check(struct host *host, const struct envelope *e, struct slice rcpt,
				struct waiter *w)
{
	struct fake_host *fake = fake_of(host);
	struct fake_user *user = NULL;
	(void)e;
	if (fake_must_wait(fake, w))
		return ERR_AGAIN;
	enum err err = fake_find_rcpt(fake, rcpt, &user);
	return err ? err : user->rcpt_error;
}

static void fake_delivery_end(struct delivery **d)
{
	struct fake_delivery *delivery = (struct fake_delivery *)*d;
	*d = NULL;
	if (!delivery)
		return;
	ingest_end(&delivery->ingest);
	for (size_t i = 0; delivery->accounts && i < delivery->delivery.rcpt_count; i++)
		if (delivery->accounts[i])
			account_close(&delivery->accounts[i]);
	free(delivery->accounts);
	free(delivery->delivery.results);
	free(delivery);
}

/* Fills in the results that are known beforehand, and targets for all others. */
static enum err fake_pick_targets(struct fake_delivery *d, const struct envelope *e,
				  struct append_target *targets, size_t *count_out)
{
	*count_out = 0;
	for (size_t i = 0; i < e->rcpt_count; i++) {
		struct fake_user *user = NULL;
		enum err err = fake_find_rcpt(d->fake, e->rcpt_to[i], &user);
		if (!err)
			err = user->delivery_error;
		d->delivery.results[i] = err;
		if (err)
			continue;
		d->accounts[i] = fake_host_account(d->fake, user->name);
		if (!d->accounts[i])
			return ERR_NOMEM;
		targets[*count_out].box = account_find(d->accounts[i], SLICE_LIT("INBOX"));
		(*count_out)++;
	}
	return ERR_NONE;
}

static enum err fake_delivery_fill(struct fake_delivery *d, const struct envelope *e)
{
	size_t targets_count = 0;
	struct append_target *targets = calloc(e->rcpt_count, sizeof(*targets));
	d->delivery.results = calloc(e->rcpt_count, sizeof(enum err));
	d->accounts = calloc(e->rcpt_count, sizeof(struct account *));
	enum err err = targets && d->delivery.results && d->accounts ? ERR_NONE : ERR_NOMEM;
	if (!err)
		err = fake_pick_targets(d, e, targets, &targets_count);
	struct append_meta meta = {.targets = targets, .target_count = targets_count};
	if (!err && targets_count)
		err = ingest_begin(d->fake->host.store, &meta, &d->ingest);
	free(targets);
	return err;
}

static enum err fake_delivery_begin(struct host *host, const struct envelope *e,
				    struct delivery **out)
{
	struct fake_delivery *d = calloc(1, sizeof(*d));
	*out = NULL;
	if (!d)
		return ERR_NOMEM;
	d->fake = fake_of(host);
	d->delivery.rcpt_count = e->rcpt_count;
	d->is_all_or_nothing = e->session->service != SERVICE_LMTP;
	enum err err = fake_delivery_fill(d, e);
	*out = &d->delivery;
	if (err)
		fake_delivery_end(out);
	return err;
}

static enum err fake_delivery_write(struct delivery *delivery, struct slice bytes, struct waiter *w)
{
	struct fake_delivery *d = (struct fake_delivery *)delivery;
	enum err err = d->fake->write_error;
	d->fake->write_error = ERR_NONE;
	if (err)
		return err;
	if (fake_must_wait(d->fake, w))
		return ERR_AGAIN;
	return d->ingest ? ingest_write(d->ingest, bytes, w) : ERR_NONE;
}

static enum err fake_delivery_finish(struct delivery *delivery, struct waiter *w)
{
	struct fake_delivery *d = (struct fake_delivery *)delivery;
	enum err err = d->fake->finish_error;
	d->fake->finish_error = ERR_NONE;
	if (err)
		return err;
	if (fake_must_wait(d->fake, w))
		return ERR_AGAIN;
	for (size_t i = 0; i < d->delivery.rcpt_count && d->is_all_or_nothing; i++)
		if (d->delivery.results[i])
			return d->delivery.results[i];
	if (!d->ingest)
		return ERR_NONE;
	if (!d->is_sealed)
		err = ingest_seal(d->ingest);
	d->is_sealed = true;
	if (!err && !d->is_committed)
		err = ingest_commit(&d->ingest, 1, &d->ticket, w);
	d->is_committed = d->is_committed || !err;
	if (!err)
		err = store_wait(d->fake->host.store, d->ticket, w);
	return err;
}

static const struct host_ops fake_host_ops = {
	.session_opened = fake_session_opened,
	.session_closed = fake_session_closed,
	.auth_start = fake_auth_start,
	.auth_cancel = fake_auth_cancel,
	.scram_verifier = fake_scram_verifier,
	.auth_failed = fake_auth_failed,
	.rcpt_check = fake_rcpt_check,
	.delivery_begin = fake_delivery_begin,
	.delivery_write = fake_delivery_write,
	.delivery_finish = fake_delivery_finish,
	.delivery_end = fake_delivery_end,
};

/* --- the store -------------------------------------------------------------------------------- */

static void fake_schedule(void *owner, uint32_t delay_ms)
{
	struct fake_host *fake = owner;
	timer_set(&fake->store_timer, delay_ms);
}

static void fake_on_store_due(struct timer *t)
{
	store_turn(list_owner(t, struct fake_host, store_timer)->host.store, false);
}

void fake_host_init(struct fake_host *fake, struct loop *loop)
{
	fake_host_init_on(fake, loop, &store_ram_ops);
}

void fake_host_init_on(struct fake_host *fake, struct loop *loop, const struct store_ops *ops)
{
	*fake = (struct fake_host){
		.host =
			{
				.ops = &fake_host_ops,
				.loop = loop,
				.hostname = "surel.test",
				.version = "0.0.0",
				.message_max_bytes = 50u * 1024 * 1024,
				.idle_keepalive_ms = 24 * 60 * 1000,
				.imap_idle_timeout_ms = 30 * 60 * 1000,
				.pop3_idle_timeout_ms = 10 * 60 * 1000,
				.smtp_idle_timeout_ms = 5 * 60 * 1000,
				.login_timeout_ms = 30 * 1000,
				.rcpt_max = 100,
				.pop3_expire_min_days = POLICY_EXPIRE_NEVER,
			},
	};
	list_init(&fake->sessions);
	list_init(&fake->waiters);
	deferred_init(&fake->deferred, fake_on_deferred);
	timer_init(&fake->store_timer, loop, fake_on_store_due);
	struct store_config config = {
		.runner = &job_inline, .schedule = fake_schedule, .owner = fake};
	if (store_open(ops, &config, &fake->host.store)) {
		fprintf(stderr, "fake_host: no store\n");
		abort();
	}
}

void fake_host_free(struct fake_host *fake)
{
	while (!list_is_empty(&fake->sessions))
		session_end(list_owner(fake->sessions.next, struct session, link),
			    GOODBYE_SHUTDOWN);
	for (size_t i = 0; i < fake->user_count; i++)
		if (fake->users[i].account)
			account_close(&fake->users[i].account);
	deferred_cancel(&fake->deferred);
	timer_cancel(&fake->store_timer);
	store_close(&fake->host.store);
	timer_cancel(&fake->store_timer);
}

/* --- mail for tests --------------------------------------------------------------------------- */

static struct mailbox *fake_box(struct account *account, const char *name)
{
	struct box_change change = {.kind = BOX_CREATE, .name = slice_str(name)};
	struct mailbox *box = account_find(account, slice_str(name));
	uint64_t ticket;
	if (box && box->exists)
		return box;
	return account_change_box(account, &change, &ticket)
		       ? NULL
		       : account_find(account, slice_str(name));
}

uint32_t fake_host_add_mail(struct fake_host *fake, const char *user, const char *mailbox,
			    struct slice message, flags_t flags, int64_t date)
{
	struct account *account = fake_host_account(fake, user);
	struct ingest *in = NULL;
	uint64_t ticket = 0;
	uint32_t uid = 0;
	if (!account)
		return 0;
	struct append_target target = {.box = fake_box(account, mailbox), .flags = flags};
	struct append_meta meta = {.targets = &target, .target_count = 1, .internal_date = date};
	if (!target.box || ingest_begin(fake->host.store, &meta, &in))
		goto out;
	if (ingest_write(in, message, NULL) || ingest_seal(in) ||
	    ingest_commit(&in, 1, &ticket, NULL))
		goto out;
	uid = ingest_append(in)->targets[0].uid_out;
	while (store_wait(fake->host.store, ticket, NULL) == ERR_AGAIN)
		store_turn(fake->host.store, false);
out:
	ingest_end(&in);
	account_close(&account);
	return uid;
}

uint32_t fake_host_count_mail(struct fake_host *fake, const char *user, const char *mailbox)
{
	struct account *account = fake_host_account(fake, user);
	struct mailbox *box = account ? account_find(account, slice_str(mailbox)) : NULL;
	uint32_t count = box ? box->messages : 0;
	if (account)
		account_close(&account);
	return count;
}

static enum err fake_read(struct mailbox *box, uint32_t position, struct buf *dst)
{
	struct msg_info info;
	uint8_t *room;
	size_t got = 0;
	enum err err = mailbox_info(box, position, &info);
	if (!err)
		err = buf_reserve(dst, (size_t)info.size + 1, &room);
	if (!err)
		err = mailbox_read(box, &info, MSG_BODY, 0, room, info.size, &got, NULL);
	if (!err)
		buf_commit(dst, got);
	return err;
}

enum err fake_host_read_mail(struct fake_host *fake, const char *user, const char *mailbox,
			     uint32_t position, struct buf *dst)
{
	struct account *account = fake_host_account(fake, user);
	struct mailbox *box = account ? account_find(account, slice_str(mailbox)) : NULL;
	enum err err = box ? mailbox_open(box, NULL) : ERR_NOT_FOUND;
	if (!err) {
		err = position < box->messages ? fake_read(box, position, dst) : ERR_NOT_FOUND;
		mailbox_close(box);
	}
	if (account)
		account_close(&account);
	return err;
}

enum err fake_host_expunge(struct fake_host *fake, const char *user, const char *mailbox,
			   uint32_t position)
{
	struct account *account = fake_host_account(fake, user);
	struct mailbox *box = account ? account_find(account, slice_str(mailbox)) : NULL;
	struct msg_info info;
	uint64_t ticket;
	enum err err = box ? mailbox_open(box, NULL) : ERR_NOT_FOUND;
	if (!err) {
		err = mailbox_info(box, position, &info);
		struct msg_change change = {.kind = CHANGE_EXPUNGE,
					    .uids = &info.uid,
					    .count = 1,
					    .unchanged_since = UINT64_MAX};
		if (!err)
			err = mailbox_change(box, &change, &ticket);
		mailbox_close(box);
	}
	if (account)
		account_close(&account);
	return err;
}

enum err fake_host_set_window(struct fake_host *fake, struct fake_user *user)
{
	uint64_t ticket;
	struct pop3_order order = {.window_s = clock_wall_s()};
	enum err err = ERR_NONE;
	(void)fake;
	user->policy.pop3_from_s = (uint64_t)clock_wall_s();
	for (size_t i = 0; i < user->account->box_count && !err; i++)
		if (user->account->boxes[i]->exists)
			err = pop3_note_order(user->account->boxes[i], &order, &ticket);
	return err;
}
