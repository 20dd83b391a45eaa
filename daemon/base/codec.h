/* codec - bytes to text and back, integers to bytes and back, checksums.
 *
 * Integers in files are little-endian (every target but one is). Nothing here allocates.
 * Streaming base64 and quoted-printable for mail bodies are in mail/transfer.h. */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include "base/buf.h"

static inline void put_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}
static inline void put_u32(uint8_t *p, uint32_t v)
{
	put_u16(p, (uint16_t)v);
	put_u16(p + 2, (uint16_t)(v >> 16));
}
static inline void put_u64(uint8_t *p, uint64_t v)
{
	put_u32(p, (uint32_t)v);
	put_u32(p + 4, (uint32_t)(v >> 32));
}
static inline uint16_t get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}
static inline uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)get_u16(p) | (uint32_t)get_u16(p + 2) << 16;
}
static inline uint64_t get_u64(const uint8_t *p)
{
	return (uint64_t)get_u32(p) | (uint64_t)get_u32(p + 4) << 32;
}

enum { VARINT_MAX_BYTES = 10 };
size_t varint_put(uint8_t *dst, uint64_t value); /* LEB128; at most VARINT_MAX_BYTES; returns length */
/* Takes a varint off the front of *src. ERR_SYNTAX when cut short or longer than 10 bytes. */
MUST_CHECK enum err varint_get(struct slice *src, uint64_t *value_out);

/* CRC-32C (Castagnoli, RFC 3720 B.4). Start with 0; feed the result back in to go on. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t n);
/* The same without the processor's own instruction, which crc32c uses where there is one. */
uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t n);

/* Base64 with padding, one line (RFC 4648 4). Decoding is strict: no white space, canonical padding. */
MUST_CHECK enum err base64_add(struct buf *dst, struct slice src);
MUST_CHECK enum err base64_decode(struct slice src, struct buf *dst); /* appends; ERR_SYNTAX */
MUST_CHECK enum err hex_add(struct buf *dst, struct slice src);       /* lower case */
MUST_CHECK enum err hex_decode(struct slice src, struct buf *dst);    /* either case */
/* Exactly n bytes, else ERR_SYNTAX. */
MUST_CHECK enum err hex_decode_to(struct slice src, void *dst, size_t n);

#endif
