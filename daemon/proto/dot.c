#include "proto/dot.h"

/* --- out -------------------------------------------------------------------------------------- */

size_t dot_write(struct dot_writer *w, struct slice in, uint8_t *dst)
{
	size_t len = 0;
	for (size_t i = 0; i < in.len; i++) {
		if (in.ptr[i] == '.' && (!w->has_begun || w->last == '\n'))
			dst[len++] = '.';
		dst[len++] = in.ptr[i];
		w->has_begun = true;
		w->before_last = w->last;
		w->last = in.ptr[i];
	}
	return len;
}

struct slice dot_write_end(const struct dot_writer *w)
{
	bool is_at_start = !w->has_begun || (w->before_last == '\r' && w->last == '\n');
	return is_at_start ? SLICE_LIT(".\r\n") : SLICE_LIT("\r\n.\r\n");
}

/* --- in --------------------------------------------------------------------------------------- */

/* The state after an octet of text, whatever came before it. */
static enum dot_state dot_text(struct dot_reader *r, uint8_t byte, bool after_cr)
{
	if (byte == '\n') {
		r->has_bare_lf |= !after_cr;
		return after_cr ? DOT_LINE_START : DOT_IN_LINE;
	}
	r->has_bare_cr |= after_cr;
	r->has_nul |= byte == 0;
	return byte == '\r' ? DOT_AFTER_CR : DOT_IN_LINE;
}

enum step dot_read(struct dot_reader *r, struct slice *in, uint8_t *dst, size_t *len_out)
{
	size_t len = 0;
	*len_out = 0;
	while (in->len && r->state != DOT_END) {
		uint8_t byte = in->ptr[0];
		*in = slice_from(*in, 1);
		switch (r->state) {
		case DOT_LINE_START:
			if (byte == '.') {
				r->state = DOT_AFTER_DOT;
				continue;
			}
			r->state = dot_text(r, byte, false);
			break;
		case DOT_IN_LINE: r->state = dot_text(r, byte, false); break;
		case DOT_AFTER_CR: r->state = dot_text(r, byte, true); break;
		case DOT_AFTER_DOT:
			/* The dot is gone, whatever follows (RFC 5321 4.5.2). */
			if (byte == '\r') {
				r->state = DOT_AFTER_DOT_CR;
				continue;
			}
			r->state = dot_text(r, byte, false);
			break;
		case DOT_AFTER_DOT_CR:
			if (byte == '\n') {
				r->state = DOT_END;
				continue;
			}
			dst[len++] = '\r';
			r->state = dot_text(r, byte, true);
			break;
		case DOT_END: break;
		}
		dst[len++] = byte;
	}
	*len_out = len;
	return r->state == DOT_END ? STEP_DONE : STEP_MORE;
}

void dot_inspect(struct dot_reader *r, struct slice in, bool is_last)
{
	for (size_t i = 0; i < in.len; i++)
		r->state = dot_text(r, in.ptr[i], r->state == DOT_AFTER_CR);
	if (is_last)
		r->has_bare_cr |= r->state == DOT_AFTER_CR;
}
