#include "app/system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/app_part.h"
#include "app/update.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

enum { WORD_MAX_BYTES = 256, DETAIL_MAX_BYTES = 255 };

const bool system_is_built_in = true;

const char *system_slot_name(enum system_slot slot)
{
	return slot == SYSTEM_SLOT_A ? "a" : slot == SYSTEM_SLOT_B ? "b" : "factory";
}

/* --- the directory ------------------------------------------------------------------------------ */

/* The first word of a small file; "" when there is none that can be shown. */
static void word_read(const char *dir, const char *name, char *dst, size_t dst_size)
{
	char path[PATH_MAX];
	struct buf text;
	dst[0] = 0;
	buf_init(&text, WORD_MAX_BYTES);
	if (!file_join(path, sizeof(path), dir, name) && !file_read(path, &text)) {
		struct slice rest = slice_trim(buf_view(&text));
		if (slice_to_str(slice_word(&rest), dst, dst_size))
			dst[0] = 0;
	}
	buf_free(&text);
}

void system_facts_read(const char *dir, struct system_facts *facts)
{
	char running[16];
	word_read(dir, "board", facts->board, sizeof(facts->board));
	word_read(dir, "running", running, sizeof(running));
	facts->running = strcmp(running, "a") == 0   ? SYSTEM_SLOT_A
			 : strcmp(running, "b") == 0 ? SYSTEM_SLOT_B
						     : SYSTEM_FACTORY;
}

void system_setup_code_read(const char *dir, char *dst, size_t dst_size)
{
	dst[0] = 0;
	if (dir)
		word_read(dir, "setup-code", dst, dst_size);
}

enum err system_slot_open(const char *dir, enum system_slot slot, bool for_writing,
			  struct update_medium *medium)
{
	char path[PATH_MAX];
	*medium = (struct update_medium){0};
	enum err err =
		file_join(path, sizeof(path), dir, slot == SYSTEM_SLOT_A ? "slot-a" : "slot-b");
	return err ? err : update_medium_open(path, for_writing, medium);
}

void system_slot_look(const char *dir, enum system_slot slot, struct slot_view *view)
{
	struct update_medium medium;
	*view = (struct slot_view){0};
	if (system_slot_open(dir, slot, false, &medium) == ERR_NONE)
		slot_look(&medium, view);
	update_medium_close(&medium);
}

enum err system_key_read(const char *dir, struct buf *dst)
{
	char path[PATH_MAX];
	enum err err = file_join(path, sizeof(path), dir, "update.pub");
	if (!err)
		err = file_read(path, dst);
	return err ? err : buf_add_byte(dst, 0);
}

/* --- problems ----------------------------------------------------------------------------------- */

void system_problems_read(const char *dir, struct buf *dst)
{
	char path[PATH_MAX];
	if (file_join(path, sizeof(path), dir, "problems") == ERR_NONE &&
	    file_read(path, dst) == ERR_LIMIT)
		log_warn(0, "%s is too long to be read whole", path);
}

static bool is_printable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < ' ' || s.ptr[i] > '~')
			return false;
	return true;
}

bool system_problem_next(struct slice *rest, struct slice *key, struct slice *detail)
{
	while (rest->len) {
		*detail = slice_trim(slice_split(rest, '\n'));
		*key = slice_split(detail, '=');
		if (key->len && key->len <= UPDATE_WORD_MAX_BYTES && is_printable(*key) &&
		    is_printable(*detail))
			return true;
	}
	return false;
}

/* The image's start script sets a clock that is behind to the day of the image, and says so until
 * somebody has told the time. */
static void system_look_after(struct appliance *a)
{
	struct slice rest, key, detail;
	struct buf text;
	bool is_doubted = false;
	if (!a->system)
		return;
	buf_init(&text, SYSTEM_PROBLEMS_MAX_BYTES);
	system_problems_read(a->system->dir, &text);
	rest = buf_view(&text);
	while (system_problem_next(&rest, &key, &detail))
		is_doubted |= slice_eq_str(key, "clock-unset");
	buf_free(&text);
	clock_doubt(is_doubted);
}

static void problem_add(struct model *all, struct slice key, struct slice detail)
{
	struct model *one = model_row(all);
	model_slice(one, "key", key);
	model_slice(one, "detail", slice_upto(detail, DETAIL_MAX_BYTES));
}

/* What the daemon sees for itself, as it is now and not as it was at start. */
static bool problem_is_ours(const struct appliance *a, struct slice key)
{
	return slice_eq_str(key, "clock-unset") ||
	       (!a->options.is_rescue && slice_eq_str(key, "data-read-only"));
}

void system_put_status(struct model *o, const struct appliance *a)
{
	struct system_facts facts;
	struct slice rest, key, detail;
	struct buf text;
	if (!a->system)
		return;
	struct model *system = model_object(o, "system");
	struct model *problems = model_list(o, "problems");
	system_facts_read(a->system->dir, &facts);
	model_text(system, "board", facts.board);
	model_text(system, "running", system_slot_name(facts.running));
	buf_init(&text, SYSTEM_PROBLEMS_MAX_BYTES);
	system_problems_read(a->system->dir, &text);
	rest = buf_view(&text);
	while (system_problem_next(&rest, &key, &detail))
		if (!problem_is_ours(a, key))
			problem_add(problems, key, detail);
	if (!clock_is_sane())
		problem_add(problems, SLICE_LIT("clock-unset"), SLICE_EMPTY);
	if (file_is_read_only(a->data_dir))
		problem_add(problems, SLICE_LIT("data-read-only"), SLICE_EMPTY);
	if (a->options.failed_at)
		problem_add(problems, SLICE_LIT("start-failed"), slice_str(a->options.failed_at));
	buf_free(&text);
	if (a->system->update)
		model_number(model_object(o, "update"), "bytes",
			     (int64_t)update_bytes(a->system->update));
}

/* --- requests ----------------------------------------------------------------------------------- */

static enum err request_open(const char *dir, int *fd_out)
{
	char path[PATH_MAX];
	enum err err = file_join(path, sizeof(path), dir, "request");
	if (err)
		return err;
	*fd_out = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (*fd_out >= 0)
		return ERR_NONE;
	return errno == ENXIO ? ERR_CLOSED : errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
}

static enum err request_write(int fd, const char *word)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "%s\n", word);
	if (n <= 0 || (size_t)n >= sizeof(line))
		return ERR_LIMIT;
	/* A pipe takes a short line whole or not at all. */
	return write(fd, line, (size_t)n) == n ? ERR_NONE : ERR_CLOSED;
}

enum err system_request(const char *dir, const char *word)
{
	int fd = -1;
	enum err err = request_open(dir, &fd);
	if (err)
		return err;
	err = request_write(fd, word);
	close(fd);
	if (!err)
		log_info(0, "asked the system to %s", word);
	return err;
}

enum err system_reset(struct appliance *a, const char *word)
{
	char path[PATH_MAX];
	int fd = -1;
	enum err err = file_join(path, sizeof(path), a->data_dir, "factory-reset");
	if (!err)
		err = request_open(a->system->dir, &fd);
	if (err)
		return err;
	err = file_replace(path, slice_str(word), 0600);
	if (!err) {
		log_warn(0, "factory reset (%s) at the next start", word);
		err = request_write(fd, "restart");
		if (err && unlink(path) != 0)
			log_error(0, "%s cannot be taken back", path);
	} else if (strcmp(word, "all") == 0) {
		log_warn(0, "factory reset (all) at once: %s", err_text(err));
		err = request_write(fd, "wipe"); /* a partition that is full or read-only, say */
	}
	close(fd);
	return err;
}

/* --- life --------------------------------------------------------------------------------------- */

static enum err system_start(struct appliance *a)
{
	if (!a->options.system_dir)
		return ERR_NONE;
	a->system = calloc(1, sizeof(*a->system));
	if (!a->system)
		return ERR_NOMEM;
	a->system->dir = a->options.system_dir;
	system_look_after(a);
	return ERR_NONE;
}

static void system_stop(struct appliance *a)
{
	if (!a->system)
		return;
	worker_pool_free(&a->system->writer);
	free(a->system);
	a->system = NULL;
}

const struct app_part system_part = {.what = "know the system",
				     .in_rescue = true,
				     .start = system_start,
				     .at[APP_MINUTE] = system_look_after,
				     .at[APP_STOP] = system_stop};
