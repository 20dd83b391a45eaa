/* transfer - content transfer encodings, streaming both ways (RFC 2045 6).
 *
 * Decoders take any chunking and stop when the output is full; they can go on at any byte. They are
 * tolerant like clients: base64 skips what is not in its alphabet and goes on behind padding;
 * quoted-printable passes a lone "=" and lower-case digits, drops blanks at line ends, accepts soft
 * line breaks with trailing blanks and bare LF. Nothing allocates besides the output buffer. */
#ifndef MAIL_TRANSFER_H
#define MAIL_TRANSFER_H

#include "base/buf.h"

enum transfer_encoding {
	TRANSFER_IDENTITY, /* 7bit, 8bit, binary, or no field at all */
	TRANSFER_QUOTED_PRINTABLE,
	TRANSFER_BASE64,
	TRANSFER_UNKNOWN, /* some other word: BINARY answers UNKNOWN-CTE (RFC 3516 4.3) */
};

/* The mechanism in a value of Content-Transfer-Encoding: its first word, comments passed over; empty
 * when there is none. What stands behind it, such as the ";" of some mailers, says nothing. */
struct slice transfer_name(struct slice value);
/* The same as a number; case does not matter. */
enum transfer_encoding transfer_by_name(struct slice value);

enum { TRANSFER_HELD_MAX = 80 }; /* longer runs of blanks are taken as text */

struct transfer_decoder {
	enum transfer_encoding encoding;
	uint32_t bits;    /* base64: digits collected */
	uint8_t count;    /* base64: how many of four */
	uint8_t state;    /* quoted-printable: what `held` may become */
	uint8_t held_len;
	uint8_t held[TRANSFER_HELD_MAX]; /* quoted-printable: bytes whose meaning is still open */
	bool is_damaged;  /* something had to be skipped or guessed */
};

void transfer_decode_init(struct transfer_decoder *d, enum transfer_encoding encoding);
/* Decodes from the front of *src into dst until either *src is empty (ERR_NONE) or dst is nearly at
 * its ceiling (ERR_LIMIT: consume from dst and call again). The ceiling must be 256 bytes at
 * least. */
MUST_CHECK enum err transfer_decode(struct transfer_decoder *d, struct slice *src, struct buf *dst);
/* The input ended: gives out what is still held (at most TRANSFER_HELD_MAX bytes). */
MUST_CHECK enum err transfer_decode_end(struct transfer_decoder *d, struct buf *dst);

/* Encoders for mail that we write ourselves: lines of at most 76 characters, CRLF ends.
 * quoted-printable takes text whose lines end in CRLF or LF; all other controls are encoded. */
struct transfer_encoder {
	enum transfer_encoding encoding;
	uint8_t held[2]; /* base64: a group begun; quoted-printable: a blank or CR */
	uint8_t held_len;
	uint8_t column;
};

void transfer_encode_init(struct transfer_encoder *e, enum transfer_encoding encoding);
/* All or nothing per call: ERR_LIMIT or ERR_NOMEM leave dst and the encoder untouched. */
MUST_CHECK enum err transfer_encode(struct transfer_encoder *e, struct slice src, struct buf *dst);
MUST_CHECK enum err transfer_encode_end(struct transfer_encoder *e, struct buf *dst);

#endif
