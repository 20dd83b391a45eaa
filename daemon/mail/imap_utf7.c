#include "mail/imap_utf7.h"

#include "mail/fold.h"

static const char utf7_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static bool is_printable(uint32_t c)
{
	return c >= 0x20 && c < 0x7f;
}

/* The base64 between '&' and '-': bits come in sixes, leave in UTF-16 units, which may pair up. */
struct utf7_run {
	uint32_t bits;
	unsigned bit_count;
	uint32_t high; /* first half of a surrogate pair, or 0 */
};

static enum err run_unit(struct utf7_run *run, uint32_t unit, uint8_t *dst, size_t *len)
{
	bool is_low = unit >= 0xdc00 && unit < 0xe000;
	if (is_low != (run->high != 0))
		return ERR_SYNTAX;
	if (unit >= 0xd800 && unit < 0xdc00) {
		run->high = unit;
		return ERR_NONE;
	}
	if (is_low) {
		unit = 0x10000 + ((run->high - 0xd800) << 10) + (unit - 0xdc00);
		run->high = 0;
	}
	if (is_printable(unit) || unit == 0)
		return ERR_SYNTAX;
	*len += fold_utf8_put(unit, dst + *len);
	return ERR_NONE;
}

static enum err run_digit(struct utf7_run *run, uint8_t c, uint8_t *dst, size_t *len)
{
	const char *digit = c ? strchr(utf7_digits, c) : NULL;
	if (!digit)
		return ERR_SYNTAX;
	run->bits = (run->bits << 6 | (uint32_t)(digit - utf7_digits)) & 0x3fffff;
	run->bit_count += 6;
	if (run->bit_count < 16)
		return ERR_NONE;
	run->bit_count -= 16;
	return run_unit(run, run->bits >> run->bit_count & 0xffff, dst, len);
}

/* What is left at the end is padding: less than a digit, and zero. */
static bool run_is_whole(const struct utf7_run *run)
{
	return !run->high && run->bit_count < 6 && !(run->bits & ((1u << run->bit_count) - 1));
}

static enum err run_decode(struct slice digits, uint8_t *dst, size_t *len)
{
	struct utf7_run run = {0};
	for (size_t i = 0; i < digits.len; i++) {
		enum err err = run_digit(&run, digits.ptr[i], dst, len);
		if (err)
			return err;
	}
	return run_is_whole(&run) ? ERR_NONE : ERR_SYNTAX;
}

enum err imap_utf7_decode(struct slice utf7, struct arena *arena, struct slice *utf8_out)
{
	bool has_shift = false;
	for (size_t i = 0; i < utf7.len; i++) {
		if (!is_printable(utf7.ptr[i]))
			return ERR_SYNTAX;
		has_shift = has_shift || utf7.ptr[i] == '&';
	}
	*utf8_out = utf7;
	if (!has_shift)
		return ERR_NONE;

	/* Eight digits make three UTF-16 units, at most nine bytes of UTF-8. */
	uint8_t *dst = arena_alloc(arena, utf7.len * 2);
	if (!dst)
		return ERR_NOMEM;
	size_t len = 0, shift_ended_at = SIZE_MAX;
	for (size_t i = 0; i < utf7.len; i++) {
		if (utf7.ptr[i] != '&') {
			dst[len++] = utf7.ptr[i];
			continue;
		}
		struct slice digits = slice_from(utf7, i + 1);
		digits.len = slice_find_byte(digits, '-');
		if (digits.len == SIZE_MAX)
			return ERR_SYNTAX;
		if (!digits.len)
			dst[len++] = '&';
		else if (i == shift_ended_at || run_decode(digits, dst, &len))
			return ERR_SYNTAX;
		i += digits.len + 1;
		/* "&AOk-&AOk-" is a null shift; "&AOk-&-" is not. */
		shift_ended_at = digits.len ? i + 1 : SIZE_MAX;
	}
	*utf8_out = slice_of(dst, len);
	return ERR_NONE;
}

static enum err run_put(struct utf7_run *run, uint32_t unit, struct buf *dst)
{
	run->bits = run->bits << 16 | unit;
	run->bit_count += 16;
	enum err err = ERR_NONE;
	while (!err && run->bit_count >= 6) {
		run->bit_count -= 6;
		err = buf_add_byte(dst, (uint8_t)utf7_digits[run->bits >> run->bit_count & 0x3f]);
	}
	return err;
}

/* Writes the characters that need base64, up to the next printable one. */
static enum err run_encode(struct slice *utf8, struct buf *dst)
{
	struct utf7_run run = {0};
	enum err err = buf_add_byte(dst, '&');
	while (!err && utf8->len && !is_printable(utf8->ptr[0])) {
		/* Bytes that are no character count one by one as U+FFFD, and so do controls. */
		uint32_t c = fold_utf8_take(utf8);
		if (c < 0x20 || c == 0x7f)
			c = 0xfffd;
		if (c >= 0x10000) {
			err = run_put(&run, 0xd800 + ((c - 0x10000) >> 10), dst);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		if (!err)
			err = run_put(&run, c, dst);
	}
	if (!err && run.bit_count) {
		uint32_t last = run.bits << (6 - run.bit_count) & 0x3f;
		err = buf_add_byte(dst, (uint8_t)utf7_digits[last]);
	}
	return err ? err : buf_add_byte(dst, '-');
}

enum err imap_utf7_encode(struct slice utf8, struct buf *dst)
{
	enum err err = ERR_NONE;
	while (!err && utf8.len) {
		uint8_t c = utf8.ptr[0];
		if (!is_printable(c)) {
			err = run_encode(&utf8, dst);
			continue;
		}
		err = c == '&' ? buf_add_str(dst, "&-") : buf_add_byte(dst, c);
		utf8 = slice_from(utf8, 1);
	}
	return err;
}
