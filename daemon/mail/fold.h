/* fold - upper and lower case made equal, for searching (Unicode simple case folding, part of it).
 *
 * Covers ASCII, Latin-1, Latin Extended-A/B and Additional, Greek (final sigma too), Cyrillic, Armenian,
 * Georgian capitals and full-width letters: the scripts that have case and that mail is written in. Maps one code
 * point to one code point, knows no locale, does not decompose accents (RFC 5051 would). */
#ifndef MAIL_FOLD_H
#define MAIL_FOLD_H

#include "base/buf.h"

uint32_t fold_code_point(uint32_t c);

/* Next code point of UTF-8 at the front of *s (which must not be empty). Ill-formed bytes come out one by one as U+FFFD. */
uint32_t fold_utf8_next(struct slice *s);

/* Appends the folded form of UTF-8 text; ill-formed bytes become U+FFFD. */
MUST_CHECK enum err fold_add(struct buf *dst, struct slice utf8);

#endif
