#include "store/account.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/must.h"
#include "base/secret.h"
#include "store/box_plan.h"
#include "store/mailbox_name.h"

/* --- the table of accounts -------------------------------------------------------------------- */

struct account *store_find_account(struct store *st, struct slice name)
{
	for (size_t i = 0; i < st->account_count; i++)
		if (slice_eq_str(name, st->accounts[i]->name))
			return st->accounts[i];
	return NULL;
}

static enum err store_reserve_account(struct store *st)
{
	struct account **accounts = array_reserve(st->accounts, &st->account_cap,
						  st->account_count + 1, sizeof(*accounts));
	if (!accounts)
		return ERR_NOMEM;
	st->accounts = accounts;
	return ERR_NONE;
}

static struct account *account_new(struct store *st, struct slice name)
{
	if (store_reserve_account(st))
		return NULL;
	struct account *a = calloc(1, sizeof(*a) + name.len + 1);
	if (!a)
		return NULL;
	a->store = st;
	a->name = memcpy(a + 1, name.ptr, name.len);
	a->idle_since_ms = clock_mono_ms();
	st->accounts[st->account_count++] = a;
	return a;
}

void account_clear(struct account *a)
{
	while (a->box_count)
		mailbox_free(a->boxes[--a->box_count]);
	free(a->boxes);
	a->boxes = NULL;
	a->box_cap = 0;
}

void account_free(struct account *a)
{
	struct store *st = a->store;
	struct account *last = st->accounts[--st->account_count];
	for (size_t i = 0; i < st->account_count; i++)
		if (st->accounts[i] == a)
			st->accounts[i] = last;
	account_clear(a);
	free(a);
}

/* --- open, close, remove ---------------------------------------------------------------------- */

enum err account_name_check(struct slice name)
{
	if (name.len > ACCOUNT_NAME_MAX_BYTES)
		return ERR_LIMIT;
	if (name.len == 0 || name.ptr[0] == '.' || !name_is_printable(name))
		return ERR_SYNTAX;
	return slice_find_byte(name, MAILBOX_SEPARATOR) == SIZE_MAX ? ERR_NONE : ERR_SYNTAX;
}

static enum err account_load(struct account *a, bool create, uint64_t *ticket, struct waiter *w)
{
	struct store *st = a->store;
	bool may_create = create && !store_is_read_only(st);
	enum err err = store_hooks(st)->account_load(a, may_create, ticket, w);
	a->is_loaded = err == ERR_NONE;
	if (!err || err == ERR_AGAIN)
		return err;
	account_free(a);
	return err == ERR_NOT_FOUND && create ? ERR_READ_ONLY : err;
}

/* A new account, and one whose making was cut short by a loss of power, lacks its INBOX. */
static enum err account_complete(struct account *a, uint64_t *ticket)
{
	if (account_lookup(a, MAILBOX_INBOX) || store_is_read_only(a->store))
		return ERR_NONE;
	return box_plan_first(a, ticket);
}

enum err account_open(struct store *st, struct slice name, bool create,
		      struct account **account_out, uint64_t *ticket_out, struct waiter *w)
{
	uint64_t ticket = 0;
	enum err err = account_name_check(name);
	if (err)
		return err;
	struct account *a = store_find_account(st, name);
	if (!a && !(a = account_new(st, name)))
		return ERR_NOMEM;
	if (!a->is_loaded)
		err = account_load(a, create, &ticket, w);
	if (!err)
		err = account_complete(a, &ticket);
	if (err)
		return err;
	a->open_count++;
	*account_out = a;
	if (ticket_out)
		*ticket_out = ticket;
	return ERR_NONE;
}

static bool account_is_used(const struct account *a)
{
	return a->open_count || a->holds;
}

static void account_note_idle(struct account *a)
{
	if (account_is_used(a))
		return;
	a->idle_since_ms = clock_mono_ms();
	store_schedule(a->store, ACCOUNT_LINGER_MS);
}

void account_close(struct account **account)
{
	struct account *a = *account;
	if (!a)
		return;
	*account = NULL;
	must(a->open_count);
	a->open_count--;
	account_note_idle(a);
}

static void account_unload(struct account *a)
{
	store_hooks(a->store)->account_unload(a);
	account_free(a);
}

void account_unload_idle(struct store *st)
{
	uint64_t now = clock_mono_ms();
	if (st->tickets_durable < st->tickets_given)
		return;
	for (size_t i = st->account_count; i-- > 0;) {
		struct account *a = st->accounts[i];
		if (a->is_loaded && !account_is_used(a) &&
		    now - a->idle_since_ms >= ACCOUNT_LINGER_MS)
			account_unload(a);
	}
}

enum err account_remove(struct store *st, struct slice name, uint64_t *ticket_out)
{
	uint64_t ticket = 0;
	enum err err = account_name_check(name);
	if (err)
		return err;
	if (store_is_read_only(st))
		return ERR_READ_ONLY;
	struct account *a = store_find_account(st, name);
	if (a && (account_is_used(a) || !a->is_loaded))
		return ERR_IN_USE;
	if (a)
		account_unload(a);
	err = store_hooks(st)->account_remove(st, name, &ticket);
	if (!err && ticket_out)
		*ticket_out = ticket;
	return err;
}

/* --- the table of mailboxes ------------------------------------------------------------------- */

size_t account_lower_bound(const struct account *a, struct slice name)
{
	size_t low = 0, high = a->box_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (slice_cmp(slice_str(a->boxes[mid]->name), name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct mailbox *account_lookup(const struct account *a, struct slice name)
{
	size_t at = account_lower_bound(a, name);
	return at < a->box_count && slice_eq_str(name, a->boxes[at]->name) ? a->boxes[at] : NULL;
}

struct mailbox *account_find(struct account *a, struct slice name)
{
	struct mailbox_name folded;
	if (mailbox_name_fold(&folded, name))
		return NULL;
	return account_lookup(a, mailbox_name_view(&folded));
}

struct mailbox *account_find_use(struct account *a, enum special_use use)
{
	for (size_t i = 0; i < a->box_count; i++)
		if (a->boxes[i]->exists && a->boxes[i]->special_use & use)
			return a->boxes[i];
	return NULL;
}

enum err account_reserve(struct account *a, size_t n)
{
	struct mailbox **boxes =
		array_reserve(a->boxes, &a->box_cap, a->box_count + n + 1, sizeof(*boxes));
	if (!boxes)
		return ERR_NOMEM;
	a->boxes = boxes;
	return ERR_NONE;
}

struct mailbox *account_add_box(struct account *a, struct slice name, bool exists)
{
	if (account_lookup(a, name) || account_reserve(a, 1))
		return NULL;
	struct mailbox *box = mailbox_new(a, name, exists);
	if (!box)
		return NULL;
	account_put_in(a, box);
	return box;
}

void account_put_in(struct account *a, struct mailbox *box)
{
	size_t at = account_lower_bound(a, slice_str(box->name));
	memmove(a->boxes + at + 1, a->boxes + at, (a->box_count - at) * sizeof(struct mailbox *));
	a->boxes[at] = box;
	a->box_count++;
}

void account_take_out(struct account *a, struct mailbox *box)
{
	size_t at = 0;
	while (a->boxes[at] != box)
		at++;
	a->box_count--;
	memmove(a->boxes + at, a->boxes + at + 1, (a->box_count - at) * sizeof(struct mailbox *));
}

static int account_compare_boxes(const void *a, const void *b)
{
	const struct mailbox *const *x = a, *const *y = b;
	return slice_cmp(slice_str((*x)->name), slice_str((*y)->name));
}

void account_sort(struct account *a)
{
	if (a->box_count)
		qsort(a->boxes, a->box_count, sizeof(struct mailbox *), account_compare_boxes);
}

/* --- one mailbox's struct --------------------------------------------------------------------- */

struct mailbox *mailbox_new(struct account *a, struct slice name, bool exists)
{
	struct mailbox *box = calloc(1, sizeof(*box));
	char *copy = strndup((const char *)name.ptr, name.len);
	if (!box || !copy) {
		free(box);
		free(copy);
		return NULL;
	}
	box->account = a;
	box->name = copy;
	box->exists = exists;
	box->uid_next = 1;
	box->recent_from = 1;
	box->highest_modseq = 1;
	list_init(&box->listeners);
	return box;
}

void mailbox_free(struct mailbox *box)
{
	must(list_is_empty(&box->listeners));
	keywords_free(&box->keywords);
	free(box->name);
	free(box);
}

void mailbox_free_if_unused(struct mailbox *box)
{
	if (box->is_gone && !box->open_count && !box->holds)
		mailbox_free(box);
}

void mailbox_hold(struct mailbox *box)
{
	box->holds++;
	box->account->holds++;
}

void mailbox_release(struct mailbox *box)
{
	struct account *a = box->account;
	must(box->holds && a->holds);
	box->holds--;
	a->holds--;
	mailbox_free_if_unused(box);
	account_note_idle(a);
}

uint32_t account_new_uid_validity(struct account *a)
{
	int64_t wall = clock_wall_s();
	uint32_t now = wall > 0 && wall < UINT32_MAX ? (uint32_t)wall : 1;
	a->last_uid_validity = now > a->last_uid_validity ? now : a->last_uid_validity + 1;
	return a->last_uid_validity;
}

void store_new_id(struct msg_id *id_out)
{
	secret_random(id_out->bytes, sizeof(id_out->bytes));
}

void account_charge(struct account *a, uint64_t bytes, uint64_t messages)
{
	a->used_bytes += bytes;
	a->used_messages += messages;
}

void account_discharge(struct account *a, uint64_t bytes, uint64_t messages)
{
	must(a->used_bytes >= bytes && a->used_messages >= messages);
	a->used_bytes -= bytes;
	a->used_messages -= messages;
}
