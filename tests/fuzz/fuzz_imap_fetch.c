/* What a client may put behind "FETCH 1 ", then a line end, then a message: parses the items and
 * writes everything about the message that needs no store. Literals must have the length that was
 * promised, and nothing written may hold a bare CR, LF or NUL outside of them. */
#include <stdlib.h>

#include "proto/imap/imap_fetch.h"
#include "proto/imap/imap_structure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Skips literals by their announced length; what is left must be clean text. */
static void check_written(struct slice text)
{
	while (text.len) {
		uint8_t c = text.ptr[0];
		text = slice_from(text, 1);
		check(c && c != '\r' && c != '\n');
		if (c == '"') {
			while (text.len && text.ptr[0] != '"')
				text = slice_from(text, text.ptr[0] == '\\' ? 2 : 1);
			check(text.len);
			text = slice_from(text, 1);
		} else if (c == '{') {
			uint64_t len = 0;
			struct slice digits = slice_split(&text, '}');
			check(!slice_u64(digits, UINT32_MAX, &len));
			check(slice_starts(text, SLICE_LIT("\r\n")) && text.len - 2 >= len);
			text = slice_from(text, (size_t)len + 2);
		}
	}
}

static void write_structure(struct imap_out *o, const struct summary *summary, struct arena *arena,
			    bool is_extended)
{
	static struct imap_structure w;
	enum step step = STEP_MORE;
	imap_structure_begin(&w, summary, is_extended);
	while (step == STEP_MORE)
		step = imap_structure_step(&w, o, arena);
	check(step == STEP_DONE || o->err);
}

static void extract(struct imap_out *o, const struct fetch_item *item,
		    const struct summary *summary)
{
	struct imap_extract x = {0};
	enum err err = ERR_NONE;
	if (imap_extract_begin(&x, &item->section, summary))
		return;
	check(x.uses_kept || (uint64_t)x.whole.start + x.whole.len <= summary->size);
	if (x.uses_kept) {
		size_t before = o->buf->len;
		uint64_t promised = x.left;
		while (x.left && !err)
			err = imap_extract_send(NULL, &x, NULL, o->buf);
		check(err ? err == ERR_LIMIT : o->buf->len - before == promised);
		buf_truncate(o->buf, before);
	}
	imap_extract_end(&x);
}

static void write_item(struct imap_out *o, const struct fetch_item *item,
		       const struct summary *summary, struct arena *arena)
{
	struct summary_cursor cursor;
	struct summary_part root;
	buf_clear(o->buf);
	o->err = ERR_NONE;
	switch (item->kind) {
	case FETCH_ENVELOPE:
		summary_rewind(summary, &cursor);
		check(!summary_next(&cursor, &root));
		imap_write_envelope(o, &root, arena);
		break;
	case FETCH_BODY:
	case FETCH_BODYSTRUCTURE:
		write_structure(o, summary, arena, item->kind == FETCH_BODYSTRUCTURE);
		break;
	case FETCH_SECTION:
		extract(o, item, summary);
		imap_section_print(&item->section, o);
		break;
	default: break;
	}
	if (!o->err)
		check_written(buf_view(o->buf));
}

static void write_all(const struct fetch_request *request, const struct summary *summary,
		      struct arena *arena)
{
	struct buf written;
	struct imap_out out = {.buf = &written};
	buf_init(&written, 1024 * 1024);
	for (uint32_t i = 0; i < request->count; i++)
		write_item(&out, &request->items[i], summary, arena);
	buf_free(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = slice_of(data, size);
	struct slice command = slice_split(&message, '\n');
	struct arena arena;
	struct imap_lex lex;
	struct fetch_request request;
	struct summary_builder *builder = NULL;
	struct summary summary;
	struct buf blob;
	arena_init(&arena, 1024 * 1024);
	buf_init(&blob, SUMMARY_MAX_BYTES);
	lex_init(&lex, command, &arena, size % 2);
	if (fetch_request_parse(&lex, size % 3 == 0, &request) && !summary_new(&builder) &&
	    !summary_push(builder, message) && !summary_finish(builder, &blob) &&
	    !summary_open(buf_view(&blob), &summary))
		write_all(&request, &summary, &arena);
	summary_free(&builder);
	buf_free(&blob);
	arena_reset(&arena);
	return 0;
}
