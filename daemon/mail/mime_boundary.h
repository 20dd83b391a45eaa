/* mime_boundary - the boundaries of the multiparts that are open. Private to mime.c.
 *
 * A stack, outermost first. It owns a copy of each boundary. Looking at a line costs at most one
 * comparison a level, and none for boundaries that are longer than the line. */
#ifndef MAIL_MIME_BOUNDARY_H
#define MAIL_MIME_BOUNDARY_H

#include "mail/mime.h"

enum { MIME_BOUNDARY_LINE_MAX = 2 + MIME_BOUNDARY_MAX_BYTES + 2 };

struct mime_boundaries {
	struct open_multipart {
		uint32_t part;  /* index of the multipart */
		size_t at, len; /* of its boundary in `bytes` */
	} open[MIME_MAX_DEPTH + 1];
	uint32_t count;
	struct buf bytes;
	size_t line_bytes; /* so many bytes of a line decide: "--", the longest boundary, "--" */
};

struct mime_boundary_line {
	uint32_t level; /* in the stack */
	uint32_t part;
	bool closes; /* "--" behind the boundary: the last one of this multipart */
};

void mime_boundaries_init(struct mime_boundaries *b);
void mime_boundaries_free(struct mime_boundaries *b);
/* ERR_LIMIT when MIME_MAX_DEPTH + 1 are open. */
MUST_CHECK enum err mime_boundaries_push(struct mime_boundaries *b, uint32_t part,
					 struct slice boundary);
void mime_boundaries_cut(struct mime_boundaries *b, uint32_t level); /* keeps the outermost ones */
/* Is this start of a line (its end may be in it) a boundary line? Which multipart's? */
bool mime_boundaries_find(const struct mime_boundaries *b, struct slice line,
			  struct mime_boundary_line *line_out);

#endif
