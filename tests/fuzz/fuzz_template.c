/* Templates of the page with any model: whatever a value holds, no markup of its own comes out. The
 * input is a template, a NUL, and JSON. */
#include <stdlib.h>

#include "app/web_template.h"

static struct slice whole;

/* Every part is the template itself, every text too. */
static bool same_part(const struct web_template_source *source, struct slice name,
		      struct slice *text_out)
{
	(void)source;
	*text_out = whole;
	return name.len % 2;
}

static const struct web_template_source source = {same_part, same_part};

static void check_escape(struct slice value)
{
	struct buf out;
	buf_init(&out, 8 * value.len + 1);
	if (web_escape(value, &out))
		abort();
	for (size_t i = 0; i < out.len; i++)
		if (strchr("<>\"'", buf_view(&out).ptr[i]) || !buf_view(&out).ptr[i])
			abort();
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size);
	struct buf out;
	whole = slice_split(&rest, 0);
	struct model *model = NULL;
	if (model_parse(rest, &model) && model)
		abort();
	buf_init(&out, 64 * 1024);
	enum err err = web_template_fill(&source, whole, model, &out);
	if (err && err != ERR_SYNTAX && err != ERR_NOT_FOUND && err != ERR_LIMIT)
		abort();
	buf_clear(&out);
	if (web_template_fill_text(&source, whole, model, &out) == ERR_STATE)
		abort();
	buf_free(&out);
	model_free(model);
	check_escape(slice_of(data, size));
	return 0;
}
