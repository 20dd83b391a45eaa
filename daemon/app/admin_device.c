/* App passwords of users, and the administrator's password. */
#include <stdio.h>
#include <time.h>

#include "app/admin.h"
#include "app/admin_password.h"
#include "base/clock.h"
#include "base/secret.h"

static bool device_parse(const char *text, struct scram_verifier *v, struct admin_reply *r)
{
	if (!user_verifier_parse(slice_str(text), v))
		return true;
	admin_fail(r, EXIT_USAGE, "this is no verifier");
	return false;
}

static void device_add(struct appliance *a, const struct user *user, const char *label,
		       const char *text, struct admin_reply *r)
{
	struct scram_verifier v;
	char folded[DEVICE_LABEL_MAX_BYTES + 1];
	if (device_label_fold(slice_str(label), folded)) {
		admin_fail(r, EXIT_USAGE,
			   "%s: a device's name is made of letters a-z, digits, . _ and -, and has "
			   "at most %d characters",
			   label, DEVICE_LABEL_MAX_BYTES);
		return;
	}
	if (user_find_device(user, slice_str(folded))) {
		admin_fail(r, EXIT_FAILED, "%s has a device %s already", user->name, folded);
		return;
	}
	if (!device_parse(text, &v, r))
		return;
	enum err err = users_put_device(a->users, slice_str(user->name), slice_str(folded), &v);
	if (err == ERR_LIMIT)
		admin_fail(r, EXIT_FAILED, "a user has at most %d devices", DEVICES_MAX);
	else if (err)
		admin_fail(r, EXIT_FAILED, "device %s cannot be saved: %s", folded, err_text(err));
	secret_wipe(&v, sizeof(v));
}

static void device_del(struct appliance *a, const struct user *user, const char *label,
		       struct admin_reply *r)
{
	enum err err = users_remove_device(a->users, slice_str(user->name), slice_str(label));
	if (err == ERR_NOT_FOUND) {
		admin_fail(r, EXIT_FAILED, "%s has no device %s", user->name, label);
	} else if (err) {
		admin_fail(r, EXIT_FAILED, "device %s cannot be deleted: %s", label, err_text(err));
	} else {
		appliance_drop_device(a, slice_str(user->name), slice_str(label));
		admin_say(r, "device %s of %s deleted\n", label, user->name);
	}
}

static void device_list(const struct user *user, struct admin_reply *r)
{
	for (size_t i = 0; i < user->device_count; i++) {
		const struct user_device *device = &user->devices[i];
		char day[CLOCK_STAMP_BYTES] = "-";
		struct tm tm;
		time_t created = (time_t)device->created_s;
		if (gmtime_r(&created, &tm))
			clock_stamp(&tm, day);
		admin_say(r, "%s\t%.10s\n", device->label, day);
	}
}

/* The tool makes the password, so that only its verifier travels, and needs the salt for it. */
static void device_salt(const struct user *user, struct admin_reply *r)
{
	uint8_t salt[16];
	user_device_salt(user, salt);
	for (size_t i = 0; i < sizeof(salt); i++)
		admin_say(r, "%02x", salt[i]);
	admin_say(r, "\n");
}

void admin_user_device(struct appliance *a, const struct admin_request *q, struct admin_reply *r)
{
	struct slice verb = slice_str(q->args[2]);
	struct user *user = users_find(a->users, slice_str(q->args[3]));
	if (!user)
		admin_fail(r, EXIT_FAILED, "no user %s", q->args[3]);
	else if (slice_eq_str(verb, "add") && q->count == 6)
		device_add(a, user, q->args[4], q->args[5], r);
	else if (slice_eq_str(verb, "del") && q->count == 5)
		device_del(a, user, q->args[4], r);
	else if (slice_eq_str(verb, "list") && q->count == 4)
		device_list(user, r);
	else if (slice_eq_str(verb, "salt") && q->count == 4)
		device_salt(user, r);
	else
		admin_fail(r, EXIT_USAGE, ADMIN_WRONG_USE);
}

void admin_admin_passwd(struct appliance *a, const struct admin_request *q, struct admin_reply *r)
{
	struct scram_verifier v;
	if (!device_parse(q->args[2], &v, r))
		return;
	enum err err = admin_password_put(a, &v);
	if (err)
		admin_fail(r, EXIT_FAILED, "the password cannot be saved: %s", err_text(err));
	else
		admin_say(r, "password of the administrator changed\n");
	secret_wipe(&v, sizeof(v));
}
