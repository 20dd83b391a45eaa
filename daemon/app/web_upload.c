#include "app/web_upload.h"

enum { UPLOAD_PIECE_BYTES = 16 * 1024 };

void web_upload_begin(struct http_exchange *x, struct web_upload *u)
{
	struct slice type = http_field(x, "Content-Type");
	buf_init(&u->held, UPLOAD_PIECE_BYTES);
	u->is_multipart = slice_starts_nocase(type, "multipart/");
	u->part = u->is_multipart ? -1 : 0;
	/* Without a boundary nothing can be found in it: read, and answered as empty. */
	if (u->is_multipart && multipart_init(&u->parts, type))
		u->is_over = true;
}

void web_upload_free(struct web_upload *u)
{
	multipart_free(&u->parts);
	buf_free(&u->held);
}

static void upload_fail(struct web_upload *u, enum err err)
{
	if (!u->failure)
		u->failure = err;
	u->is_over = true;
}

static int upload_part(const struct web_upload *u)
{
	for (int i = 0; u->wanted[i]; i++)
		if (strcmp(u->wanted[i], u->parts.name) == 0)
			return i;
	return -1;
}

/* Takes a piece off the bytes at hand, into `held`. */
static enum err upload_find(struct web_upload *u, struct slice *bytes)
{
	struct slice data = SLICE_EMPTY;
	if (!u->is_multipart) {
		data = *bytes;
		*bytes = SLICE_EMPTY;
		return buf_add_slice(&u->held, data);
	}
	switch (multipart_next(&u->parts, bytes, &data)) {
	case MULTIPART_MORE: break;
	case MULTIPART_PART: u->part = upload_part(u); break;
	case MULTIPART_DATA: return u->part >= 0 ? buf_add_slice(&u->held, data) : ERR_NONE;
	case MULTIPART_CLOSE: u->part = -1; break;
	case MULTIPART_END:
	case MULTIPART_BAD: u->is_over = true; break;
	}
	return ERR_NONE;
}

/* What is in `held`. False: not all of it was taken. */
static bool upload_use(struct http_exchange *x, struct web_upload *u)
{
	struct slice piece = buf_view(&u->held);
	enum err err = u->failure ? u->failure : u->use(x, u, &piece);
	if (err && err != ERR_AGAIN) {
		upload_fail(u, err);
		piece = SLICE_EMPTY;
	}
	buf_consume(&u->held, u->held.len - piece.len);
	return u->held.len == 0;
}

enum step web_upload_run(struct http_exchange *x, struct web_upload *u)
{
	while (!u->is_read && !http_must_pause(x)) {
		struct slice bytes = SLICE_EMPTY;
		if (u->held.len && !upload_use(x, u)) {
			if (waiter_is_waiting(http_waiter(x)))
				return STEP_MORE;
			continue;
		}
		enum step step = http_read(x, &bytes);
		if (step == STEP_BAD)
			upload_fail(u, ERR_SYNTAX);
		if (step == STEP_MORE && !bytes.len)
			return STEP_MORE;
		u->is_read = step != STEP_MORE;
		if (u->is_read)
			break;
		bytes = slice_upto(bytes, UPLOAD_PIECE_BYTES);
		size_t before = bytes.len;
		enum err err = u->is_over ? ERR_NONE : upload_find(u, &bytes);
		if (err)
			upload_fail(u, err);
		http_consume(x, u->is_over ? before : before - bytes.len);
	}
	return u->is_read ? STEP_DONE : STEP_MORE;
}
