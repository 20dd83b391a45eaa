#include "app/web_pack.h"

#include <stdlib.h>

#include "app/web_asset.h"
#include "base/clock.h"
#include "base/log.h"

enum {
	PACK_FILES_MAX = 96,
	PACK_TEXTS_MAX = 2048,
	PACK_IDLE_MS = 60 * 1000,
};

enum { PACK_KEYS = LANG_COUNT, PACK_LISTS }; /* a list of texts for each language, and their keys */

struct pack_file {
	struct slice name, text;
};

/* The only state outside of struct appliance: texts are asked for where no appliance is at hand. */
static struct {
	uint8_t *bytes;
	struct pack_file files[PACK_FILES_MAX];
	size_t file_count;
	const char **lists[PACK_LISTS]; /* sorted by key; the same index in all */
	size_t list_counts[PACK_LISTS];
	uint64_t used_ms;
} pack;

/* --- opening ----------------------------------------------------------------------------------- */

/* Lines, made into strings where they stand. */
static void pack_add_list(size_t list, uint8_t *at, size_t len)
{
	uint8_t *end = at + len, *line_end;
	for (; at < end && pack.list_counts[list] < PACK_TEXTS_MAX; at = line_end + 1) {
		line_end = memchr(at, '\n', (size_t)(end - at));
		if (!line_end)
			return; /* a file ends by a line end */
		*line_end = 0;
		pack.lists[list][pack.list_counts[list]++] = (const char *)at;
	}
}

static void pack_add_file(struct slice name, uint8_t *at, size_t len)
{
	static const char *const names[PACK_LISTS] = {"en", "id", "keys"};
	for (size_t list = 0; list < PACK_LISTS; list++)
		if (slice_eq_str(name, names[list]))
			pack_add_list(list, at, len);
	if (pack.file_count < PACK_FILES_MAX)
		pack.files[pack.file_count++] = (struct pack_file){name, slice_of(at, len)};
}

static enum err pack_index(void)
{
	struct slice rest = slice_of(pack.bytes, web_pack.plain_len);
	while (rest.len) {
		struct slice head = slice_split(&rest, '\n'), name = slice_word(&head);
		uint64_t len = 0;
		if (slice_u64(slice_trim(head), rest.len, &len))
			return ERR_CORRUPT;
		pack_add_file(name, pack.bytes + (rest.ptr - pack.bytes), (size_t)len);
		rest = slice_from(rest, (size_t)len);
	}
	return ERR_NONE;
}

void web_pack_close(void)
{
	free(pack.bytes);
	for (size_t list = 0; list < PACK_LISTS; list++)
		free(pack.lists[list]);
	memset(&pack, 0, sizeof(pack));
}

static enum err pack_open(void)
{
	pack.used_ms = clock_mono_ms();
	if (pack.bytes)
		return ERR_NONE;
	pack.bytes = malloc(web_pack.plain_len);
	enum err err = pack.bytes ? web_asset_inflate(&web_pack, pack.bytes) : ERR_NOMEM;
	for (size_t list = 0; list < PACK_LISTS && !err; list++) {
		pack.lists[list] = calloc(PACK_TEXTS_MAX, sizeof(char *));
		if (!pack.lists[list])
			err = ERR_NOMEM;
	}
	if (!err)
		err = pack_index();
	if (!err)
		return ERR_NONE;
	log_warn(0, "the page's texts cannot be opened: %s", err_text(err));
	web_pack_close();
	return err;
}

void web_pack_rest(void)
{
	if (pack.bytes && clock_mono_ms() - pack.used_ms >= PACK_IDLE_MS)
		web_pack_close();
}

/* --- looking up -------------------------------------------------------------------------------- */

bool web_pack_file(struct slice name, struct slice *text_out)
{
	if (pack_open())
		return false;
	for (size_t i = 0; i < pack.file_count; i++) {
		*text_out = pack.files[i].text;
		if (slice_eq(pack.files[i].name, name))
			return true;
	}
	return false;
}

static int pack_compare(const void *key, const void *at)
{
	return strcmp(key, *(const char *const *)at);
}

const char *web_pack_text(enum lang lang, struct slice key)
{
	char name[128];
	if (slice_to_str(key, name, sizeof(name)) || pack_open())
		return NULL;
	const char *const *keys = pack.lists[PACK_KEYS];
	const char *const *found =
		bsearch(name, keys, pack.list_counts[PACK_KEYS], sizeof(*keys), pack_compare);
	return found ? pack.lists[lang][found - keys] : NULL;
}
