/* encword - encoded words in header values to UTF-8 (RFC 2047, language tags of RFC 2231 5).
 *
 * "=?charset?Q or B?text?=" becomes text; blanks between two adjacent words vanish; a character
 * that was split over two words of one charset is joined. Whatever is not a well-formed encoded
 * word stays as it is; raw 8-bit bytes that are not UTF-8 are read as windows-1252. Words are also
 * recognised inside quoted strings and next to other text, as clients do. Linear time. */
#ifndef MAIL_ENCWORD_H
#define MAIL_ENCWORD_H

#include "base/buf.h"

/* Appends at most what the buffer takes: ERR_LIMIT means that the text was cut at a whole character
 * and what fits is there. `value` may be folded. */
MUST_CHECK enum err encword_decode(struct slice value, struct buf *dst);

#endif
