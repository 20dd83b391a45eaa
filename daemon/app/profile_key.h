/* profile_key - UUIDs that a device finds again.
 *
 * A device that installs a profile once more replaces the old one when its UUIDs are the same, and
 * doubles the account when they are not. So they are made by a keyed hash from the account and what
 * the UUID is for. The key is the box's own, kept in DATA/profile.key, so that no two boxes make the
 * same ones and nobody can tell a name from a UUID. */
#ifndef APP_PROFILE_KEY_H
#define APP_PROFILE_KEY_H

#include "base/slice.h"

enum { PROFILE_KEY_BYTES = 32, UUID_TEXT_BYTES = 37 };

struct profile_key {
	uint8_t bytes[PROFILE_KEY_BYTES];
};

/* Reads the key, or makes it and keeps it durably when there is none (or a broken one). */
MUST_CHECK enum err profile_key_load(const char *data_dir, struct profile_key *out);
/* RFC 9562 version 8, upper case as Apple writes them. ERR_NOMEM. */
MUST_CHECK enum err profile_key_uuid(const struct profile_key *key, const char *account,
                                     const char *purpose, char dst[UUID_TEXT_BYTES]);

#endif
