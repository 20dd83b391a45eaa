#include "app/user_impl.h"

#include "app/line_file.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/log.h"

enum { USERS_FILE_MAX_BYTES = 1024 * 1024 };

/* --- verifiers as text ----------------------------------------------------------------------- */

enum err user_verifier_print(const struct scram_verifier *v, struct buf *dst)
{
	enum err err = buf_addf(dst, "SCRAM-SHA-256$%u:", v->iterations);
	if (!err)
		err = base64_add(dst, slice_of(v->salt, sizeof(v->salt)));
	if (!err)
		err = buf_add_byte(dst, '$');
	if (!err)
		err = base64_add(dst, slice_of(v->stored_key, sizeof(v->stored_key)));
	if (!err)
		err = buf_add_byte(dst, ':');
	if (!err)
		err = base64_add(dst, slice_of(v->server_key, sizeof(v->server_key)));
	return err;
}

static enum err verifier_field(struct slice text, uint8_t *dst, size_t n)
{
	struct buf bytes;
	buf_init(&bytes, 64);
	enum err err = base64_decode(text, &bytes);
	if (!err && bytes.len != n)
		err = ERR_SYNTAX;
	if (!err)
		memcpy(dst, bytes.bytes, n);
	buf_wipe(&bytes);
	return err;
}

enum err user_verifier_parse(struct slice text, struct scram_verifier *v)
{
	*v = (struct scram_verifier){0};
	if (!slice_eq_str(slice_split(&text, '$'), "SCRAM-SHA-256"))
		return ERR_SYNTAX;
	enum err err = slice_u32(slice_split(&text, ':'), &v->iterations);
	if (!err)
		err = verifier_field(slice_split(&text, '$'), v->salt, sizeof(v->salt));
	if (!err)
		err = verifier_field(slice_split(&text, ':'), v->stored_key, sizeof(v->stored_key));
	if (!err)
		err = verifier_field(text, v->server_key, sizeof(v->server_key));
	v->is_real = !err;
	return err;
}

/* --- the file ------------------------------------------------------------------------------- */

/* "alice+phone VERIFIER 1790000000", behind the line of alice. */
static enum err users_parse_device(struct users *users, struct slice name, struct slice line)
{
	struct scram_verifier v = {0};
	uint64_t created = 0;
	struct slice label = name;
	struct user *user = users_find(users, slice_split(&label, '+'));
	enum err err = user ? ERR_NONE : ERR_NOT_FOUND;
	if (!err)
		err = user_verifier_parse(slice_word(&line), &v);
	if (!err)
		err = slice_u64(slice_trim(line), INT64_MAX, &created);
	if (!err && user_find_device(user, label))
		err = ERR_EXISTS;
	return err ? err : user_add_device(user, label, &v, (int64_t)created);
}

static enum err users_parse_line(void *owner, struct slice line)
{
	struct users *users = owner;
	struct scram_verifier v;
	struct slice name = slice_word(&line);
	if (slice_find_byte(name, '+') != SIZE_MAX)
		return users_parse_device(users, name, line);
	enum err err = user_verifier_parse(slice_trim(line), &v);
	if (!err && users_find(users, name))
		err = ERR_EXISTS;
	return err ? err : users_add(users, name, &v);
}

enum err users_load(struct users *users)
{
	unsigned line;
	enum err err =
		line_file_read(users->path, USERS_FILE_MAX_BYTES, users_parse_line, users, &line);
	if (err && line)
		log_error(0, "%s line %u: %s", users->path, line, err_text(err));
	return err;
}

static enum err users_print_line(const struct user *user, const struct user_device *own,
				 struct buf *text)
{
	bool is_device = *own->label;
	enum err err = buf_addf(text, is_device ? "%s+%s " : "%s%s ", user->name, own->label);
	if (!err)
		err = user_verifier_print(&own->verifier, text);
	if (!err && is_device)
		err = buf_addf(text, " %lld", (long long)own->created_s);
	return err ? err : buf_add_byte(text, '\n');
}

enum err users_save(struct users *users)
{
	struct buf text;
	struct user_device *own;
	buf_init(&text, USERS_FILE_MAX_BYTES);
	enum err err = buf_add_str(&text, "# Surel's users; changed by `surel user`.\n");
	for (struct user *u = users_first(users); u && !err; u = users_next(users, u))
		for (size_t i = 0; (own = user_password(u, i)) && !err; i++)
			err = users_print_line(u, own, &text);
	if (!err)
		err = file_replace(users->path, buf_view(&text), 0600);
	buf_wipe(&text);
	return err;
}
