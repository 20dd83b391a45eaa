/* imap_structure - ENVELOPE, BODY and BODYSTRUCTURE out of a summary (RFC 9051 7.5.2).
 *
 * A structure is written part by part, so that a message of ten thousand parts pauses like any other
 * long answer. Strings go as they stand in the message: case, encoded words and 8-bit bytes included.
 * A text part without charset is called us-ascii, a multipart without parts gets one empty text part:
 * the grammar has no other words for them. */
#ifndef PROTO_IMAP_STRUCTURE_H
#define PROTO_IMAP_STRUCTURE_H

#include "mail/summary.h"
#include "proto/imap/imap_write.h"

/* The parenthesized envelope of a part that has one (part->is_root). Lists that no longer fit into
 * the output end early, at a whole address. The arena is scratch: it is as before afterwards. */
void imap_write_envelope(struct imap_out *o, const struct summary_part *part, struct arena *arena);

struct imap_structure {
	struct summary_cursor cursor;
	bool is_extended; /* BODYSTRUCTURE; false: BODY */
	uint32_t depth;   /* open containers */
	struct imap_structure_level {
		struct summary_part part;
		uint32_t children_left;
	} levels[MIME_MAX_DEPTH + 2];
};

/* Everything borrowed lives in the summary's blob. */
void imap_structure_begin(struct imap_structure *w, const struct summary *summary,
                          bool is_extended);
/* Writes one part, or the end of one. STEP_MORE: call again, now or later. STEP_BAD: the output or
 * the arena has failed. */
enum step imap_structure_step(struct imap_structure *w, struct imap_out *o, struct arena *arena);

#endif
