/* qr_svg - a text as a QR code (ISO/IEC 18004, by libqrencode), drawn as SVG.
 *
 * One path of horizontal runs on a white ground, with the quiet zone of four modules that readers
 * need; scales without blur. */
#ifndef APP_QR_SVG_H
#define APP_QR_SVG_H

#include "base/buf.h"

enum { QR_TEXT_MAX = 512, QR_SVG_MAX_BYTES = 128 * 1024 };

/* label: for who cannot see it. ERR_LIMIT: the text is too long. */
MUST_CHECK enum err qr_svg(const char *text, const char *label, struct buf *dst);

#endif
