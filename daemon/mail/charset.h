/* charset - text in any charset to UTF-8, streaming.
 *
 * us-ascii, utf-8, iso-8859-1 and windows-1252 are converted here; all others by the C library's
 * iconv. Output is always well-formed UTF-8: bytes that mean nothing become U+FFFD, one per bad
 * sequence, and never stop the conversion. us-ascii and unknown charsets with 8-bit bytes are read
 * as UTF-8 where the bytes are well-formed, else as windows-1252: what people meant, mostly. */
#ifndef MAIL_CHARSET_H
#define MAIL_CHARSET_H

#include <iconv.h>

#include "base/buf.h"

enum { CHARSET_NAME_MAX = 64, CHARSET_HELD_MAX = 16 };

enum charset_kind { CHARSET_UTF8, CHARSET_GUESS, CHARSET_WINDOWS_1252, CHARSET_ICONV };

struct charset_decoder {
	enum charset_kind kind;
	iconv_t iconv;                  /* open only for CHARSET_ICONV */
	uint8_t held[CHARSET_HELD_MAX]; /* a character that is not complete yet */
	uint8_t held_len;
	bool is_damaged;                /* at least one U+FFFD was written */
};

/* True when the name (RFC 2978, case does not matter, '"' and blanks around it allowed) can be
 * converted: SEARCH CHARSET answers BADCHARSET otherwise. */
bool charset_is_known(struct slice name);

/* Opens a decoder; an unknown or empty name gives CHARSET_GUESS. Cannot fail. */
void charset_open(struct charset_decoder *d, struct slice name);
/* Converts from the front of *src into dst until *src is empty (ERR_NONE) or dst is at its ceiling
 * (ERR_LIMIT: consume from dst, call again). The buffer's ceiling must be 16 bytes at least. */
MUST_CHECK enum err charset_decode(struct charset_decoder *d, struct slice *src, struct buf *dst);
/* The input ended: an incomplete character becomes U+FFFD; shift states are left. */
MUST_CHECK enum err charset_decode_end(struct charset_decoder *d, struct buf *dst);
void charset_close(struct charset_decoder *d); /* fine twice */

/* All of src at once; ERR_LIMIT: cut at a whole character, what fits is there. */
MUST_CHECK enum err charset_to_utf8(struct slice name, struct slice src, struct buf *dst);

#endif
