#include "app/conf_file.h"

#include "base/file.h"

static enum err conf_blame(struct buf *why, unsigned line, const char *text, enum err err)
{
	enum err full = buf_addf(why, "line %u: %s", line, text);
	(void)full; /* too long a reason is dropped; the refusal stands */
	return err;
}

static enum err conf_line(struct slice line, unsigned number, struct settings *s, struct buf *why)
{
	line = slice_trim(line);
	if (line.len == 0 || line.ptr[0] == '#')
		return ERR_NONE;
	if (slice_find_byte(line, '=') == SIZE_MAX)
		return conf_blame(why, number, "expected `key = value`", ERR_SYNTAX);
	struct slice key = slice_trim(slice_split(&line, '='));
	const struct setting *row = setting_find(key);
	if (!row)
		return conf_blame(why, number, "unknown key", ERR_NOT_FOUND);

	struct buf reason;
	buf_init(&reason, 512);
	enum err err = setting_set(s, row, line, &reason);
	if (err && !buf_add_byte(&reason, 0))
		err = conf_blame(why, number, (const char *)reason.bytes, err);
	buf_free(&reason);
	return err;
}

enum err conf_parse(struct slice text, struct settings *s, struct buf *why)
{
	struct settings fresh;
	settings_init(&fresh);
	for (unsigned number = 1; text.len; number++) {
		enum err err = conf_line(slice_split(&text, '\n'), number, &fresh, why);
		if (err)
			return err;
	}
	*s = fresh;
	return ERR_NONE;
}

enum err conf_load(const char *path, struct settings *s, struct buf *why)
{
	struct buf text;
	buf_init(&text, CONF_FILE_MAX_BYTES);
	enum err err = file_read(path, &text);
	if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	if (err) {
		enum err full = buf_addf(why, "cannot be read: %s", err_text(err));
		(void)full;
	} else {
		err = conf_parse(buf_view(&text), s, why);
	}
	buf_free(&text);
	return err;
}

static enum err conf_print(const struct settings *s, struct buf *text)
{
	enum err err =
		buf_add_str(text, "# Surel's settings; `surel set --help` lists the keys.\n");
	for (size_t i = 0; i < setting_count && !err; i++) {
		const struct setting *row = &setting_table[i];
		if (setting_is_default(s, row))
			continue;
		err = buf_addf(text, "%s = ", row->key);
		if (!err)
			err = setting_get(s, row, text);
		if (!err)
			err = buf_add_byte(text, '\n');
	}
	return err;
}

enum err conf_save(const char *path, const struct settings *s)
{
	struct buf text;
	buf_init(&text, CONF_FILE_MAX_BYTES);
	enum err err = conf_print(s, &text);
	if (!err)
		err = file_replace(path, buf_view(&text), 0600);
	buf_free(&text);
	return err;
}
