#include "store/store.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/must.h"
#include "store/account.h"
#include "store/medium.h"

enum err store_open(const struct store_ops *ops, const struct store_config *config,
		    struct store **store_out)
{
	struct store *st = calloc(1, sizeof(*st));
	if (!st)
		return ERR_NOMEM;
	st->ops = ops;
	st->config = *config;
	if (!st->config.runner)
		st->config.runner = &job_inline;
	list_init(&st->ticket_waiters);
	list_init(&st->woken);
	st->status.is_read_only = config->read_only;
	enum err err = ops->open(st, &st->config);
	if (err) {
		free(st);
		return err;
	}
	*store_out = st;
	return ERR_NONE;
}

/* Nobody is woken any more: those who still wait are on their way out like the store. */
static void store_forget_waiters(struct list *queue)
{
	while (!list_is_empty(queue))
		list_remove(queue->next);
}

void store_close(struct store **store)
{
	struct store *st = *store;
	if (!st)
		return;
	*store = NULL;
	st->config.schedule = NULL;
	store_hooks(st)->close(st);
	store_forget_waiters(&st->ticket_waiters);
	store_forget_waiters(&st->woken);
	while (st->account_count)
		account_free(st->accounts[st->account_count - 1]);
	free(st->accounts);
	free(st);
}

void store_turn(struct store *st, bool is_idle)
{
	store_hooks(st)->turn(st, is_idle);
	if (is_idle)
		account_unload_idle(st);
	waiters_wake(&st->woken);
}

enum err store_wait(struct store *st, uint64_t ticket, struct waiter *w)
{
	must(ticket <= st->tickets_given);
	if (ticket <= st->tickets_durable)
		return ERR_NONE;
	if (st->failure)
		return st->failure;
	store_sleep(&st->ticket_waiters, w);
	return ERR_AGAIN;
}

bool store_is_read_only(const struct store *st)
{
	return st->status.is_read_only;
}

const char *store_backend_name(const struct store *st)
{
	return store_hooks(st)->name;
}

void store_status(struct store *st, struct store_status *status_out)
{
	store_hooks(st)->count(st);
	*status_out = st->status;
	status_out->io_errors = medium_io_errors();
}

uint64_t store_new_ticket(struct store *st)
{
	return ++st->tickets_given;
}

void store_ticket_durable(struct store *st, uint64_t up_to)
{
	must(up_to <= st->tickets_given);
	if (up_to <= st->tickets_durable || st->failure)
		return;
	st->tickets_durable = up_to;
	store_wake(st, &st->ticket_waiters);
}

void store_fail(struct store *st, enum err err)
{
	if (st->failure)
		return;
	log_error(0, "store: %s; it is read-only from now on", err_text(err));
	st->failure = err;
	st->status.is_read_only = true;
	store_wake(st, &st->ticket_waiters);
}

void store_sleep(struct list *queue, struct waiter *w)
{
	if (!w)
		return;
	waiter_cancel(w);
	list_add_tail(queue, &w->link);
}

void store_wake(struct store *st, struct list *queue)
{
	if (list_is_empty(queue))
		return;
	list_splice_tail(&st->woken, queue);
	store_schedule(st, 0);
}

void store_schedule(struct store *st, uint32_t delay_ms)
{
	if (st->config.schedule)
		st->config.schedule(st->config.owner, delay_ms);
}
