#include "app/quota_watch.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/app_part.h"
#include "app/notice_mail.h"
#include "app/size_text.h"
#include "base/log.h"

struct quota_mark {
	char user[USER_NAME_MAX_BYTES + 1]; /* "": the store */
	unsigned level;
};

/* --- levels ------------------------------------------------------------------------------------- */

static unsigned account_level(const struct account *account)
{
	unsigned bytes = quota_level(account->used_bytes, account->quota_bytes);
	unsigned messages = quota_level(account->used_messages, account->quota_messages);
	return bytes > messages ? bytes : messages;
}

/* NULL: no memory, then nobody is told. *is_new_out: nothing was known. */
static struct quota_mark *mark_of(struct appliance *a, const char *user, bool *is_new_out)
{
	struct quota_mark *mark = name_map_find(&a->quota_marks, slice_str(user));
	*is_new_out = !mark;
	if (mark)
		return mark;
	mark = calloc(1, sizeof(*mark));
	if (!mark || slice_to_str(slice_str(user), mark->user, sizeof(mark->user)) ||
	    name_map_add(&a->quota_marks, mark)) {
		free(mark);
		return NULL;
	}
	return mark;
}

/* True: a threshold was passed that was not told yet. */
static bool mark_rises(struct appliance *a, const char *user, unsigned level)
{
	bool is_new = false;
	struct quota_mark *mark = mark_of(a, user, &is_new);
	bool rises = mark && !is_new && level > mark->level;
	if (mark)
		mark->level = level;
	return rises;
}

/* --- words -------------------------------------------------------------------------------------- */

static enum lang house_language(const struct appliance *a)
{
	return a->settings.web_language == LANG_ID + 1 ? LANG_ID : LANG_EN;
}

struct quota_words {
	const char *subject, *bytes, *messages, *advice, *store_subject, *store;
};

static const struct quota_words words[LANG_COUNT] = {
	[LANG_EN] = {"Your mailbox is %u %% full", "Your mail here uses %s of %s.\n",
		     "You have %s of at most %s messages here.\n",
		     "When nothing fits any more, new mail waits at its senders, and goes back to "
		     "them after some days.\nPlease delete what you no longer need, and empty the "
		     "trash.\n",
		     "The mail store is %u %% full",
		     "All mailboxes together use %s of the %s that there are.\n"},
	[LANG_ID] =
		{"Kotak surat Anda terisi %u %%", "Email Anda di sini memakai %s dari %s.\n",
		 "Anda punya %s dari paling banyak %s email di sini.\n",
		 "Jika sudah penuh, email baru tertahan di server pengirim dan setelah beberapa "
		 "hari dikembalikan.\nHapuslah email yang tidak diperlukan lagi, lalu kosongkan "
		 "Trash (Sampah).\n",
		 "Penyimpanan email terisi %u %%",
		 "Semua kotak surat bersama-sama memakai %s dari %s yang tersedia.\n"},
};

/* The formats stand in the table above, with the arguments they need. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void tell_user(struct appliance *a, const char *user, const struct account *account,
		      unsigned level)
{
	enum lang lang = house_language(a);
	const struct quota_words *w = &words[lang];
	bool by_messages = quota_level(account->used_messages, account->quota_messages) == level;
	char used[32], quota[32], subject[64], body[1024];
	if (by_messages) {
		count_text(lang, account->used_messages, used);
		count_text(lang, account->quota_messages, quota);
	} else {
		size_text(lang, account->used_bytes, used);
		size_text(lang, account->quota_bytes, quota);
	}
	snprintf(subject, sizeof(subject), w->subject, level);
	int n = snprintf(body, sizeof(body), by_messages ? w->messages : w->bytes, used, quota);
	snprintf(body + n, sizeof(body) - (size_t)n, "%s", w->advice);
	notice_mail_send(a, user, subject, body);
}

static void tell_of_store(struct appliance *a, const struct store_status *st, unsigned level)
{
	enum lang lang = house_language(a);
	const struct quota_words *w = &words[lang];
	const struct user *first = users_first(a->users);
	char used[SIZE_TEXT_BYTES], all[SIZE_TEXT_BYTES], subject[64], body[1024];
	size_text(lang, st->bytes_used, used);
	size_text(lang, st->bytes_used + st->bytes_free, all);
	snprintf(subject, sizeof(subject), w->store_subject, level);
	int n = snprintf(body, sizeof(body), w->store, used, all);
	snprintf(body + n, sizeof(body) - (size_t)n, "%s", w->advice);
	if (first)
		notice_mail_send(a, first->name, subject, body);
}
#pragma GCC diagnostic pop

/* --- watching ----------------------------------------------------------------------------------- */

void quota_watch_see(struct appliance *a, const char *user, const struct account *account)
{
	bool is_new = false;
	struct quota_mark *mark = mark_of(a, user, &is_new);
	if (mark && is_new)
		mark->level = account_level(account);
}

void quota_watch_check(struct appliance *a, const char *user, const struct account *account)
{
	unsigned level = account_level(account);
	if (!mark_rises(a, user, level))
		return;
	log_info(0, "%s uses %u %% of the quota", user, level);
	tell_user(a, user, account, level);
}

static void watch_store(struct appliance *a)
{
	struct store_status st;
	store_status(a->host.store, &st);
	unsigned level = quota_level(st.bytes_used, st.bytes_used + st.bytes_free);
	if (!mark_rises(a, "", level))
		return;
	log_warn(0, "the store is %u %% full", level);
	tell_of_store(a, &st, level);
}

static void quota_look_after(struct appliance *a)
{
	list_for_each (node, &a->sessions) {
		const struct session *s = list_owner(node, struct session, link);
		if (s->login)
			quota_watch_check(a, s->login->user, s->login->account);
	}
	if (a->host.store)
		watch_store(a);
}

static void quota_stop(struct appliance *a)
{
	name_map_free(&a->quota_marks, free);
}

const struct app_part quota_part = {
	.what = "watch the quotas", .at[APP_MINUTE] = quota_look_after, .at[APP_STOP] = quota_stop};
