#include "app/web_pack.h"

#include <stdlib.h>

#include "app/web_asset.h"
#include "base/clock.h"
#include "base/log.h"

enum {
	PACK_FILES_MAX = 96,
	PACK_TEXTS_MAX = 2048, /* of one language */
	PACK_IDLE_MS = 60 * 1000,
};

struct pack_text {
	const char *key, *text;
};
struct pack_file {
	struct slice name, text;
};

/* The only state outside of struct appliance: texts are asked for where no appliance is at hand. */
static struct {
	uint8_t *bytes;
	struct pack_file files[PACK_FILES_MAX];
	size_t file_count;
	struct pack_text *texts[LANG_COUNT]; /* sorted by key */
	size_t text_counts[LANG_COUNT];
	uint64_t used_ms;
} pack;

/* --- opening ----------------------------------------------------------------------------------- */

static int pack_by_key(const void *a, const void *b)
{
	return strcmp(((const struct pack_text *)a)->key, ((const struct pack_text *)b)->key);
}

/* Lines `key = text`, made into strings where they stand. */
static void pack_add_texts(enum lang lang, uint8_t *at, size_t len)
{
	struct slice rest = slice_of(at, len);
	while (rest.len && pack.text_counts[lang] < PACK_TEXTS_MAX) {
		struct slice line = slice_split(&rest, '\n');
		size_t key_end = slice_find(line, SLICE_LIT(" = "));
		if (key_end == SIZE_MAX || line.ptr + line.len == at + len)
			continue; /* a comment; a file ends by a line end */
		char *key = (char *)at + (line.ptr - at);
		key[key_end] = key[line.len] = 0;
		pack.texts[lang][pack.text_counts[lang]++] =
			(struct pack_text){key, key + key_end + 3};
	}
}

static void pack_add_file(struct slice name, uint8_t *at, size_t len)
{
	for (int lang = 0; lang < LANG_COUNT; lang++)
		if (slice_ends_nocase(name, lang == LANG_ID ? ".id" : ".en"))
			pack_add_texts((enum lang)lang, at, len);
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
	for (int lang = 0; lang < LANG_COUNT; lang++)
		qsort(pack.texts[lang], pack.text_counts[lang], sizeof(struct pack_text),
		      pack_by_key);
	return ERR_NONE;
}

void web_pack_close(void)
{
	free(pack.bytes);
	for (int lang = 0; lang < LANG_COUNT; lang++)
		free(pack.texts[lang]);
	memset(&pack, 0, sizeof(pack));
}

static enum err pack_open(void)
{
	pack.used_ms = clock_mono_ms();
	if (pack.bytes)
		return ERR_NONE;
	pack.bytes = malloc(web_pack.plain_len);
	enum err err = pack.bytes ? web_asset_inflate(&web_pack, pack.bytes) : ERR_NOMEM;
	for (int lang = 0; lang < LANG_COUNT && !err; lang++) {
		pack.texts[lang] = calloc(PACK_TEXTS_MAX, sizeof(struct pack_text));
		if (!pack.texts[lang])
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

const char *web_pack_text(enum lang lang, struct slice key)
{
	char name[128];
	if (slice_to_str(key, name, sizeof(name)) || pack_open())
		return NULL;
	struct pack_text wanted = {name, NULL};
	const struct pack_text *found = bsearch(&wanted, pack.texts[lang], pack.text_counts[lang],
						sizeof(wanted), pack_by_key);
	return found ? found->text : NULL;
}
