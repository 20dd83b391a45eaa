#include "app/admin_password.h"

#include "app/app_part.h"
#include "base/file.h"
#include "base/log.h"

enum { ADMIN_FILE_MAX_BYTES = 4096 };

static enum err admin_password_load(struct appliance *a)
{
	struct buf text;
	buf_init(&text, ADMIN_FILE_MAX_BYTES);
	enum err err = file_read(appliance_path(a, "admin"), &text);
	if (!err)
		err = user_verifier_parse(slice_trim(buf_view(&text)), &a->admin);
	else if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	if (err)
		log_error(0, "%s/admin holds no password that can be read", a->data_dir);
	buf_wipe(&text);
	return err;
}

const struct app_part admin_part = {
	.what = "read the administrator's password", .in_tool = true, .load = admin_password_load};

enum err admin_password_put(struct appliance *a, const struct scram_verifier *v)
{
	struct buf text;
	buf_init(&text, ADMIN_FILE_MAX_BYTES);
	enum err err = user_verifier_print(v, &text);
	if (!err)
		err = buf_add_byte(&text, '\n');
	if (!err)
		err = file_replace(appliance_path(a, "admin"), buf_view(&text), 0600);
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
