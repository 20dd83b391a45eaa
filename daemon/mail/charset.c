#include "mail/charset.h"

#include <errno.h>

#include "mail/fold.h"
#include "mail/lexical.h"

static const uint8_t replacement[3] = {0xEF, 0xBF, 0xBD}; /* U+FFFD */

/* windows-1252 0x80-0x9F. The five codes that mean nothing stay C1 controls, as browsers do. */
static const uint16_t cp1252_high[32] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

/* ---- names ---- */

/* Names that mail uses for something that iconv knows by another name, or for which the larger set
 * is what was really meant: each row's first word stands for all of them. */
static const char *const charset_aliases[] = {
	"us-ascii\0"
	"ascii\0"
	"ansi_x3.4-1968\0"
	"646\0",
	"utf-8\0"
	"utf8\0"
	"unicode-1-1-utf-8\0",
	"windows-1252\0"
	"latin1\0"
	"iso-8859-1\0"
	"iso8859-1\0"
	"iso_8859-1\0"
	"cp1252\0",
	"GB18030\0"
	"gb2312\0"
	"gbk\0"
	"x-gbk\0",
	"HZ\0"
	"hz-gb-2312\0",
	"CP949\0"
	"ks_c_5601-1987\0"
	"ks_c_5601\0"
	"euc-kr\0",
	"CP932\0"
	"shift_jis\0"
	"shift-jis\0"
	"x-sjis\0"
	"sjis\0"
	"windows-31j\0",
	"ISO-8859-8\0"
	"iso-8859-8-i\0"
	"iso-8859-8-e\0",
	"CP1254\0"
	"iso-8859-9\0",
	"CP874\0"
	"tis-620\0"
	"windows-874\0",
	"MACINTOSH\0"
	"x-mac-roman\0",
	"UTF-7\0"
	"unicode-1-1-utf-7\0"
	"x-unicode-2-0-utf-7\0",
	"BIG5\0"
	"x-big5\0",
};

/* A clean, NUL-terminated name, through the aliases. False for what cannot be a charset's name: "/"
 * would reach iconv's options. */
static bool charset_name(struct slice name, char dst[CHARSET_NAME_MAX])
{
	name = slice_trim(name);
	while (name.len && name.ptr[0] == '"')
		name = slice_from(name, 1);
	while (name.len && name.ptr[name.len - 1] == '"')
		name.len--;
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alpha(name.ptr[i]) && !ascii_is_digit(name.ptr[i]) &&
		    !strchr("-_.:()", name.ptr[i]))
			return false;
	for (size_t i = 0; i < sizeof(charset_aliases) / sizeof(*charset_aliases); i++)
		if (lexical_word_find(charset_aliases[i], name) != SIZE_MAX)
			name = slice_str(charset_aliases[i]);
	return name.len && slice_to_str(name, dst, CHARSET_NAME_MAX) == ERR_NONE;
}

static bool name_is(const char *name, const char *wanted)
{
	return slice_eq_str_nocase(slice_str(name), wanted);
}

static enum charset_kind kind_by_name(const char *name)
{
	if (name_is(name, "utf-8"))
		return CHARSET_UTF8;
	if (name_is(name, "windows-1252"))
		return CHARSET_WINDOWS_1252;
	return name_is(name, "us-ascii") ? CHARSET_GUESS : CHARSET_ICONV;
}

void charset_open(struct charset_decoder *d, struct slice name)
{
	char clean[CHARSET_NAME_MAX];
	*d = (struct charset_decoder){.kind = CHARSET_GUESS};
	if (!charset_name(name, clean))
		return;
	d->kind = kind_by_name(clean);
	if (d->kind != CHARSET_ICONV)
		return;
	d->iconv = iconv_open("UTF-8", clean);
	if (d->iconv == (iconv_t)-1)
		d->kind = CHARSET_GUESS;
}

void charset_close(struct charset_decoder *d)
{
	if (d->kind == CHARSET_ICONV)
		iconv_close(d->iconv);
	*d = (struct charset_decoder){.kind = CHARSET_GUESS};
}

bool charset_is_known(struct slice name)
{
	char clean[CHARSET_NAME_MAX];
	struct charset_decoder d;
	if (!charset_name(name, clean))
		return false;
	if (kind_by_name(clean) != CHARSET_ICONV)
		return true;
	charset_open(&d, name);
	bool is_known = d.kind == CHARSET_ICONV;
	charset_close(&d);
	return is_known;
}

/* ---- UTF-8, windows-1252, and guessing between them ---- */

enum { SEQUENCE_IS_CUT = 0 };

/* What the bytes at p begin: n > 0: a character of n bytes; -n: n bytes that are none; 0: the start
 * of one, cut off by the end. */
static int utf8_sequence(const uint8_t *p, size_t len)
{
	uint8_t c = p[0];
	int need = c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
	if (need == 0)
		return -1;
	for (int i = 1; i < need; i++) {
		if ((size_t)i == len)
			return SEQUENCE_IS_CUT;
		uint8_t low = 0x80, high = 0xBF;
		if (i ==
		    1) { /* RFC 3629 4: no overlong forms, no surrogates, nothing above U+10FFFF */
			low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
			high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
		}
		if (p[i] < low || p[i] > high)
			return -i;
	}
	return need;
}

static enum err add_cp1252(struct buf *dst, uint8_t c)
{
	uint32_t code = c >= 0x80 && c < 0xA0 ? cp1252_high[c - 0x80] : c;
	uint8_t utf8[FOLD_UTF8_MAX];
	return buf_add(dst, utf8, fold_utf8_put(code, utf8));
}

/* Bytes that are no UTF-8. */
static enum err add_bad(struct charset_decoder *d, const uint8_t *bytes, size_t n, struct buf *dst)
{
	enum err err = ERR_NONE;
	if (d->kind == CHARSET_UTF8) {
		d->is_damaged = true;
		return buf_add(dst, replacement, sizeof(replacement));
	}
	for (size_t i = 0; i < n && !err; i++)
		err = add_cp1252(dst, bytes[i]);
	return err;
}

/* Length of the run of ASCII at the front, eight bytes at a time. */
static size_t ascii_run(struct slice s)
{
	size_t i = 0;
	for (; i + 8 <= s.len; i += 8) {
		uint64_t word;
		memcpy(&word, s.ptr + i, sizeof(word));
		if (word & 0x8080808080808080u)
			break;
	}
	while (i < s.len && s.ptr[i] < 0x80)
		i++;
	return i;
}

/* Length of the run of whole characters at the front. */
static size_t good_run(const struct charset_decoder *d, struct slice s)
{
	size_t n = ascii_run(s);
	while (d->kind != CHARSET_WINDOWS_1252 && n < s.len) {
		int sequence = utf8_sequence(s.ptr + n, s.len - n);
		if (sequence <= 0)
			break;
		n += (size_t)sequence;
		n += ascii_run(slice_from(s, n));
	}
	return n;
}

/* A character that an earlier chunk began. */
static enum err decode_held(struct charset_decoder *d, struct slice *src, struct buf *dst)
{
	int sequence = utf8_sequence(d->held, d->held_len);
	if (sequence == SEQUENCE_IS_CUT) {
		if (src->len == 0)
			return ERR_NONE;
		d->held[d->held_len++] = src->ptr[0];
		*src = slice_from(*src, 1);
		return ERR_NONE;
	}
	size_t n = (size_t)(sequence < 0 ? -sequence : sequence);
	enum err err = sequence > 0 ? buf_add(dst, d->held, n) : add_bad(d, d->held, n, dst);
	if (err)
		return err;
	d->held_len = (uint8_t)(d->held_len - n);
	memmove(d->held, d->held + n, d->held_len);
	return ERR_NONE;
}

static enum err decode_bytes(struct charset_decoder *d, struct slice *src, struct buf *dst)
{
	enum { WORST_STEP = 9 }; /* three bad bytes, read as windows-1252 */
	enum err err = ERR_NONE;
	while (!err && (src->len || (d->held_len && utf8_sequence(d->held, d->held_len)))) {
		size_t n = 0;
		if (buf_left(dst) < WORST_STEP)
			return ERR_LIMIT;
		if (d->held_len) {
			err = decode_held(d, src, dst);
			continue;
		}
		/* Looking no further than there is room keeps a long source linear. */
		struct slice run = slice_upto(*src, buf_left(dst));
		run.len = good_run(d, run);
		if (run.len) {
			n = run.len;
			err = buf_add_slice(dst, run);
		} else if (d->kind == CHARSET_WINDOWS_1252) {
			err = add_cp1252(dst, src->ptr[0]);
			n = 1;
		} else {
			int sequence = utf8_sequence(src->ptr, src->len);
			n = sequence < 0 ? (size_t)-sequence : src->len;
			if (sequence < 0) {
				err = add_bad(d, src->ptr, n, dst);
			} else {
				memcpy(d->held, src->ptr, n);
				d->held_len = (uint8_t)n;
			}
		}
		if (!err)
			*src = slice_from(*src, n);
	}
	return err;
}

/* ---- iconv ---- */

enum { ICONV_ROOM = 1024, ICONV_MIN_ROOM = 16 };

/* Some iconvs let through what is no Unicode (surrogates, code points above U+10FFFF). */
static void clean_output(struct charset_decoder *d, uint8_t *bytes, size_t len)
{
	size_t n = 0;
	while ((n += good_run(d, slice_of(bytes + n, len - n))) < len) {
		bytes[n++] = '?';
		d->is_damaged = true;
	}
}

/* Runs iconv over `in` as far as it goes; *used_out bytes were taken. *reason_out is 0 or errno. */
static enum err iconv_run(struct charset_decoder *d, struct slice in, struct buf *dst,
			  size_t *used_out, int *reason_out)
{
	size_t left = buf_left(dst), room_len = left < ICONV_ROOM ? left : ICONV_ROOM;
	uint8_t *room = NULL;
	enum err err = left < ICONV_MIN_ROOM ? ERR_LIMIT : buf_reserve(dst, room_len, &room);
	*used_out = 0;
	if (err)
		return err;
	char *from = (char *)(uintptr_t)in.ptr, *to = (char *)room;
	size_t from_left = in.len, to_left = room_len;
	*reason_out = iconv(d->iconv, &from, &from_left, &to, &to_left) == (size_t)-1 ? errno : 0;
	*used_out = in.len - from_left;
	clean_output(d, room, room_len - to_left);
	buf_commit(dst, room_len - to_left);
	return ERR_NONE;
}

static enum err add_replacement(struct charset_decoder *d, struct buf *dst)
{
	d->is_damaged = true;
	return buf_add(dst, replacement, sizeof(replacement));
}

/* Converts held bytes together with the next ones. */
static enum err iconv_held(struct charset_decoder *d, struct slice *src, struct buf *dst)
{
	uint8_t window[CHARSET_HELD_MAX];
	size_t more = sizeof(window) - d->held_len, used = 0;
	int reason = 0;
	if (more > src->len)
		more = src->len;
	memcpy(window, d->held, d->held_len);
	if (more)
		memcpy(window + d->held_len, src->ptr, more);
	size_t len = d->held_len + more;
	enum err err = iconv_run(d, slice_of(window, len), dst, &used, &reason);
	if (err)
		return err;
	if (used == 0 && reason != E2BIG && (reason == EILSEQ || len == sizeof(window))) {
		err = add_replacement(d, dst);
		used = 1;
	}
	if (err)
		return err;
	if (used >= d->held_len) {
		*src = slice_from(*src, used - d->held_len);
		d->held_len = 0;
	} else if (used) {
		d->held_len = (uint8_t)(d->held_len - used);
		memmove(d->held, d->held + used, d->held_len);
	} else if (reason == EINVAL) { /* all of it is one unfinished character */
		memcpy(d->held, window, len);
		d->held_len = (uint8_t)len;
		*src = slice_from(*src, more);
	}
	return reason == E2BIG && used == 0 ? ERR_LIMIT : ERR_NONE;
}

static enum err decode_iconv(struct charset_decoder *d, struct slice *src, struct buf *dst)
{
	while (src->len) {
		size_t used = 0;
		int reason = 0;
		enum err err;
		if (d->held_len) {
			err = iconv_held(d, src, dst);
			if (err)
				return err;
			continue;
		}
		err = iconv_run(d, *src, dst, &used, &reason);
		if (err)
			return err;
		*src = slice_from(*src, used);
		if (reason == EINVAL && src->len <= CHARSET_HELD_MAX) {
			memcpy(d->held, src->ptr, src->len);
			d->held_len = (uint8_t)src->len;
			*src = slice_from(*src, src->len);
		} else if (reason == EILSEQ || reason == EINVAL) {
			err = add_replacement(d, dst);
			if (err)
				return err;
			*src = slice_from(*src, 1);
		} else if (reason == E2BIG && used == 0) {
			return ERR_LIMIT;
		}
	}
	return ERR_NONE;
}

/* ---- public ---- */

enum err charset_decode(struct charset_decoder *d, struct slice *src, struct buf *dst)
{
	return d->kind == CHARSET_ICONV ? decode_iconv(d, src, dst) : decode_bytes(d, src, dst);
}

enum err charset_decode_end(struct charset_decoder *d, struct buf *dst)
{
	enum err err = ERR_NONE;
	if (d->held_len && d->kind == CHARSET_ICONV)
		err = add_replacement(d, dst);
	else if (d->held_len)
		err = add_bad(d, d->held, d->held_len, dst);
	if (err)
		return err;
	d->held_len = 0;
	if (d->kind == CHARSET_ICONV)
		iconv(d->iconv, NULL, NULL, NULL, NULL);
	return ERR_NONE;
}

enum err charset_to_utf8(struct slice name, struct slice src, struct buf *dst)
{
	struct charset_decoder d;
	charset_open(&d, name);
	enum err err = charset_decode(&d, &src, dst);
	if (!err)
		err = charset_decode_end(&d, dst);
	charset_close(&d);
	return err;
}
