#include <stdio.h>

#include "app/web_policy.h"
#include "app/web_words.h"

struct telling {
	enum lang lang;
	const struct policy *policy;
	bool starts_window; /* saving it begins a new window */
	struct model *says, *warns;
};

static void tell_key(const struct telling *t, struct model *list, const char *key)
{
	words_put(list, NULL, t->lang, key, NULL, 0);
}

static void tell_number(const struct telling *t, struct model *list, const char *key, uint64_t n)
{
	words_put_number(list, NULL, t->lang, key, n);
}

static void tell_word(const struct telling *t, const char *key, const char *name, const char *value)
{
	words_put(t->says, NULL, t->lang, key, &(struct word){name, value}, 1);
}

static void tell_window(const struct telling *t)
{
	static const char *const keys[] = {"sum.what.inbox", "sum.what.junk-too",
					   "sum.what.folder"};
	const struct policy *p = t->policy;
	struct buf what;
	char date[WORDS_DATE_BYTES];
	buf_init(&what, WORDS_MAX_BYTES);
	words_say(&what, t->lang, keys[p->pop3_shows < 3 ? p->pop3_shows : 0],
		  &(struct word){"folder", p->pop3_folder}, 1);
	if (!buf_add_byte(&what, 0))
		tell_word(t, "sum.pop3_on", "what", (const char *)what.bytes);
	buf_free(&what);
	if (p->pop3_access != POP3_FROM_NOW_ON)
		return;
	if (t->starts_window || p->pop3_from_s == 0) {
		tell_key(t, t->says, "sum.from_now");
		return;
	}
	words_date(t->lang, (int64_t)p->pop3_from_s, date);
	tell_word(t, "sum.since", "from", date);
}

/* "Mail stays on the server after it was downloaded and is shown to every device." */
static void tell_disposition(const struct telling *t)
{
	static const char *const keys[] = {"sum.keep", "sum.mark-read", "sum.archive", "sum.trash",
					   "sum.delete"};
	const struct policy *p = t->policy;
	bool is_own = p->pop3_devices == POP3_DEVICES_OWN;
	const char *end = NULL;
	if (p->pop3_after >= POP3_AFTER_ARCHIVE)
		end = is_own ? "sum.all_have" : "sum.now";
	else if (p->pop3_show_again)
		end = is_own ? "sum.again_own" : "sum.again";
	else
		end = is_own ? "sum.once_own" : "sum.once";
	model_textf(t->says, NULL, "%s %s",
		    web_text(t->lang, keys[p->pop3_after < 5 ? p->pop3_after : 0]),
		    web_text(t->lang, end));
}

static void tell_deletion(const struct telling *t)
{
	static const char *const dele[] = {"sum.dele.delete", "sum.dele.follow", "sum.dele.hide"};
	const struct policy *p = t->policy;
	bool is_arrival = p->pop3_delete_since == POP3_SINCE_ARRIVAL;
	tell_key(t, t->says, dele[p->pop3_dele < 3 ? p->pop3_dele : 0]);
	if (p->pop3_after == POP3_AFTER_DELETE)
		tell_key(t, t->warns, "sum.warn.delete");
	else if (p->pop3_after == POP3_AFTER_TRASH && p->trash_days)
		tell_number(t, t->warns, "sum.warn.trash", p->trash_days);
	else if (p->pop3_after == POP3_AFTER_TRASH)
		tell_key(t, t->warns, "sum.warn.trash_keep");
	if (p->pop3_delete_days == 0 || p->pop3_after >= POP3_AFTER_ARCHIVE)
		return;
	tell_number(t, t->says, is_arrival ? "sum.days_arrival" : "sum.days_download",
		    p->pop3_delete_days);
	if (is_arrival)
		tell_key(t, t->warns, "sum.warn.arrival");
}

static void tell_expire(const struct telling *t)
{
	uint32_t days = policy_expire_days(t->policy);
	if (days == POLICY_EXPIRE_NEVER)
		tell_key(t, t->says, "sum.expire_never");
	else if (days == 0)
		tell_key(t, t->says, "sum.expire_0");
	else
		tell_number(t, t->says, "sum.expire_n", days);
}

static void tell_imap(const struct telling *t)
{
	const struct policy *p = t->policy;
	tell_key(t, t->says, p->imap_access ? "sum.imap_on" : "sum.imap_off");
	if (p->imap_access && p->imap_folder_limit)
		tell_number(t, t->says, "sum.imap_limit", p->imap_folder_limit);
}

void policy_add_words(const struct policy_page *page, bool is_new, struct model *model)
{
	const struct row_form *f = page->form;
	const struct setting *access = setting_find(SLICE_LIT("pop3.access"));
	bool was_since = f->now.policy.pop3_access == POP3_FROM_NOW_ON;
	struct telling t = {.lang = f->lang};
	t.policy = is_new ? &f->then.policy : &f->now.policy;
	t.starts_window =
		is_new && access && (!was_since || f->rows[access - setting_table].is_again);
	t.says = model_list(model, "says");
	t.warns = model_list(model, "warns");
	model_text(model, "says_title", web_text(f->lang, is_new ? "mail.would" : "mail.now"));
	if (t.policy->pop3_access == POP3_OFF) {
		tell_key(&t, t.says, "sum.pop3_off");
	} else {
		tell_window(&t);
		tell_disposition(&t);
		tell_deletion(&t);
		tell_expire(&t);
	}
	tell_imap(&t);
}
