#include "app/admin_password.h"

#include "base/file.h"

enum { ADMIN_FILE_MAX_BYTES = 4096 };

static enum err admin_path(const char *data_dir, char *path, size_t size)
{
	return file_join(path, size, data_dir, "admin");
}

enum err admin_password_load(const char *data_dir, struct scram_verifier *v_out)
{
	char path[1024 + 16];
	struct buf text;
	*v_out = (struct scram_verifier){0};
	buf_init(&text, ADMIN_FILE_MAX_BYTES);
	enum err err = admin_path(data_dir, path, sizeof(path));
	if (!err)
		err = file_read(path, &text);
	if (!err)
		err = user_verifier_parse(slice_trim(buf_view(&text)), v_out);
	else if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	buf_wipe(&text);
	return err;
}

enum err admin_password_put(struct appliance *a, const struct scram_verifier *v)
{
	char path[1024 + 16];
	struct buf text;
	buf_init(&text, ADMIN_FILE_MAX_BYTES);
	enum err err = admin_path(a->data_dir, path, sizeof(path));
	if (!err)
		err = user_verifier_print(v, &text);
	if (!err)
		err = buf_add_byte(&text, '\n');
	if (!err)
		err = file_replace(path, buf_view(&text), 0600);
	if (!err)
		a->admin = *v;
	buf_wipe(&text);
	return err;
}

bool admin_password_is_set(const struct appliance *a)
{
	return a->admin.is_real;
}

const struct scram_verifier *admin_password_verifier(const struct appliance *a)
{
	return &a->admin;
}
