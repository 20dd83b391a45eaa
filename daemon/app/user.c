#include "app/user_impl.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/secret.h"

/* --- names ---------------------------------------------------------------------------------- */

static bool user_char_is_legal(uint8_t c)
{
	uint8_t lower = ascii_lower(c);
	return ascii_is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '.' || c == '_' ||
	       c == '-';
}

static enum err user_part_check(struct slice part)
{
	if (part.len == 0 || part.ptr[0] == '.' || part.ptr[0] == '-')
		return ERR_SYNTAX;
	for (size_t i = 0; i < part.len; i++)
		if (!user_char_is_legal(part.ptr[i]))
			return ERR_SYNTAX;
	return ERR_NONE;
}

enum err user_name_check(struct slice name)
{
	if (name.len > USER_NAME_MAX_BYTES)
		return ERR_LIMIT;
	bool has_domain = slice_find_byte(name, '@') != SIZE_MAX;
	enum err err = user_part_check(slice_split(&name, '@'));
	return err || !has_domain ? err : user_part_check(name);
}

struct user *users_find(struct users *users, struct slice name)
{
	return name_map_find(&users->by_name, name);
}

static bool word_in_list(const char *words, struct slice word)
{
	struct slice rest = slice_str(words);
	while (rest.len)
		if (slice_eq_nocase(slice_word(&rest), word) && word.len)
			return true;
	return false;
}

bool user_domain_is_local(const struct settings *settings, struct slice domain)
{
	if (!*settings->mail_domains || domain.len == 0 || domain.ptr[0] == '[')
		return true;
	return word_in_list(settings->mail_domains, domain) ||
	       slice_eq_str_nocase(domain, settings->hostname) ||
	       slice_eq_str_nocase(domain, "localhost");
}

/* bob@example.org */
static struct user *users_find_at(struct users *users, struct slice name, struct slice domain)
{
	char whole[USER_NAME_MAX_BYTES + 1];
	int n = snprintf(whole, sizeof(whole), SLICE_FMT "@" SLICE_FMT, SLICE_ARG(name),
			 SLICE_ARG(domain));
	return n > 0 && (size_t)n < sizeof(whole) ? users_find(users, slice_of(whole, (size_t)n))
						  : NULL;
}

struct user *users_resolve(struct users *users, const struct settings *settings, struct slice typed,
			   struct slice *detail_out)
{
	size_t at = slice_rfind_byte(typed, '@');
	struct slice detail = slice_upto(typed, at), name = slice_split(&detail, '+');
	struct slice domain = at == SIZE_MAX ? SLICE_EMPTY : slice_from(typed, at + 1);
	struct user *user = domain.len ? users_find_at(users, name, domain) : NULL;
	if (!user && user_domain_is_local(settings, domain))
		user = users_find(users, name);
	*detail_out = user ? detail : SLICE_EMPTY;
	return user;
}

struct user *users_resolve_login(struct users *users, const struct settings *settings,
				 struct slice typed, struct slice *detail_out)
{
	size_t at = slice_find_byte(typed, '@');
	size_t plus = slice_find_byte(slice_from(typed, at), '+');
	struct user *user = users_resolve(users, settings, typed, detail_out);
	if (user || at == SIZE_MAX || plus == SIZE_MAX)
		return user;
	user = users_find(users, slice_upto(typed, at + plus));
	if (user)
		*detail_out = slice_from(typed, at + plus + 1);
	return user;
}

/* --- the table ------------------------------------------------------------------------------ */

enum err users_add(struct users *users, struct slice name, const struct scram_verifier *v)
{
	enum err err = user_name_check(name);
	if (err)
		return err;
	if (users_count(users) >= USERS_MAX)
		return ERR_LIMIT;
	struct user *user = calloc(1, sizeof(*user));
	if (!user)
		return ERR_NOMEM;
	for (size_t i = 0; i < name.len; i++)
		user->name[i] = (char)ascii_lower(name.ptr[i]);
	user->own.verifier = *v;
	err = name_map_add(&users->by_name, user);
	if (err)
		user_free(user);
	return err;
}

void user_free(struct user *user)
{
	if (user->devices)
		secret_wipe(user->devices, user->device_count * sizeof(*user->devices));
	free(user->devices);
	secret_wipe(user, sizeof(*user));
	free(user);
}

static void user_drop(void *entry)
{
	user_free(entry);
}

enum err users_open(const char *path, struct users **users_out)
{
	struct users *users = calloc(1, sizeof(*users));
	if (!users)
		return ERR_NOMEM;
	secret_random(users->key, sizeof(users->key));
	users->path = strdup(path);
	enum err err = users->path ? users_load(users) : ERR_NOMEM;
	if (err)
		users_close(&users);
	*users_out = users;
	return err;
}

void users_close(struct users **users)
{
	if (!*users)
		return;
	name_map_free(&(*users)->by_name, user_drop);
	free((*users)->path);
	secret_wipe(*users, sizeof(**users));
	free(*users);
	*users = NULL;
}

enum err users_reload(struct users *users)
{
	struct users fresh = {.path = users->path};
	enum err err = users_load(&fresh);
	struct name_map gone = err ? fresh.by_name : users->by_name;
	if (!err) /* else what was good stays in force */
		users->by_name = fresh.by_name;
	name_map_free(&gone, user_drop);
	return err;
}

size_t users_count(const struct users *users)
{
	return users->by_name.count;
}

struct user *users_first(const struct users *users)
{
	return users_next(users, NULL);
}

struct user *users_next(const struct users *users, const struct user *user)
{
	return name_map_next(&users->by_name, user);
}

enum err users_put(struct users *users, struct slice name, const struct scram_verifier *verifier)
{
	struct user *user = users_find(users, name);
	enum err err = ERR_NONE;
	if (!user) {
		err = users_add(users, name, verifier);
		if (err)
			return err;
		err = users_save(users);
		user = users_find(users, name);
		if (err && user) {
			name_map_remove(&users->by_name, user);
			user_free(user);
		}
		return err;
	}
	struct scram_verifier before = user->own.verifier;
	user->own.verifier = *verifier;
	user->own.recent.is_set = false;
	err = users_save(users);
	if (err)
		user->own.verifier = before;
	return err;
}

enum err users_remove(struct users *users, struct slice name)
{
	struct user *user = users_find(users, name);
	if (!user)
		return ERR_NOT_FOUND;
	name_map_remove(&users->by_name, user);
	enum err err = users_save(users);
	if (!err)
		user_free(user);
	else if (name_map_add(&users->by_name, user))
		abort(); /* into the place that it has just left */
	return err;
}
