#include "app/deliver.h"

#include <stdlib.h>

#include "app/appliance.h"
#include "app/quota_watch.h"
#include "base/clock.h"
#include "base/log.h"
#include "mail/trace.h"
#include "proto/ingest.h"

enum { DELIVER_HEAD_MAX_BYTES = 4096 };

struct recipient {
	char user[USER_NAME_MAX_BYTES + 1]; /* "": removed since RCPT */
	char *detail;                       /* NULL: none */
	struct account *account;            /* open from deliver_open_accounts on */
	struct mailbox *box; /* held by the append; NULL: not delivered, results[] tells why */
};

struct local_delivery {
	struct delivery pub; /* first */
	struct appliance *app;
	uint32_t session;
	struct recipient *recipients;
	size_t opened; /* recipients whose account is open */
	uint64_t size_hint;
	struct ingest *in;
	struct trace_scan scan;
	struct buf head; /* Return-Path and Received, until the store took them */
	uint64_t ticket;
	bool is_sealed, is_committed;
	enum err failure; /* for all, and for good */
	struct delivery_note note;
	bool is_lmtp; /* each recipient has an answer of its own; else all or nothing */
};

static struct local_delivery *delivery_of(struct delivery *d)
{
	return (struct local_delivery *)(void *)d;
}

/* --- may this recipient get mail? ------------------------------------------------------------- */

static struct user *deliver_resolve(struct appliance *app, struct slice rcpt,
				    struct slice *detail_out)
{
	struct user *user = users_resolve(app->users, &app->settings, rcpt, detail_out);
	struct slice local = slice_upto(rcpt, slice_rfind_byte(rcpt, '@'));
	/* RFC 5321 4.5.1: postmaster is always there; here it is the first user. */
	if (!user && slice_eq_str_nocase(local, "postmaster"))
		user = users_first(app->users);
	return user;
}

static bool deliver_is_local(struct appliance *app, struct slice rcpt)
{
	size_t at = slice_rfind_byte(rcpt, '@');
	return at == SIZE_MAX || user_domain_is_local(&app->settings, slice_from(rcpt, at + 1));
}

static bool deliver_fits(const struct account *a, uint64_t size)
{
	return (!a->quota_bytes || a->used_bytes + size <= a->quota_bytes) &&
	       (!a->quota_messages || a->used_messages < a->quota_messages);
}

static void deliver_note_refusal(struct appliance *app, const struct envelope *e, const char *user,
				 enum err why)
{
	struct delivery_note note = {
		.at_s = clock_wall_s(), .size = e->size, .result = why, .wanted = 1};
	delivery_note_sender(&note, e->mail_from);
	delivery_note_recipient(&note, user);
	delivery_log_add(&app->deliveries, &note);
}

enum err deliver_check_rcpt(struct host *host, const struct envelope *e, struct slice rcpt,
			    struct waiter *w)
{
	struct appliance *app = appliance_of(host);
	struct account *account = NULL;
	struct slice detail;
	struct user *user = deliver_resolve(app, rcpt, &detail);
	if (!user)
		return deliver_is_local(app, rcpt) ? ERR_NOT_FOUND : ERR_DENIED;
	enum err err = account_open(host->store, slice_str(user->name), true, &account, NULL, w);
	if (err)
		return err;
	appliance_set_quota(app, account);
	if (!deliver_fits(account, e->size))
		err = ERR_QUOTA;
	account_close(&account);
	if (err)
		deliver_note_refusal(app, e, user->name, err);
	return err;
}

/* --- beginning -------------------------------------------------------------------------------- */

static enum err deliver_make_head(struct local_delivery *d, const struct envelope *e)
{
	char peer[64];
	session_peer_text(e->session, peer, sizeof(peer));
	struct trace_hop hop = {
		.helo = e->helo,
		.peer = slice_str(peer),
		.by = slice_str(d->app->host.hostname),
		.with = slice_str(e->with),
		.recipient = e->rcpt_count == 1 ? e->rcpt_to[0] : SLICE_EMPTY,
		.tls = slice_str(stream_tls_text(e->session->stream)),
		.date = {.utc_s = clock_wall_s()},
	};
	enum err err = buf_addf(&d->head, "Return-Path: <");
	if (!err)
		err = buf_add_slice(&d->head, e->mail_from);
	if (!err)
		err = buf_add_str(&d->head, ">\r\n");
	return err ? err : trace_received(&hop, &d->head);
}

static enum err deliver_recipients(struct local_delivery *d, const struct envelope *e)
{
	for (size_t i = 0; i < e->rcpt_count; i++) {
		struct slice detail;
		struct user *user = deliver_resolve(d->app, e->rcpt_to[i], &detail);
		struct recipient *r = &d->recipients[i];
		if (!user) {
			d->pub.results[i] = ERR_NOT_FOUND;
			continue;
		}
		memcpy(r->user, user->name, sizeof(r->user));
		if (!detail.len)
			continue;
		r->detail = strndup((const char *)detail.ptr, detail.len);
		if (!r->detail)
			return ERR_NOMEM;
	}
	return ERR_NONE;
}

enum err deliver_begin(struct host *host, const struct envelope *e, struct delivery **out)
{
	struct local_delivery *d = calloc(1, sizeof(*d));
	*out = NULL;
	if (!d)
		return ERR_NOMEM;
	d->app = appliance_of(host);
	d->session = e->session->id;
	d->size_hint = e->size;
	d->is_lmtp = e->session->service == SERVICE_LMTP;
	delivery_note_sender(&d->note, e->mail_from);
	d->pub.rcpt_count = e->rcpt_count;
	d->pub.results = calloc(e->rcpt_count + 1, sizeof(enum err));
	d->recipients = calloc(e->rcpt_count + 1, sizeof(struct recipient));
	buf_init(&d->head, DELIVER_HEAD_MAX_BYTES);
	trace_scan_init(&d->scan, SLICE_EMPTY);
	enum err err = d->pub.results && d->recipients ? ERR_NONE : ERR_NOMEM;
	if (!err)
		err = deliver_recipients(d, e);
	if (!err)
		err = deliver_make_head(d, e);
	*out = &d->pub;
	if (err)
		deliver_end(out);
	return err;
}

/* --- accounts and mailboxes ------------------------------------------------------------------- */

static struct mailbox *deliver_box(const struct recipient *r)
{
	struct mailbox *box = r->detail ? account_find(r->account, slice_str(r->detail)) : NULL;
	if (box && box->exists && !box->special_use)
		return box;
	return account_find(r->account, SLICE_LIT("INBOX"));
}

static enum err deliver_open_accounts(struct local_delivery *d, struct waiter *w)
{
	for (; d->opened < d->pub.rcpt_count; d->opened++) {
		struct recipient *r = &d->recipients[d->opened];
		enum err err = ERR_NOT_FOUND;
		/* Looked up again: opening makes what is missing, and nobody's mail stays deleted. */
		if (*r->user && users_find(d->app->users, slice_str(r->user)))
			err = account_open(d->app->host.store, slice_str(r->user), true,
					   &r->account, NULL, w);
		if (err == ERR_AGAIN)
			return err;
		if (!err)
			appliance_set_quota(d->app, r->account);
		if (!err && !deliver_fits(r->account, d->size_hint))
			err = ERR_QUOTA;
		d->pub.results[d->opened] = err;
	}
	return ERR_NONE;
}

/* Every mailbox once, however many recipients lead to it. Looked up only now, when nothing waits
 * any more: a mailbox that nobody holds may be gone after any wait. */
static size_t deliver_targets(struct local_delivery *d, struct append_target *targets)
{
	size_t count = 0;
	for (size_t i = 0; i < d->pub.rcpt_count; i++) {
		struct recipient *r = &d->recipients[i];
		size_t at = 0;
		r->box = d->pub.results[i] ? NULL : deliver_box(r);
		while (at < count && targets[at].box != r->box)
			at++;
		if (r->box && at == count)
			targets[count++] = (struct append_target){.box = r->box};
	}
	return count;
}

static enum err deliver_start_append(struct local_delivery *d)
{
	struct append_target *targets = calloc(d->pub.rcpt_count + 1, sizeof(*targets));
	if (!targets)
		return ERR_NOMEM;
	struct append_meta meta = {
		.targets = targets,
		.target_count = deliver_targets(d, targets),
		.internal_date = clock_wall_s(),
		.expected_bytes = d->size_hint,
	};
	enum err err =
		meta.target_count ? ingest_begin(d->app->host.store, &meta, &d->in) : ERR_NONE;
	free(targets);
	return err;
}

/* ERR_NONE with d->in NULL: there is nobody left to deliver to; results[] tells why. */
static enum err deliver_prepare(struct local_delivery *d, struct waiter *w)
{
	if (d->failure || d->in || d->opened == d->pub.rcpt_count)
		return d->failure;
	enum err err = deliver_open_accounts(d, w);
	if (err)
		return err;
	d->failure = deliver_start_append(d);
	return d->failure;
}

static enum err deliver_put_head(struct local_delivery *d, struct waiter *w)
{
	if (!d->in || d->head.len == 0)
		return ERR_NONE;
	enum err err = ingest_write(d->in, buf_view(&d->head), w);
	if (!err)
		buf_free(&d->head);
	return err;
}

enum err deliver_write(struct delivery *delivery, struct slice bytes, struct waiter *w)
{
	struct local_delivery *d = delivery_of(delivery);
	enum err err = deliver_prepare(d, w);
	if (!err)
		err = deliver_put_head(d, w);
	if (!err && d->in)
		err = ingest_write(d->in, bytes, w);
	if (!err)
		err = trace_scan_push(&d->scan, bytes);
	return err;
}

/* --- the end ---------------------------------------------------------------------------------- */

static enum err deliver_seal(struct local_delivery *d)
{
	if (d->is_sealed)
		return ERR_NONE;
	d->is_sealed = true;
	enum err err = trace_scan_finish(&d->scan);
	if (!err && trace_is_loop(&d->scan)) {
		log_warn(d->session, "mail loop: %u hops", d->scan.received);
		return ERR_STATE; /* RFC 5321 6.3: refused for good */
	}
	return err ? err : ingest_seal(d->in);
}

/* The size is known only now: whoever has no room for it drops out, the others get it. So does a
 * mailbox that was deleted meanwhile; the next attempt finds INBOX. */
static void deliver_drop_hopeless(struct local_delivery *d)
{
	struct append *append = ingest_append(d->in);
	for (size_t i = 0; i < d->pub.rcpt_count; i++) {
		struct recipient *r = &d->recipients[i];
		if (r->box && r->box->is_gone)
			d->pub.results[i] = ERR_IN_USE;
		else if (r->box && !deliver_fits(r->account, append->size))
			d->pub.results[i] = ERR_QUOTA;
	}
	/* Only then: several recipients may share a mailbox, and dropping lets go of it. */
	for (size_t i = 0; i < d->pub.rcpt_count; i++) {
		struct recipient *r = &d->recipients[i];
		if (r->box && d->pub.results[i]) {
			append_drop_target(append, r->box);
			r->box = NULL;
		}
	}
}

/* Without an answer for each of them, some served and some not would make the sender try again for
 * all, and those who were served would get it twice. */
static enum err deliver_common_error(const struct local_delivery *d)
{
	for (size_t i = 0; !d->is_lmtp && i < d->pub.rcpt_count; i++)
		if (d->pub.results[i])
			return d->pub.results[i];
	return ERR_NONE;
}

static enum err deliver_commit(struct local_delivery *d, struct waiter *w)
{
	if (d->is_committed)
		return ERR_NONE;
	deliver_drop_hopeless(d);
	enum err common = deliver_common_error(d);
	if (common)
		return common;
	if (ingest_append(d->in)->target_count) {
		enum err err = ingest_commit(&d->in, 1, &d->ticket, w);
		if (err)
			return err;
	}
	d->is_committed = true;
	return ERR_NONE;
}

static void deliver_watch_quotas(const struct local_delivery *d)
{
	for (size_t i = 0; i < d->pub.rcpt_count; i++) {
		const struct recipient *r = &d->recipients[i];
		if (r->account && d->pub.results[i] == ERR_NONE)
			quota_watch_check(d->app, r->user, r->account);
	}
}

/* For the status page: what came of it. */
static void deliver_note(struct local_delivery *d, enum err err)
{
	struct delivery_note *note = &d->note;
	note->at_s = clock_wall_s();
	note->size = d->in ? ingest_append(d->in)->size : d->size_hint;
	note->wanted = (uint32_t)d->pub.rcpt_count;
	note->result = err;
	for (size_t i = 0; i < d->pub.rcpt_count; i++) {
		delivery_note_recipient(note, d->recipients[i].user);
		if (err)
			continue;
		note->served += d->pub.results[i] == ERR_NONE;
		if (d->pub.results[i])
			note->result = d->pub.results[i];
	}
	delivery_log_add(&d->app->deliveries, note);
	if (!note->served)
		return;
	d->app->delivered++;
	deliver_watch_quotas(d);
	log_info(d->session, "delivered %llu octets to %u of %u recipients",
		 (unsigned long long)note->size, (unsigned)note->served, (unsigned)note->wanted);
}

static enum err deliver_go_on(struct local_delivery *d, struct waiter *w)
{
	enum err err = deliver_prepare(d, w);
	if (err || !d->in)
		return err ? err : deliver_common_error(d);
	err = deliver_put_head(d, w);
	if (!err)
		err = deliver_seal(d);
	if (!err)
		err = deliver_commit(d, w);
	return err ? err : store_wait(d->app->host.store, d->ticket, w);
}

enum err deliver_finish(struct delivery *delivery, struct waiter *w)
{
	struct local_delivery *d = delivery_of(delivery);
	enum err err = deliver_go_on(d, w);
	if (err != ERR_AGAIN)
		deliver_note(d, err);
	return err;
}

void deliver_end(struct delivery **delivery)
{
	struct local_delivery *d = *delivery ? delivery_of(*delivery) : NULL;
	*delivery = NULL;
	if (!d)
		return;
	ingest_end(&d->in);
	for (size_t i = 0; d->recipients && i < d->pub.rcpt_count; i++) {
		account_close(&d->recipients[i].account);
		free(d->recipients[i].detail);
	}
	trace_scan_free(&d->scan);
	buf_free(&d->head);
	free(d->recipients);
	free(d->pub.results);
	free(d);
}
