/* letters.h - the messages of the load generator: always the same ones, whoever is measured.
 *
 * A letter is a whole RFC 5322 message with CRLF line ends, no line that starts with a dot, and
 * the header of mail that came through a list and two relays. Small ones are multipart/alternative
 * (text and HTML), larger ones multipart/mixed with an attachment in base64. About one in a hundred
 * has the word "lighthouse" in its text and one in fifty in its subject. */
#pragma once

#include <stddef.h>

enum { LETTERS_POOL = 200 };

struct letter {
	char *text;
	size_t len;
};

/* Makes the pool: every letter of size octets, or with size 0 of mixed sizes: 2 KiB (60 %),
 * 20 KiB (30 %), 200 KiB (10 %) in every ten that follow each other. Call it once. */
void letters_make(unsigned size);

/* The k-th letter of a client's; the letters of different clients are out of step. */
const struct letter *letters_pick(unsigned client, unsigned k);
