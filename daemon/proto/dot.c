#include "proto/dot.h"

enum { DOT_RUN_MAX = 512 };

/* --- out -------------------------------------------------------------------------------------- */

size_t dot_write(struct dot_writer *w, struct slice in, uint8_t *dst)
{
	size_t len = 0;
	while (in.len) {
		size_t end = slice_find_byte(in, '\n');
		size_t n = end == SIZE_MAX ? in.len : end + 1;
		if (in.ptr[0] == '.' && (!w->has_begun || w->last == '\n'))
			dst[len++] = '.';
		memcpy(dst + len, in.ptr, n);
		len += n;
		w->has_begun = true;
		w->before_last = n > 1 ? in.ptr[n - 2] : w->last;
		w->last = in.ptr[n - 1];
		in = slice_from(in, n);
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

/* How many octets at the front are neither CR nor LF. Looks no further than a long line is, so that
 * text of nothing but line ends is not searched to its end at each of them. */
static size_t dot_run(struct dot_reader *r, struct slice in)
{
	struct slice run = slice_upto(in, DOT_RUN_MAX);
	run = slice_upto(run, slice_find_byte(run, '\r'));
	run = slice_upto(run, slice_find_byte(run, '\n'));
	r->has_nul = r->has_nul || slice_find_byte(run, '\0') != SIZE_MAX;
	return run.len;
}

enum step dot_read(struct dot_reader *r, struct slice *in, uint8_t *dst, size_t *len_out)
{
	size_t len = 0;
	*len_out = 0;
	while (in->len && r->state != DOT_END) {
		size_t run = r->state == DOT_IN_LINE ? dot_run(r, *in) : 0;
		if (run) {
			memcpy(dst + len, in->ptr, run);
			len += run;
			*in = slice_from(*in, run);
			continue;
		}
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
