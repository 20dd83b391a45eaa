/* imap_seqset - a sequence-set or UID set: ranges, in the order given (RFC 9051 9).
 *
 * Ranges live in the command's arena; "*" is UINT32_MAX until resolved. Resolving clamps to what
 * exists, sorts, and joins, so that walking it is O(ranges). At most IMAP_SEQSET_MAX ranges. */
#ifndef PROTO_IMAP_SEQSET_H
#define PROTO_IMAP_SEQSET_H

#include "base/arena.h"
#include "base/buf.h"

enum { IMAP_SEQSET_MAX = 10000 };

struct imap_range {
	uint32_t first, last;
};
struct imap_seqset {
	struct imap_range *ranges;
	uint32_t count, cap;
	bool is_saved_result; /* "$" (RFC 5182) */
};

MUST_CHECK enum err imap_seqset_parse(struct slice text, struct arena *arena,
                                      struct imap_seqset *set_out);
/* Puts the last number for "*", swaps backward ranges, sorts, joins. last == 0: the set is empty
 * for sequence numbers; for UIDs "*" then matches nothing. */
void imap_seqset_resolve(struct imap_seqset *set, uint32_t last);
bool imap_seqset_contains(const struct imap_seqset *set, uint32_t n); /* resolved; O(log n) */
/* Smallest member >= n; 0 when there is none. Resolved sets only. */
uint32_t imap_seqset_next(const struct imap_seqset *set, uint32_t n);
/* Adds n at the end, joining with the last range when adjacent: for answers such as ESEARCH ALL,
 * COPYUID, MODIFIED, VANISHED. */
MUST_CHECK enum err imap_seqset_add(struct imap_seqset *set, struct arena *arena, uint32_t n);
MUST_CHECK enum err imap_seqset_print(const struct imap_seqset *set, struct buf *dst);

#endif
