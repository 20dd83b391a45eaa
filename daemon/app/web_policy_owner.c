#include <stdio.h>

#include "app/web_policy.h"
#include "app/web_words.h"
#include "proto/pop3/pop3_note.h"

enum { DAY_S = 24 * 60 * 60, LISTED_MAX = 64 };

/* --- space -------------------------------------------------------------------------------------- */

static unsigned percent_of(uint64_t used, uint64_t limit)
{
	return limit ? (unsigned)(used * 100 / limit) : 0;
}

static void put_used(struct model *usage, const char *member, const struct row_form *f, uint64_t n,
		     bool is_size)
{
	char size[SIZE_TEXT_BYTES];
	size_text(f->lang, n, size);
	if (is_size)
		model_text(usage, member, size);
	else
		words_put_number(usage, member, f->lang, "mail.messages", n);
}

/* One bar: how much of its limit is used, and what that means. */
static void add_usage(const struct row_form *f, uint64_t used, uint64_t limit, bool is_size,
		      struct model *usages)
{
	unsigned percent = percent_of(used, limit);
	char number[16];
	struct model *usage = model_row(usages);
	snprintf(number, sizeof(number), "%u", percent);
	put_used(usage, "used", f, used, is_size);
	put_used(usage, "limit", f, limit, is_size);
	words_put(usage, "text", f->lang, limit ? "mail.used" : "mail.used_free",
		  (struct word[]){{"used", model_get_text(usage, "used")},
				  {"limit", model_get_text(usage, "limit")},
				  {"percent", number}},
		  3);
	if (limit)
		model_text(usage, "percent", percent > 100 ? "100" : number);
	if (percent >= 80)
		model_text(usage, "warning",
			   web_text(f->lang, percent >= 95   ? "mail.warn_95"
					     : percent >= 90 ? "mail.warn_90"
							     : "mail.warn_80"));
}

/* --- devices ------------------------------------------------------------------------------------ */

/* A device has a note in each mailbox that POP3 has shown it. */
struct listed {
	char label[POP3_LABEL_MAX + 1];
	uint64_t downloaded;
	uint32_t last_day;
};
struct device_list {
	struct listed rows[LISTED_MAX];
	size_t count;
};

static uint64_t count_runs(const struct pop3_runs *runs)
{
	uint64_t n = 0;
	for (uint32_t i = 0; i < runs->count; i++)
		n += runs->at[i].last - runs->at[i].first + 1;
	return n;
}

static void list_device(struct device_list *list, const struct pop3_device *device)
{
	size_t i = 0;
	while (i < list->count && strcmp(list->rows[i].label, device->label) != 0)
		i++;
	if (i == LISTED_MAX)
		return;
	struct listed *row = &list->rows[i];
	if (i == list->count) {
		*row = (struct listed){0};
		memcpy(row->label, device->label, sizeof(row->label));
		list->count++;
	}
	row->downloaded += count_runs(&device->downloaded);
	if (device->last_day > row->last_day)
		row->last_day = device->last_day;
}

static void list_box(struct device_list *list, const struct mailbox *box)
{
	struct pop3_state state;
	if (!pop3_note_read(box, &state))
		for (size_t i = 0; i < state.device_count; i++)
			if (state.devices[i].is_known || state.devices[i].downloaded.count)
				list_device(list, &state.devices[i]);
	pop3_state_free(&state);
}

static void add_device(const struct row_form *f, const struct listed *row, struct model *devices)
{
	const char *name = *row->label ? row->label : web_text(f->lang, "mail.device_none");
	char seen[WORDS_DATE_BYTES] = "";
	struct model *device = model_row(devices);
	model_text(device, "label", row->label);
	/* What devices without a name have is everybody's; under "own" they are waited for, too. */
	if (*row->label || f->now.policy.pop3_devices == POP3_DEVICES_OWN)
		model_bool(device, "can_go", true);
	model_text(device, "device", name);
	model_number(device, "downloaded", (int64_t)row->downloaded);
	if (row->last_day)
		words_day(f->lang, (int64_t)row->last_day * DAY_S, seen);
	model_text(device, "seen", seen);
}

void policy_add_owner(const struct policy_page *page, struct model *model)
{
	const struct row_form *f = page->form;
	struct account *account = page->account;
	struct device_list list = {.count = 0};
	if (!account)
		return;
	struct model *usages = model_list(model, "usages");
	add_usage(f, account->used_bytes, f->now.policy.quota_mib * 1024 * 1024, true, usages);
	add_usage(f, account->used_messages, f->now.policy.quota_messages, false, usages);
	for (size_t i = 0; i < account->box_count; i++)
		if (account->boxes[i]->note.len)
			list_box(&list, account->boxes[i]);
	model_bool(model, "has_devices", list.count > 0);
	struct model *devices = list.count ? model_list(model, "devices") : NULL;
	for (size_t i = 0; devices && i < list.count; i++)
		add_device(f, &list.rows[i], devices);
}
