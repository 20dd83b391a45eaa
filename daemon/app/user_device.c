#include <stdlib.h>

#include "app/user_impl.h"
#include "base/clock.h"
#include "base/secret.h"

struct user_device *user_find_device(const struct user *user, struct slice label)
{
	for (size_t i = 0; i < user->device_count; i++)
		if (slice_eq_str_nocase(label, user->devices[i].label))
			return &user->devices[i];
	return NULL;
}

static bool verifier_is_same(const struct scram_verifier *a, const struct scram_verifier *b)
{
	return secret_eq(slice_of(a->stored_key, sizeof(a->stored_key)),
			 slice_of(b->stored_key, sizeof(b->stored_key))) &&
	       a->is_real && b->is_real;
}

struct user_device *user_password(struct user *user, size_t number)
{
	return !number                        ? &user->own
	       : number <= user->device_count ? &user->devices[number - 1]
					      : NULL;
}

struct user_device *user_find_verifier(struct user *user, const struct scram_verifier *verifier)
{
	struct user_device *own = NULL;
	for (size_t i = 0; (own = user_password(user, i)); i++)
		if (verifier_is_same(&own->verifier, verifier))
			break;
	return own;
}

/* The list as it is with room for one more at its end. */
static struct user_device *devices_copy(const struct user *user)
{
	struct user_device *copy = calloc(user->device_count + 1, sizeof(*copy));
	if (copy && user->device_count)
		memcpy(copy, user->devices, user->device_count * sizeof(*copy));
	return copy;
}

static void devices_free(struct user_device *devices, size_t count)
{
	if (devices)
		secret_wipe(devices, count * sizeof(*devices));
	free(devices);
}

/* The list with this one in it. NULL: *err_out says why. */
static struct user_device *devices_with(const struct user *user, struct slice label,
					const struct scram_verifier *v, int64_t created_s,
					enum err *err_out)
{
	struct user_device *present = user_find_device(user, label), *fresh = NULL;
	struct user_device device = {.verifier = *v, .created_s = created_s};
	*err_out = device_label_fold(label, device.label);
	if (!*err_out && !present && user->device_count == DEVICES_MAX)
		*err_out = ERR_LIMIT;
	if (!*err_out)
		fresh = devices_copy(user);
	if (fresh)
		fresh[present ? present - user->devices : (ptrdiff_t)user->device_count] = device;
	else if (!*err_out)
		*err_out = ERR_NOMEM;
	return fresh;
}

enum err user_add_device(struct user *user, struct slice label, const struct scram_verifier *v,
			 int64_t created_s)
{
	enum err err;
	struct user_device *fresh = devices_with(user, label, v, created_s, &err);
	if (!fresh)
		return err;
	devices_free(user->devices, user->device_count);
	user->devices = fresh;
	user->device_count++;
	return ERR_NONE;
}

/* Takes the list over and saves; where that fails all is as it was. */
static enum err devices_save(struct users *users, struct user *user, struct user_device *fresh,
			     size_t count)
{
	struct user_device *before = user->devices;
	size_t before_count = user->device_count;
	user->devices = fresh;
	user->device_count = count;
	enum err err = users_save(users);
	if (err) {
		user->devices = before;
		user->device_count = before_count;
		devices_free(fresh, count);
	} else {
		devices_free(before, before_count);
	}
	return err;
}

enum err users_put_device(struct users *users, struct slice name, struct slice label,
			  const struct scram_verifier *verifier)
{
	struct user *user = users_find(users, name);
	if (!user)
		return ERR_NOT_FOUND;
	enum err err;
	bool is_new = !user_find_device(user, label);
	struct user_device *fresh = devices_with(user, label, verifier, clock_wall_s(), &err);
	return fresh ? devices_save(users, user, fresh, user->device_count + is_new) : err;
}

enum err users_remove_device(struct users *users, struct slice name, struct slice label)
{
	struct user *user = users_find(users, name);
	struct user_device *device = user ? user_find_device(user, label) : NULL;
	if (!device)
		return ERR_NOT_FOUND;
	struct user_device *fresh = devices_copy(user);
	size_t count = user->device_count - 1, at = (size_t)(device - user->devices);
	if (!fresh)
		return ERR_NOMEM;
	memmove(&fresh[at], &fresh[at + 1], (count - at) * sizeof(*fresh));
	return devices_save(users, user, fresh, count);
}

void user_device_secret(char secret_out[DEVICE_SECRET_BYTES + 1])
{
	/* No l beside 1, no o beside 0. */
	static const char letters[] = "23456789abcdefghijkmnpqrstuvwxyz";
	uint8_t random[16];
	secret_random(random, sizeof(random));
	char *at = secret_out;
	for (size_t i = 0; i < sizeof(random); i++) {
		if (i && i % 4 == 0)
			*at++ = '-';
		*at++ = letters[random[i] % (sizeof(letters) - 1)];
	}
	*at = '\0';
	secret_wipe(random, sizeof(random));
}

void user_device_salt(const struct user *user, uint8_t salt_out[16])
{
	if (user->device_count)
		memcpy(salt_out, user->devices[0].verifier.salt, 16);
	else
		secret_random(salt_out, 16);
}
