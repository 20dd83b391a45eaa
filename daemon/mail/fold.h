/* fold - upper and lower case made equal, for searching (Unicode simple case folding).
 *
 * Maps one code point to one code point by a table of ranges (1.5 KiB) over the Basic Multilingual
 * Plane: every script with case that mail is written in, final sigma and long s included. It knows
 * no locale (Turkish dotted i stays apart) and does not take accents off (RFC 5051 would). */
#ifndef MAIL_FOLD_H
#define MAIL_FOLD_H

#include "base/buf.h"

enum { FOLD_UTF8_MAX = 4 }; /* bytes of one encoded code point */

uint32_t fold_code_point(uint32_t c);

/* Takes the next code point off the front of *s, which must not be empty. An ill-formed byte is
 * taken alone and reads as U+FFFD. */
uint32_t fold_utf8_take(struct slice *s);
/* Length of the sequence that starts with this byte, by the byte alone; 1 when it starts none. */
size_t fold_utf8_len(uint8_t first);
/* Encodes a code point up to U+10FFFF; returns the length. */
size_t fold_utf8_put(uint32_t c, uint8_t dst[FOLD_UTF8_MAX]);

/* Appends the folded form of UTF-8 text. */
MUST_CHECK enum err fold_add(struct buf *dst, struct slice utf8);

#endif
