#include "app/recent_logins.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/name_map.h"

enum { SAVE_EVERY_MS = 24 * 60 * 60 * 1000, LOGINS_FILE_MAX_BYTES = 4 * 1024 * 1024 };

struct user_logins {
	char name[USER_NAME_MAX_BYTES + 1];
	size_t count;
	struct recent_login entries[RECENT_LOGINS_MAX]; /* newest first */
};

struct recent_logins {
	struct name_map by_name;
	char *path;
	uint64_t saved_ms;
	bool is_changed;
	struct logins_save *saving; /* a worker has it */
};

/* A text on its way to the file. It outlives the list when that is closed meanwhile. */
struct logins_save {
	struct job job;
	struct recent_logins *owner; /* NULL: closed */
	char *path;
	struct buf text;
	enum err err;
};

/* --- the table ---------------------------------------------------------------------------------- */

static struct user_logins *logins_find(const struct recent_logins *r, const char *user)
{
	return name_map_find(&r->by_name, slice_str(user));
}

static struct user_logins *logins_make(struct recent_logins *r, struct slice user)
{
	struct user_logins *u = name_map_find(&r->by_name, user);
	if (u || r->by_name.count >= USERS_MAX)
		return u;
	u = calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	if (slice_to_str(user, u->name, sizeof(u->name)) || name_map_add(&r->by_name, u)) {
		free(u);
		return NULL;
	}
	return u;
}

const struct recent_login *recent_logins_of(const struct recent_logins *r, const char *user,
					    size_t *count_out)
{
	const struct user_logins *u = r ? logins_find(r, user) : NULL;
	*count_out = u ? u->count : 0;
	return u ? u->entries : NULL;
}

static bool login_is_like(const struct recent_login *a, const struct recent_login *b)
{
	return a->service == b->service && a->is_tls == b->is_tls &&
	       strcmp(a->address, b->address) == 0 && strcmp(a->device, b->device) == 0;
}

void recent_logins_note(struct recent_logins *r, const char *user, struct recent_login *entry)
{
	struct user_logins *u = r ? logins_make(r, slice_str(user)) : NULL;
	size_t at = 0;
	if (!u)
		return; /* no memory for a memory aid */
	while (at < u->count && !login_is_like(&u->entries[at], entry))
		at++;
	entry->count = 1;
	if (at < u->count) {
		const struct recent_login *old = &u->entries[at];
		entry->count = old->count < UINT32_MAX ? old->count + 1 : old->count;
		if (!*entry->client)
			memcpy(entry->client, old->client, sizeof(entry->client));
	} else if (u->count < RECENT_LOGINS_MAX) {
		u->count++;
	} else {
		at = RECENT_LOGINS_MAX - 1;
	}
	memmove(&u->entries[1], &u->entries[0], at * sizeof(u->entries[0]));
	memcpy(&u->entries[0], entry, sizeof(*entry));
	r->is_changed = true;
}

/* One line of printable text; what does not fit is cut off at a whole character. */
static void client_copy(struct slice text, char *dst, size_t size)
{
	size_t n = text.len < size - 1 ? text.len : size - 1;
	while (n < text.len && n > 0 && (text.ptr[n] & 0xc0) == 0x80)
		n--;
	for (size_t i = 0; i < n; i++)
		dst[i] = (char)(text.ptr[i] < 32 || text.ptr[i] == 127 ? ' ' : text.ptr[i]);
	dst[n] = '\0';
	if (!slice_is_utf8(slice_of(dst, n)))
		dst[0] = '\0';
}

void recent_logins_name(struct recent_logins *r, const char *user, uint32_t session,
			struct slice client)
{
	struct user_logins *u = r ? logins_find(r, user) : NULL;
	for (size_t i = 0; u && i < u->count; i++) {
		if (u->entries[i].session != session)
			continue;
		client_copy(client, u->entries[i].client, sizeof(u->entries[i].client));
		r->is_changed = true;
		return;
	}
}

void recent_logins_forget(struct recent_logins *r, const char *user)
{
	struct user_logins *u = r ? logins_find(r, user) : NULL;
	if (!u)
		return;
	name_map_remove(&r->by_name, u);
	free(u);
	r->is_changed = true;
}

/* --- the file: user, time, service, TLS, count, address, device, client, between tabs ----------- */

static enum err login_parse(struct recent_logins *r, struct slice line)
{
	static const uint64_t most[] = {INT64_MAX, SERVICE_COUNT - 1, 1, UINT32_MAX};
	uint64_t numbers[4]; /* time, service, TLS, count */
	struct recent_login e = {0};
	struct slice user = slice_split(&line, '\t');
	enum err err = ERR_NONE;
	for (size_t i = 0; i < 4 && !err; i++)
		err = slice_u64(slice_split(&line, '\t'), most[i], &numbers[i]);
	if (!err)
		err = slice_to_str(slice_split(&line, '\t'), e.address, sizeof(e.address));
	if (!err)
		err = slice_to_str(slice_split(&line, '\t'), e.device, sizeof(e.device));
	if (!err && (user_name_check(user) || line.len >= sizeof(e.client) || !slice_is_utf8(line)))
		err = ERR_SYNTAX;
	if (err)
		return err;
	client_copy(line, e.client, sizeof(e.client));
	e.at_s = (int64_t)numbers[0];
	e.service = (enum service)numbers[1];
	e.is_tls = numbers[2];
	e.count = (uint32_t)numbers[3];
	struct user_logins *u = logins_make(r, user);
	if (!u || u->count == RECENT_LOGINS_MAX)
		return ERR_LIMIT;
	u->entries[u->count++] = e;
	return ERR_NONE;
}

static void logins_load(struct recent_logins *r)
{
	struct buf text;
	buf_init(&text, LOGINS_FILE_MAX_BYTES);
	enum err err = file_read(r->path, &text);
	struct slice rest = buf_view(&text);
	for (unsigned line = 1; rest.len && !err; line++) {
		err = login_parse(r, slice_split(&rest, '\n'));
		if (err)
			log_warn(0, "%s line %u: %s; the list of logins begins anew", r->path, line,
				 err_text(err));
	}
	if (err)
		name_map_free(&r->by_name, free);
	if (err && err != ERR_NOT_FOUND && rest.len == 0 && text.len == 0)
		log_warn(0, "%s: %s; the list of logins begins anew", r->path, err_text(err));
	buf_free(&text);
}

enum err recent_logins_open(const char *path, struct recent_logins **r_out)
{
	struct recent_logins *r = calloc(1, sizeof(*r));
	*r_out = r;
	if (r)
		r->path = strdup(path);
	if (!r || !r->path) {
		free(r);
		*r_out = NULL;
		return ERR_NOMEM;
	}
	r->saved_ms = clock_mono_ms();
	logins_load(r);
	return ERR_NONE;
}

void recent_logins_close(struct recent_logins **r)
{
	struct recent_logins *gone = *r;
	*r = NULL;
	if (!gone)
		return;
	if (gone->saving)
		gone->saving->owner = NULL;
	name_map_free(&gone->by_name, free);
	free(gone->path);
	free(gone);
}

static enum err logins_print(const struct recent_logins *r, struct buf *text)
{
	enum err err = ERR_NONE;
	for (const struct user_logins *u = NULL; (u = name_map_next(&r->by_name, u));)
		for (size_t i = 0; i < u->count && !err; i++) {
			const struct recent_login *e = &u->entries[i];
			err = buf_addf(text, "%s\t%" PRId64 "\t%d\t%d\t%" PRIu32 "\t%s\t%s\t%s\n",
				       u->name, e->at_s, (int)e->service, e->is_tls, e->count,
				       e->address, e->device, e->client);
		}
	return err;
}

enum err recent_logins_save(struct recent_logins *r)
{
	struct buf text;
	if (!r || !r->is_changed)
		return ERR_NONE;
	buf_init(&text, LOGINS_FILE_MAX_BYTES);
	enum err err = logins_print(r, &text);
	if (!err)
		err = file_replace(r->path, buf_view(&text), 0600);
	if (!err)
		r->is_changed = false;
	buf_free(&text);
	return err;
}

/* --- once a day --------------------------------------------------------------------------------- */

static void save_run(struct job *job)
{
	struct logins_save *s = list_owner(job, struct logins_save, job);
	s->err = file_replace(s->path, buf_view(&s->text), 0600);
}

static void save_free(struct logins_save *s)
{
	buf_free(&s->text);
	free(s->path);
	free(s);
}

static void save_done(struct job *job)
{
	struct logins_save *s = list_owner(job, struct logins_save, job);
	if (s->err)
		log_warn(0, "%s cannot be saved: %s", s->path, err_text(s->err));
	if (s->owner) {
		s->owner->saving = NULL;
		s->owner->is_changed |= s->err != ERR_NONE;
	}
	save_free(s);
}

void recent_logins_look_after(struct recent_logins *r, struct job_runner *runner)
{
	if (!r || !r->is_changed || r->saving || clock_mono_ms() - r->saved_ms < SAVE_EVERY_MS)
		return;
	struct logins_save *s = calloc(1, sizeof(*s));
	if (!s)
		return;
	s->job = (struct job){.run = save_run, .done = save_done};
	s->path = strdup(r->path);
	buf_init(&s->text, LOGINS_FILE_MAX_BYTES);
	if (!s->path || logins_print(r, &s->text)) {
		save_free(s);
		return;
	}
	s->owner = r;
	r->saving = s;
	r->is_changed = false;
	r->saved_ms = clock_mono_ms();
	job_submit(runner, &s->job);
}
