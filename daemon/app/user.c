#include "app/user.h"

#include <stdio.h>
#include <stdlib.h>

#include <mbedtls/md.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"

enum { USERS_FILE_MAX_BYTES = 512 * 1024 };

struct users {
	struct user *by_name;
	char *path;
	uint8_t key[32]; /* of this process: recalled passwords and made-up verifiers */
};

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

static bool user_fold(struct slice name, char dst[USER_NAME_MAX_BYTES + 1])
{
	if (slice_to_str(name, dst, USER_NAME_MAX_BYTES + 1))
		return false;
	for (char *c = dst; *c; c++)
		*c = (char)ascii_lower((uint8_t)*c);
	return true;
}

struct user *users_find(struct users *users, struct slice name)
{
	char folded[USER_NAME_MAX_BYTES + 1];
	struct user *user = NULL;
	if (user_fold(name, folded))
		HASH_FIND_STR(users->by_name, folded, user);
	return user;
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

/* "bob+lists" -> bob, detail "lists". */
static struct user *users_find_detail(struct users *users, struct slice local,
				      struct slice *detail_out)
{
	struct slice rest = local;
	struct slice name = slice_split(&rest, '+');
	struct user *user = name.len < local.len ? users_find(users, name) : NULL;
	if (user)
		*detail_out = rest;
	return user;
}

struct user *users_resolve(struct users *users, const struct settings *settings, struct slice typed,
			   struct slice *detail_out)
{
	*detail_out = SLICE_EMPTY;
	struct user *user = users_find(users, typed);
	size_t at = slice_rfind_byte(typed, '@');
	struct slice local = slice_upto(typed, at);
	struct slice domain = at == SIZE_MAX ? SLICE_EMPTY : slice_from(typed, at + 1);
	if (!user && domain.len) { /* bob+lists@example.org, where the user is bob@example.org */
		char plain[USER_NAME_MAX_BYTES + 1];
		struct slice rest = local, name = slice_split(&rest, '+');
		int n = snprintf(plain, sizeof(plain), SLICE_FMT "@" SLICE_FMT, SLICE_ARG(name),
				 SLICE_ARG(domain));
		if (n > 0 && (size_t)n < sizeof(plain))
			user = users_find(users, slice_str(plain));
		if (user)
			*detail_out = rest;
	}
	if (!user && user_domain_is_local(settings, domain)) {
		user = users_find(users, local);
		if (!user)
			user = users_find_detail(users, local, detail_out);
	}
	return user;
}

/* --- the file ------------------------------------------------------------------------------- */

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
	v->is_real = true;
	return err;
}

static int user_order(const struct user *a, const struct user *b)
{
	return strcmp(a->name, b->name);
}

static enum err users_add(struct users *users, struct slice name, const struct scram_verifier *v)
{
	enum err err = user_name_check(name);
	if (err)
		return err;
	if (HASH_COUNT(users->by_name) >= USERS_MAX)
		return ERR_LIMIT;
	struct user *user = calloc(1, sizeof(*user));
	if (!user)
		return ERR_NOMEM;
	user_fold(name, user->name);
	user->verifier = *v;
	HASH_ADD_STR(users->by_name, name, user);
	HASH_SORT(users->by_name, user_order);
	return ERR_NONE;
}

static enum err users_parse_line(struct users *users, struct slice line)
{
	line = slice_trim(line);
	if (line.len == 0 || line.ptr[0] == '#')
		return ERR_NONE;
	struct scram_verifier v;
	struct slice name = slice_word(&line);
	enum err err = user_verifier_parse(slice_trim(line), &v);
	if (!err && users_find(users, name))
		err = ERR_EXISTS;
	return err ? err : users_add(users, name, &v);
}

static void users_drop(struct users *users)
{
	struct user *user = users->by_name;
	HASH_CLEAR(hh, users->by_name); /* the table goes, the chain through the users stays */
	while (user) {
		struct user *next = user->hh.next;
		secret_wipe(user, sizeof(*user));
		free(user);
		user = next;
	}
}

static enum err users_load(struct users *users)
{
	struct buf text;
	buf_init(&text, USERS_FILE_MAX_BYTES);
	enum err err = file_read(users->path, &text);
	if (err == ERR_NOT_FOUND)
		err = ERR_NONE;
	struct slice rest = buf_view(&text);
	for (unsigned number = 1; rest.len && !err; number++) {
		err = users_parse_line(users, slice_split(&rest, '\n'));
		if (err)
			log_error(0, "%s line %u: %s", users->path, number, err_text(err));
	}
	buf_wipe(&text);
	return err;
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
	users_drop(*users);
	free((*users)->path);
	secret_wipe(*users, sizeof(**users));
	free(*users);
	*users = NULL;
}

enum err users_reload(struct users *users)
{
	struct user *before = users->by_name;
	users->by_name = NULL;
	enum err err = users_load(users);
	if (err) { /* what was good stays in force */
		users_drop(users);
		users->by_name = before;
		return err;
	}
	struct users old = {.by_name = before};
	users_drop(&old);
	return ERR_NONE;
}

static enum err users_save(struct users *users)
{
	struct buf text;
	buf_init(&text, USERS_FILE_MAX_BYTES);
	enum err err = buf_add_str(&text, "# Surel's users; changed by `surel user`.\n");
	for (struct user *u = users->by_name; u && !err; u = u->hh.next) {
		err = buf_addf(&text, "%s ", u->name);
		if (!err)
			err = user_verifier_print(&u->verifier, &text);
		if (!err)
			err = buf_add_byte(&text, '\n');
	}
	if (!err)
		err = file_replace(users->path, buf_view(&text), 0600);
	buf_wipe(&text);
	return err;
}

size_t users_count(const struct users *users)
{
	return HASH_COUNT(users->by_name);
}

struct user *users_first(struct users *users)
{
	return users->by_name;
}

struct user *users_next(struct user *user)
{
	return user->hh.next;
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
			HASH_DEL(users->by_name, user);
			free(user);
		}
		return err;
	}
	struct scram_verifier before = user->verifier;
	user->verifier = *verifier;
	user->has_recent = false;
	err = users_save(users);
	if (err)
		user->verifier = before;
	return err;
}

enum err users_remove(struct users *users, struct slice name)
{
	struct user *user = users_find(users, name);
	if (!user)
		return ERR_NOT_FOUND;
	HASH_DEL(users->by_name, user);
	enum err err = users_save(users);
	if (err) {
		HASH_ADD_STR(users->by_name, name, user);
		HASH_SORT(users->by_name, user_order);
		return err;
	}
	secret_wipe(user, sizeof(*user));
	free(user);
	return ERR_NONE;
}

/* --- recalled passwords, made-up verifiers ---------------------------------------------------- */

static void users_mac(const struct users *users, uint8_t purpose, struct slice a, struct slice b,
		      uint8_t mac_out[32])
{
	const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
	mbedtls_md_context_t md;
	mbedtls_md_init(&md);
	/* Cannot fail but for memory; then the mark is random and recalls nobody. */
	if (mbedtls_md_setup(&md, sha256, 1) ||
	    mbedtls_md_hmac_starts(&md, users->key, sizeof(users->key)) ||
	    mbedtls_md_hmac_update(&md, &purpose, 1) || mbedtls_md_hmac_update(&md, a.ptr, a.len) ||
	    mbedtls_md_hmac_update(&md, (const uint8_t *)"", 1) ||
	    mbedtls_md_hmac_update(&md, b.ptr, b.len) || mbedtls_md_hmac_finish(&md, mac_out))
		secret_random(mac_out, 32);
	mbedtls_md_free(&md);
}

bool users_recalls(const struct users *users, const struct user *user, struct slice password)
{
	uint8_t mark[32];
	if (!user->has_recent)
		return false;
	users_mac(users, 'p', slice_str(user->name), password, mark);
	return secret_eq(slice_of(mark, sizeof(mark)),
			 slice_of(user->recent, sizeof(user->recent)));
}

void users_remember(const struct users *users, struct user *user, struct slice password)
{
	users_mac(users, 'p', slice_str(user->name), password, user->recent);
	user->has_recent = true;
}

void users_fake_verifier(const struct users *users, struct slice name, uint32_t iterations,
			 struct scram_verifier *v_out)
{
	uint8_t mark[32];
	*v_out = (struct scram_verifier){.iterations = iterations};
	users_mac(users, 's', name, SLICE_EMPTY, mark);
	memcpy(v_out->salt, mark, sizeof(v_out->salt));
	users_mac(users, 'k', name, SLICE_EMPTY, v_out->stored_key);
	users_mac(users, 'v', name, SLICE_EMPTY, v_out->server_key);
}
