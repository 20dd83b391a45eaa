/* `surel set` and `surel get`. */
#include "app/admin.h"

/* The words of the command without its options. */
struct setting_words {
	const char *words[ADMIN_ARGS_MAX];
	size_t count;
	const char *user; /* NULL: the house */
	bool is_unset;
};

/* False: complained. */
static bool words_take(struct appliance *a, const struct admin_request *q, struct setting_words *w,
		       struct admin_reply *r)
{
	const char *name = NULL;
	*w = (struct setting_words){0};
	for (size_t i = 1; i < q->count; i++) {
		struct slice word = slice_str(q->args[i]);
		if (slice_eq_str(word, "--unset"))
			w->is_unset = true;
		else if (slice_starts(word, SLICE_LIT("--user=")))
			name = q->args[i] + 7;
		else if (slice_eq_str(word, "--user") && i + 1 < q->count)
			name = q->args[++i];
		else
			w->words[w->count++] = q->args[i];
	}
	if (!name)
		return true;
	struct user *user = users_find(a->users, slice_str(name));
	if (user)
		w->user = user->name;
	else
		admin_fail(r, EXIT_FAILED, "no user %s", name);
	return user;
}

static const struct setting *row_find(const char *key, struct admin_reply *r)
{
	const struct setting *row = setting_find(slice_str(key));
	if (!row)
		admin_fail(r, EXIT_FAILED, "no setting %s; `surel get` lists them", key);
	return row;
}

void admin_set(struct appliance *a, const struct admin_request *q, struct admin_reply *r)
{
	struct setting_words w;
	struct buf why;
	if (!words_take(a, q, &w, r))
		return;
	if (w.count != (w.is_unset ? 1 : 2)) {
		admin_fail(r, EXIT_USAGE, ADMIN_WRONG_USE);
		return;
	}
	struct setting_change change = {.row = row_find(w.words[0], r),
					.value = slice_str(w.words[1]),
					.is_unset = w.is_unset};
	if (!change.row)
		return;
	buf_init(&why, 1024);
	enum err err = appliance_change(a, w.user, &change, 1, LANG_EN, &why, NULL);
	if (err && why.len)
		admin_fail(r, EXIT_FAILED, SLICE_FMT, SLICE_ARG(buf_view(&why)));
	else if (err)
		admin_fail(r, EXIT_FAILED, "%s", err_text(err));
	else if (!a->options.is_tool && change.row->needs_restart)
		admin_say(r, "%s is saved and takes effect at the next start\n", change.row->key);
	buf_free(&why);
}

static void get_one(const struct settings *s, const struct setting *row, bool with_key,
		    struct admin_reply *r)
{
	enum err err = with_key ? buf_addf(&r->out, "%s = ", row->key) : ERR_NONE;
	if (!err)
		err = setting_get(s, row, &r->out);
	if (err)
		admin_fail(r, EXIT_FAILED, "%s: %s", row->key, err_text(err));
	admin_say(r, "\n");
}

void admin_get(struct appliance *a, const struct admin_request *q, struct admin_reply *r)
{
	struct setting_words w;
	struct settings s = a->settings;
	if (!words_take(a, q, &w, r))
		return;
	if (w.count > 1 || w.is_unset) {
		admin_fail(r, EXIT_USAGE, ADMIN_WRONG_USE);
		return;
	}
	if (w.user)
		appliance_policy(a, w.user, &s.policy);
	if (w.count == 0) {
		for (size_t i = 0; i < setting_count; i++)
			if (!w.user || setting_table[i].scope == SETTING_USER)
				get_one(&s, &setting_table[i], true, r);
		return;
	}
	const struct setting *row = row_find(w.words[0], r);
	if (row && w.user && row->scope != SETTING_USER) {
		setting_say(&r->errors, LANG_EN, SETTING_SAY_HOUSE_ONLY, row->key, NULL, NULL);
		admin_fail(r, EXIT_FAILED, "%s", "");
	} else if (row) {
		get_one(&s, row, false, r);
	}
}
