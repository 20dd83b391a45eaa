/* imap_binary - BINARY[...]: a part without its transfer encoding (RFC 3516, RFC 9051 6.4.5).
 *
 * The decoded length must be known before the first octet, so an encoded part is read and decoded
 * twice: once to count, once to send. Nothing of it is held but one piece. */
#ifndef PROTO_IMAP_BINARY_H
#define PROTO_IMAP_BINARY_H

#include "mail/transfer.h"
#include "proto/imap/imap_section.h"

struct imap_binary {
	struct summary_range range;      /* of the message: the encoded octets */
	enum transfer_encoding encoding;
	struct transfer_decoder decoder;
	struct buf decoded;              /* one piece; kept for the next message */
	uint64_t at;                     /* encoded octets read */
	uint64_t total, skip, left;      /* decoded octets */
	bool has_nul;                    /* must be sent as literal8 */
	bool is_counting, is_at_end;
};

void imap_binary_init(struct imap_binary *b);
void imap_binary_free(struct imap_binary *b); /* fine on a zeroed one */

/* Finds the part. ERR_NOT_FOUND: NIL. ERR_UNSUPPORTED: the encoding has an unknown name. */
MUST_CHECK enum err imap_binary_begin(struct imap_binary *b, const struct imap_section *section,
                                      const struct summary *summary, struct arena *arena);
/* As imap_extract_count and imap_extract_send. */
MUST_CHECK enum err imap_binary_count(struct imap_session *s, struct imap_binary *b,
                                      const struct imap_section *section,
                                      const struct msg_info *info);
MUST_CHECK enum err imap_binary_send(struct imap_session *s, struct imap_binary *b,
                                     const struct msg_info *info, struct buf *dst);

#endif
