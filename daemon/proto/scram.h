/* scram - the arithmetic of SCRAM-SHA-256 (RFC 5802 3, RFC 7677), without its messages.
 *
 * scram_make_verifier and scram_check_password are declared in proto/sasl.h. All of it may be
 * called on any thread. Secrets in between are wiped. */
#ifndef PROTO_SCRAM_H
#define PROTO_SCRAM_H

#include "proto/sasl.h"

enum {
	SCRAM_KEY_BYTES = 32,
	SCRAM_ITERATIONS_MIN = 4096, /* RFC 7677 4 */
	SCRAM_PASSWORD_MAX_BYTES = 1024, /* longer ones are refused before any work is done */
};

/* True when the proof shows that the client knows the password (constant time). */
bool scram_proof_is_right(const struct scram_verifier *v, struct slice auth_message,
                          const uint8_t proof[SCRAM_KEY_BYTES]);
/* What convinces the client that the server knows the verifier ("v="). */
MUST_CHECK enum err scram_server_signature(const struct scram_verifier *v,
                                           struct slice auth_message,
                                           uint8_t signature_out[SCRAM_KEY_BYTES]);

/* The place of the first verifier that the password belongs to; n: none. Those that stand together
 * with the same salt and rounds are stretched once. Slow; any thread. */
size_t scram_find_password(const struct scram_verifier *v, size_t n, struct slice password);

/* RFC 4013 as far as proto/sasl.h says. Appends. ERR_SYNTAX: holds control characters. */
MUST_CHECK enum err sasl_prepare(struct slice text, struct buf *dst);

#endif
