/* Settings file, verifiers, netstrings and login names: what is accepted comes back the same. */
#include <stdlib.h>

#include "app/conf_file.h"
#include "app/control.h"

/* What a user has for himself is taken again, and says the same. */
static void fuzz_override(const struct conf *c, struct override *own)
{
	struct overrides again = {0};
	struct buf is;
	buf_init(&is, 1024);
	for (size_t i = 0; i < setting_count; i++) {
		buf_clear(&is);
		if (override_has(own, &setting_table[i]) &&
		    (setting_get(policy_rows(&own->policy), &setting_table[i], &is) ||
		     overrides_set(&again, slice_str(own->name), &setting_table[i], buf_view(&is),
				   LANG_ID, NULL)))
			abort();
	}
	struct override *copy = overrides_find(&again, slice_str(own->name));
	if (!copy || memcmp(copy->own, own->own, sizeof(own->own)) != 0 ||
	    overrides_find(&c->overrides, slice_str(own->name)) != own)
		abort();
	overrides_free(&again);
	buf_free(&is);
}

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
	for (struct override *own = overrides_next(&c.overrides, NULL); own;
	     own = overrides_next(&c.overrides, own))
		fuzz_override(&c, own);
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

static void fuzz_login_name(struct slice text)
{
	char device[DEVICE_LABEL_MAX_BYTES + 1];
	struct slice folder;
	bool is_recent;
	login_split_detail(login_take_recent(text, &is_recent), device, &folder);
	if (folder.len > text.len || strlen(device) > DEVICE_LABEL_MAX_BYTES)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	fuzz_settings(text);
	fuzz_verifier(text);
	fuzz_netstrings(text);
	fuzz_login_name(text);
	return 0;
}
