#include "app/notice_mail.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/log.h"
#include "base/secret.h"
#include "mail/date.h"
#include "proto/ingest.h"

enum { NOTICE_MAX_BYTES = 8192 };

struct notice {
	struct errand errand;
	char user[USER_NAME_MAX_BYTES + 1];
	struct account *account;
	struct ingest *in;
	bool is_written;
	struct buf text;
};

static void notice_free(struct notice *n)
{
	errand_leave(&n->errand);
	ingest_end(&n->in);
	if (n->account)
		account_close(&n->account);
	buf_free(&n->text);
	free(n);
}

static enum err notice_header(struct notice *n, const char *subject)
{
	struct date date = {.utc_s = clock_wall_s()};
	char when[DATE_MAIL_MAX_LEN + 1];
	uint8_t id[12];
	struct buf hex;
	buf_init(&hex, 64);
	secret_random(id, sizeof(id));
	date_print_mail(&date, when);
	enum err err = hex_add(&hex, slice_of(id, sizeof(id)));
	if (!err)
		err = buf_addf(&n->text,
			       "Return-Path: <>\r\nFrom: Surel <postmaster@%s>\r\nTo: %s\r\n"
			       "Subject: %s\r\nDate: %s\r\nMessage-ID: <" SLICE_FMT "@%s>\r\n"
			       "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
			       "Content-Type: text/plain; charset=utf-8\r\n"
			       "Content-Transfer-Encoding: 8bit\r\n\r\n",
			       n->errand.app->host.hostname, n->user, subject, when,
			       SLICE_ARG(buf_view(&hex)), n->errand.app->host.hostname);
	buf_free(&hex);
	return err;
}

static enum err notice_write(struct notice *n, const char *subject, const char *body)
{
	struct slice rest = slice_str(body);
	enum err err = notice_header(n, subject);
	while (!err && rest.len) {
		err = buf_add_slice(&n->text, slice_split(&rest, '\n'));
		if (!err)
			err = buf_add(&n->text, "\r\n", 2);
	}
	return err;
}

static enum err notice_begin(struct notice *n)
{
	struct append_target target = {.box = account_find(n->account, SLICE_LIT("INBOX"))};
	struct append_meta meta = {.targets = &target,
				   .target_count = 1,
				   .internal_date = clock_wall_s(),
				   .expected_bytes = n->text.len};
	return target.box ? ingest_begin(n->errand.app->host.store, &meta, &n->in) : ERR_NOT_FOUND;
}

static enum err notice_step(struct notice *n)
{
	enum err err = ERR_NONE;
	uint64_t ticket = 0;
	if (!n->account)
		err = account_open(n->errand.app->host.store, slice_str(n->user), false,
				   &n->account, NULL, &n->errand.waiter);
	if (!err && !n->in)
		err = notice_begin(n);
	if (!err && !n->is_written) {
		err = ingest_write(n->in, buf_view(&n->text), &n->errand.waiter);
		if (!err)
			err = ingest_seal(n->in);
		n->is_written = !err;
	}
	return err ? err : ingest_commit(&n->in, 1, &ticket, &n->errand.waiter);
}

static void notice_run(struct errand *errand)
{
	struct notice *n = list_owner(errand, struct notice, errand);
	enum err err = notice_step(n);
	if (err == ERR_AGAIN)
		return;
	if (err)
		log_warn(0, "a notice for %s is not delivered: %s", n->user, err_text(err));
	notice_free(n);
}

static void notice_on_end(struct errand *errand, const char *why)
{
	(void)why;
	notice_free(list_owner(errand, struct notice, errand));
}

void notice_mail_send(struct appliance *a, const char *user, const char *subject, const char *body)
{
	struct notice *n = calloc(1, sizeof(*n));
	if (!n || slice_to_str(slice_str(user), n->user, sizeof(n->user))) {
		log_warn(0, "a notice for %s is not delivered", user);
		free(n);
		return;
	}
	n->errand.owner = n->user;
	n->errand.run = notice_run;
	n->errand.end = notice_on_end;
	errand_begin(&n->errand, a);
	buf_init(&n->text, NOTICE_MAX_BYTES);
	if (notice_write(n, subject, body)) {
		log_warn(0, "a notice for %s is not delivered", user);
		notice_free(n);
	}
}
