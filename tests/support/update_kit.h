/* update_kit.h - updates of a board's system, signed by a key that is made once in each program. */
#pragma once

#include "app/update_container.h"
#include "base/buf.h"

/* The lines in front of sha256= and the signature; payload and its hash are made up to fit. */
struct update_kit {
	const char *board, *version;
	unsigned store_format;
	uint32_t kernel_size, root_size;
	const char *first; /* lines in front of all others; NULL: none */
};
/* Appended: header and payload. */
void update_kit_make(const struct update_kit *kit, struct buf *dst);
/* This text, signed, as a whole header: whatever it says. */
void update_kit_sign(const char *text, struct buf *dst);
struct slice update_kit_key(void); /* PEM of the public key, with its NUL */

/* A medium in memory; reads, writes and syncs are counted down to one that fails. */
struct memory_medium {
	struct update_medium medium; /* first */
	uint8_t *bytes;
	unsigned fails_at; /* 1: the next call; 0: never. It goes on failing */
};
void memory_medium_open(struct memory_medium *m, uint8_t *bytes, size_t size);
