#include "app/conf_file.h"
#include "app/line_file.h"
#include "app/why_text.h"

#include "base/file.h"

void conf_init(struct conf *c)
{
	settings_init(&c->settings);
	c->overrides = (struct overrides){0};
}

void conf_free(struct conf *c)
{
	overrides_free(&c->overrides);
}

enum err conf_copy(const struct conf *from, struct conf *to)
{
	enum err err = overrides_copy(&from->overrides, &to->overrides);
	if (err)
		conf_init(to);
	else
		to->settings = from->settings;
	return err;
}

/* --- reading ------------------------------------------------------------------------------------ */

struct conf_reader {
	struct conf fresh;
	struct slice section; /* the user's name; empty: the house */
	unsigned line;
	struct buf *why;
};

static enum err conf_blame(struct conf_reader *r, struct slice text, enum err err)
{
	enum err full = buf_addf(r->why, "line %u: " SLICE_FMT, r->line, SLICE_ARG(text));
	(void)full; /* too long a reason is dropped; the refusal stands */
	return err;
}

/* [user NAME] */
static enum err conf_section(struct conf_reader *r, struct slice line)
{
	struct slice inner = slice_between(line, 1, line.len - 1);
	if (line.ptr[line.len - 1] != ']' || !slice_eq_str_nocase(slice_word(&inner), "user"))
		return conf_blame(r, SLICE_LIT("expected `[user NAME]`"), ERR_SYNTAX);
	struct slice name = slice_trim(inner);
	enum err err = user_name_check(name);
	if (err)
		return conf_blame(r, SLICE_LIT("this is no name of a user"), err);
	r->section = name;
	return ERR_NONE;
}

static enum err conf_value(struct conf_reader *r, const struct setting *row, struct slice value)
{
	struct buf reason;
	buf_init(&reason, 512);
	enum err err = r->section.len
			       ? overrides_set(&r->fresh.overrides, r->section, row, value, LANG_EN,
					       &reason)
			       : setting_set(&r->fresh.settings, row, value, LANG_EN, &reason);
	if (err)
		err = conf_blame(r, reason.len ? buf_view(&reason) : slice_str(err_text(err)), err);
	buf_free(&reason);
	return err;
}

static enum err conf_line(void *owner, struct slice line)
{
	struct conf_reader *r = owner;
	if (line.ptr[0] == '[')
		return conf_section(r, line);
	if (slice_find_byte(line, '=') == SIZE_MAX)
		return conf_blame(r, SLICE_LIT("expected `key = value`"), ERR_SYNTAX);
	struct slice key = slice_trim(slice_split(&line, '='));
	const struct setting *row = setting_find(key);
	if (row)
		return conf_value(r, row, line);
	return setting_table_is_whole ? conf_blame(r, SLICE_LIT("unknown key"), ERR_NOT_FOUND)
				      : ERR_NONE;
}

/* What was read takes the place of what there was, if all was right. */
static enum err conf_take(struct conf_reader *r, struct conf *c, enum err err)
{
	conf_free(err ? &r->fresh : c);
	if (!err)
		*c = r->fresh;
	return err;
}

enum err conf_parse(struct slice text, struct conf *c, struct buf *why)
{
	struct conf_reader r = {.why = why};
	conf_init(&r.fresh);
	return conf_take(&r, c, lines_take(text, conf_line, &r, &r.line));
}

enum err conf_load(const char *path, struct conf *c, struct buf *why)
{
	struct conf_reader r = {.why = why};
	conf_init(&r.fresh);
	enum err err = line_file_read(path, CONF_FILE_MAX_BYTES, conf_line, &r, &r.line);
	if (err && !r.line) {
		enum err full = buf_addf(why, "cannot be read: %s", err_text(err));
		(void)full;
	}
	return conf_take(&r, c, err);
}

/* --- writing ------------------------------------------------------------------------------------ */

/* What the house has set, or what this user has for himself. */
static enum err conf_print(const struct settings *s, const struct override *own, struct buf *text)
{
	enum err err = ERR_NONE;
	for (size_t i = 0; i < setting_count && !err; i++) {
		const struct setting *row = &setting_table[i];
		if (own ? !override_has(own, row) : setting_is_default(s, row))
			continue;
		err = buf_addf(text, "%s = ", row->key);
		if (!err)
			err = setting_get(s, row, text);
		if (!err)
			err = buf_add_byte(text, '\n');
	}
	return err;
}

enum err conf_save(const char *path, const struct conf *c)
{
	struct buf text;
	buf_init(&text, CONF_FILE_MAX_BYTES);
	enum err err =
		buf_add_str(&text, "# Surel's settings; `surel set --help` lists the keys.\n");
	if (!err)
		err = conf_print(&c->settings, NULL, &text);
	for (struct override *own = overrides_next(&c->overrides, NULL); own && !err;
	     own = overrides_next(&c->overrides, own)) {
		err = buf_addf(&text, "\n[user %s]\n", own->name);
		if (!err)
			err = conf_print(policy_rows(&own->policy), own, &text);
	}
	if (!err)
		err = file_replace(path, buf_view(&text), 0600);
	buf_free(&text);
	return err;
}

/* --- changing ----------------------------------------------------------------------------------- */

static enum err change_apply(struct conf *c, const char *user, const struct setting_change *change,
			     enum lang lang, struct buf *why)
{
	const struct setting *row = change->row;
	if (row->is_managed) {
		setting_say(why, lang, SETTING_SAY_MANAGED, row->key, NULL, NULL);
		return ERR_DENIED;
	}
	if (!user)
		return setting_set(&c->settings, row,
				   change->is_unset ? slice_str(row->initial) : change->value, lang,
				   why);
	if (!change->is_unset)
		return overrides_set(&c->overrides, slice_str(user), row, change->value, lang, why);
	overrides_unset(&c->overrides, slice_str(user), row);
	return ERR_NONE;
}

/* "From now on" begins anew each time it is said: 0 asks the daemon to write down where. */
static void change_window(struct conf *c, const char *user)
{
	const struct setting *from = setting_find(SLICE_LIT("pop3.from"));
	if (user)
		overrides_unset(&c->overrides, slice_str(user), from);
	else
		c->settings.policy.pop3_from_s = 0;
}

/* On error *c is half changed. */
static enum err conf_change(struct conf *c, const char *user, const struct setting_change *changes,
			    size_t n, enum lang lang, struct buf *why, size_t *which_out)
{
	const struct setting *access = setting_find(SLICE_LIT("pop3.access"));
	enum err err = ERR_NONE;
	for (size_t i = 0; i < n && !err; i++) {
		err = change_apply(c, user, &changes[i], lang, why);
		if (err && which_out)
			*which_out = i;
		if (!err && changes[i].row == access)
			change_window(c, user);
	}
	return err;
}

enum err conf_change_saved(const char *path, const struct conf *before, const char *user,
			   const struct setting_change *changes, size_t n, enum lang lang,
			   struct buf *why, size_t *which_out, struct conf *after)
{
	if (which_out)
		*which_out = 0;
	enum err err = conf_copy(before, after);
	if (err)
		return err;
	err = conf_change(after, user, changes, n, lang, why, which_out);
	if (!err) {
		err = conf_save(path, after);
		if (err)
			setting_say(why, lang, SETTING_SAY_NOT_SAVED, why_text(lang, err), NULL,
				    NULL);
	}
	if (err)
		conf_free(after);
	return err;
}

enum err conf_forget_saved(const char *path, const struct conf *before, const char *user,
			   struct conf *after)
{
	enum err err = conf_copy(before, after);
	if (err || !overrides_find(&after->overrides, slice_str(user)))
		return err;
	overrides_forget(&after->overrides, slice_str(user));
	err = conf_save(path, after);
	if (err)
		conf_free(after);
	return err;
}
