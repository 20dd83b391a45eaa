#include "proto/pop3/pop3_drop.h"

#include <stdlib.h>

/* --- who holds it ----------------------------------------------------------------------------- */

static struct list *drop_holders(struct host *host)
{
	if (!host->maildrops.next)
		list_init(&host->maildrops);
	return &host->maildrops;
}

static bool drop_is_held(struct host *host, const struct account *account)
{
	list_for_each (pos, drop_holders(host)) {
		if (list_owner(pos, struct pop3_drop, link)->account == account)
			return true;
	}
	return false;
}

enum err pop3_drop_open(struct pop3_drop *d, struct host *host, struct account *account,
			struct waiter *w)
{
	if (!d->account) {
		if (drop_is_held(host, account))
			return ERR_IN_USE;
		d->account = account;
		list_add_tail(drop_holders(host), &d->link);
		d->box = account_find(account, SLICE_LIT("INBOX"));
	}
	enum err err = d->box ? mailbox_open(d->box, w) : ERR_CORRUPT;
	if (err == ERR_AGAIN)
		return err;
	d->is_open = !err;
	if (!err)
		err = view_open(&d->view, d->box, false, NULL);
	if (!err) {
		d->count = d->view.count;
		d->octets = d->box->size_bytes;
	} else {
		pop3_drop_close(d);
	}
	return err;
}

void pop3_drop_close(struct pop3_drop *d)
{
	if (!d->account)
		return;
	list_remove(&d->link);
	view_close(&d->view);
	if (d->is_open)
		mailbox_close(d->box);
	free(d->deleted_bits);
	free(d->retrieved_bits);
	*d = (struct pop3_drop){.account = NULL};
}

/* --- marks ------------------------------------------------------------------------------------ */

static bool drop_bit(const uint8_t *bits, uint32_t number)
{
	return bits && bits[(number - 1) / 8] & 1u << (number - 1) % 8;
}

static enum err drop_set_bit(const struct pop3_drop *d, uint8_t **bits, uint32_t number)
{
	if (!*bits)
		*bits = calloc(d->count / 8 + 1, 1);
	if (!*bits)
		return ERR_NOMEM;
	(*bits)[(number - 1) / 8] |= (uint8_t)(1u << (number - 1) % 8);
	return ERR_NONE;
}

bool pop3_drop_is_deleted(const struct pop3_drop *d, uint32_t number)
{
	return drop_bit(d->deleted_bits, number);
}

enum err pop3_drop_info(struct pop3_drop *d, uint32_t number, struct msg_info *info_out)
{
	if (number == 0 || number > d->count)
		return ERR_NOT_FOUND;
	if (pop3_drop_is_deleted(d, number))
		return ERR_DENIED;
	enum err err = view_info(&d->view, view_uid(&d->view, number), info_out);
	return err == ERR_NOT_FOUND ? ERR_GONE : err;
}

enum err pop3_drop_delete(struct pop3_drop *d, uint32_t number)
{
	struct msg_info info;
	enum err err = pop3_drop_info(d, number, &info);
	if (!err)
		err = drop_set_bit(d, &d->deleted_bits, number);
	if (err)
		return err;
	d->deleted++;
	d->deleted_octets += info.size;
	return ERR_NONE;
}

void pop3_drop_reset(struct pop3_drop *d)
{
	free(d->deleted_bits);
	d->deleted_bits = NULL;
	d->deleted = 0;
	d->deleted_octets = 0;
}

void pop3_drop_note_retrieved(struct pop3_drop *d, uint32_t number)
{
	enum err err = drop_set_bit(d, &d->retrieved_bits, number);
	(void)err; /* a policy that misses one message leaves it where it is */
}

/* --- deleting --------------------------------------------------------------------------------- */

static enum err drop_expunge(struct pop3_drop *d)
{
	size_t count = 0;
	uint32_t *uids = malloc(d->deleted * sizeof(*uids));
	if (!uids)
		return ERR_NOMEM;
	for (uint32_t number = 1; number <= d->count && count < d->deleted; number++)
		if (pop3_drop_is_deleted(d, number))
			uids[count++] = view_uid(&d->view, number);
	struct msg_change change = {
		.kind = CHANGE_EXPUNGE,
		.uids = uids,
		.count = count,
		.unchanged_since = UINT64_MAX,
	};
	enum err err = mailbox_change(d->box, &change, &d->ticket);
	free(uids);
	return err;
}

enum err pop3_drop_commit(struct pop3_drop *d, struct waiter *w)
{
	if (d->deleted) {
		enum err err = drop_expunge(d);
		if (err)
			return err;
		pop3_drop_reset(d); /* done: a second call only waits */
	}
	return store_wait(d->account->store, d->ticket, w);
}

void pop3_drop_uidl(const struct msg_info *info, char dst[POP3_UIDL_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < sizeof(info->id.bytes); i++) {
		dst[2 * i] = digits[info->id.bytes[i] >> 4];
		dst[2 * i + 1] = digits[info->id.bytes[i] & 15];
	}
	dst[POP3_UIDL_BYTES - 1] = '\0';
}
