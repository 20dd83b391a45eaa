#include "proto/pop3/pop3_drop.h"

#include <stdlib.h>

#include "base/array.h"

/* --- who holds it ----------------------------------------------------------------------------- */

static struct list *drop_holders(struct host *host)
{
	if (!host->maildrops.next)
		list_init(&host->maildrops);
	return &host->maildrops;
}

const char *pop3_drop_device(const struct pop3_drop *d)
{
	return d->login->policy.pop3_devices == POP3_DEVICES_OWN ? d->login->device : "";
}

/* --- opening ---------------------------------------------------------------------------------- */

static struct mailbox *drop_find(const struct pop3_drop *d, const char *name)
{
	struct mailbox *box = account_find(d->login->account, slice_str(name));
	return box && box->exists ? box : NULL;
}

/* The mailbox that is shown at this place, or NULL. */
static struct mailbox *drop_wanted(const struct pop3_drop *d, uint32_t place)
{
	const struct policy *policy = &d->login->policy;
	const char *folder = policy->pop3_shows == POP3_SHOWS_FOLDER ? policy->pop3_folder : "";
	if (*d->login->folder)
		folder = d->login->folder;
	if (place == 0)
		return drop_find(d, *folder ? folder : "INBOX");
	if (*folder || policy->pop3_shows != POP3_SHOWS_JUNK_TOO)
		return NULL;
	struct mailbox *junk = account_find_use(d->login->account, USE_JUNK);
	return junk && junk->exists && junk != d->boxes[0].box ? junk : NULL;
}

/* "recent:" is another look at the same maildrop. */
static bool drop_is_same(const struct pop3_drop *a, const struct pop3_drop *b)
{
	return a->login->account == b->login->account && a->boxes[0].box == b->boxes[0].box &&
	       strcmp(pop3_drop_device(a), pop3_drop_device(b)) == 0;
}

static enum err drop_take(struct pop3_drop *d, struct session *s)
{
	d->login = s->login;
	d->boxes[0].box = drop_wanted(d, 0);
	enum err err = d->boxes[0].box ? ERR_NONE : ERR_NOT_FOUND;
	list_for_each (pos, drop_holders(s->host))
		if (!err && drop_is_same(d, list_owner(pos, struct pop3_drop, link)))
			err = ERR_IN_USE;
	if (err)
		*d = (struct pop3_drop){.login = NULL};
	else
		list_add_tail(drop_holders(s->host), &d->link);
	return err;
}

/* Looked up anew each time: a mailbox that is not open may be deleted while we wait. */
static enum err drop_open_boxes(struct pop3_drop *d, struct waiter *w)
{
	while (d->box_count < POP3_BOXES_MAX) {
		struct pop3_box *b = &d->boxes[d->box_count];
		b->box = drop_wanted(d, d->box_count);
		if (!b->box)
			return d->box_count ? ERR_NONE : ERR_NOT_FOUND;
		enum err err = mailbox_open(b->box, w);
		if (err)
			return err;
		b->is_open = true;
		d->box_count++;
	}
	return ERR_NONE;
}

static enum err drop_open(struct pop3_drop *d, struct session *s)
{
	enum err err = d->login ? ERR_NONE : drop_take(d, s);
	if (!err && !d->look.is_begun) {
		err = drop_open_boxes(d, &s->waiter);
		if (!err)
			err = pop3_show_begin(d);
	}
	return err ? err : pop3_show_look(d, s);
}

enum err pop3_drop_open(struct pop3_drop *d, struct session *s)
{
	enum err err = drop_open(d, s);
	if (err && err != ERR_AGAIN)
		pop3_drop_close(d);
	return err;
}

void pop3_drop_close(struct pop3_drop *d)
{
	if (!d->login)
		return;
	list_remove(&d->link);
	for (uint32_t i = 0; i < POP3_BOXES_MAX; i++) {
		view_close(&d->boxes[i].view);
		if (d->boxes[i].is_open)
			mailbox_close(d->boxes[i].box);
	}
	free(d->spans.at);
	free(d->look.todo.at);
	free(d->deleted_bits);
	free(d->retrieved_bits);
	*d = (struct pop3_drop){.login = NULL};
}

/* --- numbers ---------------------------------------------------------------------------------- */

enum err pop3_spans_add(struct pop3_spans *spans, struct pop3_span span)
{
	struct pop3_span *last = spans->count ? &spans->at[spans->count - 1] : NULL;
	if (!span.count)
		return ERR_NONE;
	span.number = last ? last->number + last->count : 1;
	if (last && last->box == span.box && last->seq + last->count == span.seq) {
		last->count += span.count;
		return ERR_NONE;
	}
	struct pop3_span *at = array_reserve(spans->at, &spans->cap, spans->count + 1, sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	spans->at = at;
	spans->at[spans->count++] = span;
	return ERR_NONE;
}

/* The span that holds this number, which is from 1 to count. */
static const struct pop3_span *drop_span(const struct pop3_drop *d, uint32_t number)
{
	uint32_t low = 0, high = d->spans.count - 1;
	while (low < high) {
		uint32_t mid = high - (high - low) / 2;
		if (d->spans.at[mid].number <= number)
			low = mid;
		else
			high = mid - 1;
	}
	return &d->spans.at[low];
}

struct pop3_box *pop3_drop_box(struct pop3_drop *d, uint32_t number)
{
	return &d->boxes[drop_span(d, number)->box];
}

enum err pop3_drop_look(struct pop3_drop *d, uint32_t number, struct msg_info *info_out)
{
	const struct pop3_span *span = drop_span(d, number);
	struct view *view = &d->boxes[span->box].view;
	enum err err = view_info(view, view_uid(view, span->seq + number - span->number), info_out);
	return err == ERR_NOT_FOUND ? ERR_GONE : err;
}

enum err pop3_drop_info(struct pop3_drop *d, uint32_t number, struct msg_info *info_out)
{
	if (number == 0 || number > d->count)
		return ERR_NOT_FOUND;
	return pop3_drop_is_deleted(d, number) ? ERR_DENIED : pop3_drop_look(d, number, info_out);
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

bool pop3_drop_is_retrieved(const struct pop3_drop *d, uint32_t number)
{
	return drop_bit(d->retrieved_bits, number);
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

/* --- what is told ----------------------------------------------------------------------------- */

static bool drop_obeys(const struct pop3_drop *d)
{
	bool obeys = false;
	for (uint32_t i = 0; i < d->box_count; i++)
		obeys |= pop3_drop_after(d, d->boxes[i].box) == d->login->policy.pop3_after;
	return obeys;
}

uint32_t pop3_drop_expire_days(const struct pop3_drop *d)
{
	const struct login *login = d->login;
	const struct policy *policy = &login->policy;
	uint32_t days = login->pop3_expire_days;
	/* Where downloading has no consequences, only time has. */
	if (login->is_recent || (policy->pop3_show_again && !drop_obeys(d)))
		days = policy_days_min(POLICY_EXPIRE_NEVER, policy->pop3_delete_days);
	/* What is emptied after some days is so for POP3, too. */
	for (uint32_t i = 0; i < d->box_count; i++) {
		uint32_t uses = d->boxes[i].box->special_use;
		if (uses & USE_JUNK)
			days = policy_days_min(days, policy->junk_days);
		if (uses & USE_TRASH)
			days = policy_days_min(days, policy->trash_days);
	}
	return days;
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
