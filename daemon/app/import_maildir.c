#include "app/import_parts.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "mail/imap_utf7.h"

static enum err maildir_add(struct import_source *s, const char *path, const char *mailbox,
			    int64_t mtime)
{
	if (s->file_count == s->file_cap) {
		size_t cap = s->file_cap ? s->file_cap * 2 : 256;
		struct source_file *files = realloc(s->files, cap * sizeof(*files));
		if (!files)
			return ERR_NOMEM;
		s->files = files;
		s->file_cap = cap;
	}
	struct source_file f = {strdup(path), strdup(mailbox), mtime};
	if (!f.path || !f.mailbox) {
		free(f.path);
		free(f.mailbox);
		return ERR_NOMEM;
	}
	s->files[s->file_count++] = f;
	return ERR_NONE;
}

static void maildir_skip(struct import_source *s, const char *path, enum err err)
{
	log_warn(0, "%s is passed over: %s", path, err_text(err));
	s->skipped++;
}

/* --- looking for messages ----------------------------------------------------------------------- */

static enum err maildir_scan_part(struct import_source *s, const char *dir, const char *part,
				  const char *mailbox)
{
	char path[SOURCE_PATH_MAX];
	struct dirent *entry;
	enum err err = ERR_NONE;
	snprintf(path, sizeof(path), "%s/%s", dir, part);
	DIR *d = opendir(path);
	if (!d)
		return source_open_err();
	while (!err && (entry = readdir(d)) != NULL) {
		struct stat st;
		int n = snprintf(path, sizeof(path), "%s/%s/%s", dir, part, entry->d_name);
		if (entry->d_name[0] == '.' || n < 0 || (size_t)n >= sizeof(path))
			continue;
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			err = maildir_add(s, path, mailbox, (int64_t)st.st_mtime);
	}
	closedir(d);
	return err;
}

/* ERR_NOT_FOUND: neither part is there, so this is no folder. */
static enum err maildir_scan(struct import_source *s, const char *dir, const char *mailbox)
{
	enum err cur = maildir_scan_part(s, dir, "cur", mailbox);
	if (cur && cur != ERR_NOT_FOUND)
		return cur;
	enum err fresh = maildir_scan_part(s, dir, "new", mailbox);
	return fresh == ERR_NOT_FOUND ? cur : fresh;
}

/* ".Work.Old" is the folder Work/Old; Courier and Dovecot write names as IMAP does. */
static enum err maildir_folder_name(const struct import_source *s, struct slice folder, char *dst,
				    size_t size)
{
	bool at_top = strcmp(s->mailbox, "INBOX") == 0;
	struct arena arena;
	struct slice name;
	arena_init(&arena, SOURCE_PATH_MAX);
	if (imap_utf7_decode(folder, &arena, &name))
		name = folder;
	int n = snprintf(dst, size, "%s%s" SLICE_FMT, at_top ? "" : s->mailbox, at_top ? "" : "/",
			 SLICE_ARG(name));
	arena_reset(&arena);
	if (n < 0 || (size_t)n >= size)
		return ERR_LIMIT;
	for (char *c = dst + n - name.len; *c; c++)
		if (*c == '.')
			*c = MAILBOX_SEPARATOR;
	return mailbox_name_check(slice_str(dst));
}

static enum err maildir_scan_folder(struct import_source *s, const char *dir, const char *name)
{
	char path[SOURCE_PATH_MAX], mailbox[MAILBOX_NAME_MAX_BYTES + 1];
	size_t count = s->file_count;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return ERR_LIMIT;
	enum err bad_name = maildir_folder_name(s, slice_str(name + 1), mailbox, sizeof(mailbox));
	enum err err = maildir_scan(s, path, bad_name ? "" : mailbox);
	if (!err && bad_name) {
		while (s->file_count > count) {
			struct source_file *f = &s->files[--s->file_count];
			free(f->path);
			free(f->mailbox);
		}
		err = bad_name;
	}
	if (err == ERR_NOMEM)
		return err;
	if (err && err != ERR_NOT_FOUND)
		maildir_skip(s, path, err);
	return ERR_NONE;
}

static int file_order(const void *left, const void *right)
{
	const struct source_file *a = left, *b = right;
	int order = strcmp(a->mailbox, b->mailbox);
	if (order)
		return order;
	if (a->mtime != b->mtime)
		return a->mtime < b->mtime ? -1 : 1;
	return strcmp(a->path, b->path);
}

static enum err maildir_scan_all(struct import_source *s, const char *path)
{
	enum err err = maildir_scan(s, path, s->mailbox);
	DIR *d = err ? NULL : opendir(path);
	struct dirent *entry;
	while (d && !err && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] == '.' && entry->d_name[1] && entry->d_name[1] != '.')
			err = maildir_scan_folder(s, path, entry->d_name);
	if (d)
		closedir(d);
	if (!err && s->file_count)
		qsort(s->files, s->file_count, sizeof(*s->files), file_order);
	return err;
}

/* --- handing them out --------------------------------------------------------------------------- */

static void maildir_flags(const char *path, struct import_message *m)
{
	static const struct {
		char letter;
		flags_t flag;
	} letters[] = {{'S', FLAG_SEEN},
		       {'R', FLAG_ANSWERED},
		       {'F', FLAG_FLAGGED},
		       {'T', FLAG_DELETED},
		       {'D', FLAG_DRAFT}};
	const char *info = strstr(strrchr(path, '/'), ":2,");
	m->is_forwarded = info && strchr(info + 3, 'P');
	for (size_t i = 0; info && i < sizeof(letters) / sizeof(letters[0]); i++)
		if (strchr(info + 3, letters[i].letter))
			m->flags |= letters[i].flag;
}

static enum err maildir_open(struct import_source *s, const struct source_file *f,
			     struct import_message *m)
{
	if (s->file)
		fclose(s->file);
	s->file = fopen(f->path, "rbe");
	return s->file ? source_measure(s, m) : source_open_err();
}

static enum err maildir_next(struct import_source *s, struct import_message *m)
{
	while (s->next_file < s->file_count) {
		const struct source_file *f = &s->files[s->next_file++];
		enum err err = maildir_open(s, f, m);
		if (err) { /* one bad file must not keep the others out */
			maildir_skip(s, f->path, err);
			continue;
		}
		m->mailbox = slice_str(f->mailbox);
		m->internal_date = f->mtime;
		maildir_flags(f->path, m);
		return ERR_NONE;
	}
	return ERR_NOT_FOUND;
}

enum err import_source_maildir(const char *path, struct slice mailbox,
			       struct import_source **source_out)
{
	struct import_source *s = source_new(mailbox);
	struct stat st;
	*source_out = s;
	if (!s)
		return ERR_NOMEM;
	s->next = maildir_next;
	enum err err = maildir_scan_all(s, path);
	if (err == ERR_NOT_FOUND && stat(path, &st) == 0)
		err = ERR_SYNTAX;
	if (err)
		import_source_close(source_out);
	return err;
}
