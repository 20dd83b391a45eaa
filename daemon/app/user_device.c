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

bool user_find_verifier(const struct user *user, const struct scram_verifier *verifier,
			struct user_device **device_out)
{
	*device_out = NULL;
	if (verifier_is_same(&user->verifier, verifier))
		return true;
	for (size_t i = 0; i < user->device_count; i++)
		if (verifier_is_same(&user->devices[i].verifier, verifier)) {
			*device_out = &user->devices[i];
			return true;
		}
	return false;
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

enum err user_add_device(struct user *user, struct slice label, const struct scram_verifier *v,
			 int64_t created_s)
{
	struct user_device device = {.verifier = *v, .created_s = created_s};
	enum err err = device_label_fold(label, device.label);
	if (err)
		return err;
	if (user->device_count == DEVICES_MAX)
		return ERR_LIMIT;
	struct user_device *grown = devices_copy(user);
	if (!grown)
		return ERR_NOMEM;
	grown[user->device_count] = device;
	devices_free(user->devices, user->device_count);
	user->devices = grown;
	user->device_count++;
	return ERR_NONE;
}

/* Saves; on failure the list is as it was in `before`, which is taken over. */
static enum err devices_save(struct users *users, struct user *user, struct user_device *before,
			     size_t before_count)
{
	enum err err = users_save(users);
	if (err) {
		devices_free(user->devices, user->device_count);
		user->devices = before;
		user->device_count = before_count;
		return err;
	}
	devices_free(before, before_count);
	return ERR_NONE;
}

enum err users_put_device(struct users *users, struct slice name, struct slice label,
			  const struct scram_verifier *verifier)
{
	struct user *user = users_find(users, name);
	if (!user)
		return ERR_NOT_FOUND;
	struct user_device *before = devices_copy(user);
	size_t count = user->device_count;
	if (!before)
		return ERR_NOMEM;
	struct user_device *device = user_find_device(user, label);
	enum err err = ERR_NONE;
	if (device) {
		device->verifier = *verifier;
		device->created_s = clock_wall_s();
		device->recent.is_set = false;
	} else {
		err = user_add_device(user, label, verifier, clock_wall_s());
	}
	if (err) {
		devices_free(before, count);
		return err;
	}
	return devices_save(users, user, before, count);
}

enum err users_remove_device(struct users *users, struct slice name, struct slice label)
{
	struct user *user = users_find(users, name);
	struct user_device *device = user ? user_find_device(user, label) : NULL;
	if (!device)
		return ERR_NOT_FOUND;
	struct user_device *before = devices_copy(user);
	size_t count = user->device_count, at = (size_t)(device - user->devices);
	if (!before)
		return ERR_NOMEM;
	memmove(device, device + 1, (count - at - 1) * sizeof(*device));
	user->device_count--;
	return devices_save(users, user, before, count);
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
