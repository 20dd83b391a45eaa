/* Settings file, verifiers and netstrings: what is accepted comes back the same. */
#include <stdlib.h>

#include "app/conf_file.h"
#include "app/control.h"

static void fuzz_settings(struct slice text)
{
	struct conf c;
	struct settings *s = &c.settings;
	struct buf why, is;
	conf_init(&c);
	buf_init(&why, 1024);
	buf_init(&is, 1024);
	if (conf_parse(text, &c, &why) == ERR_NONE && why.len)
		abort();
	for (size_t i = 0; i < setting_count; i++) {
		struct settings again = *s;
		buf_clear(&is);
		if (setting_get(s, &setting_table[i], &is) ||
		    setting_set(&again, &setting_table[i], buf_view(&is), LANG_EN, NULL))
			abort();
	}
	conf_free(&c);
	buf_free(&why);
	buf_free(&is);
}

static void fuzz_verifier(struct slice text)
{
	struct scram_verifier v, again;
	struct buf is;
	buf_init(&is, 1024);
	if (!user_verifier_parse(text, &v)) {
		if (user_verifier_print(&v, &is) || user_verifier_parse(buf_view(&is), &again) ||
		    memcmp(v.stored_key, again.stored_key, sizeof(v.stored_key)) != 0)
			abort();
	}
	buf_free(&is);
}

static void fuzz_netstrings(struct slice text)
{
	struct slice rest = text, field;
	while (netstring_take(&rest, 1000, &field) == STEP_DONE)
		if (field.len > 1000 || field.ptr < text.ptr ||
		    field.ptr + field.len >= text.ptr + text.len)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	fuzz_settings(text);
	fuzz_verifier(text);
	fuzz_netstrings(text);
	return 0;
}
