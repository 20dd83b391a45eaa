/* multipart - a body of multipart/form-data (RFC 7578), in pieces of any size: for files that are too
 * large to be held. Does no I/O; holds a part's header, at most 4 KiB. */
#ifndef APP_MULTIPART_H
#define APP_MULTIPART_H

#include "base/buf.h"

enum { MULTIPART_BOUNDARY_MAX = 70, MULTIPART_HEADER_MAX_BYTES = 4096, MULTIPART_NAME_MAX = 64 };

enum multipart_event {
	MULTIPART_MORE,  /* all input is used up */
	MULTIPART_PART,  /* a part begins: m->name */
	MULTIPART_DATA,  /* a piece of it */
	MULTIPART_CLOSE, /* the part is whole */
	MULTIPART_END,   /* the last boundary was there */
	MULTIPART_BAD,   /* final */
};

struct multipart {
	char delimiter[MULTIPART_BOUNDARY_MAX + 8]; /* CR LF -- boundary */
	size_t delimiter_len, matched;
	size_t assumed; /* of `matched`: a line end that was no part of the body */
	int state;
	struct buf header;
	char name[MULTIPART_NAME_MAX]; /* of the field; "" when it has none */
};

/* From the value of Content-Type. ERR_SYNTAX: it is not of this kind, or has no usable boundary. */
MUST_CHECK enum err multipart_init(struct multipart *m, struct slice content_type);
void multipart_free(struct multipart *m);
/* Takes bytes off the front of *input; *data_out (with MULTIPART_DATA) is good until the next call. */
enum multipart_event multipart_next(struct multipart *m, struct slice *input,
                                    struct slice *data_out);

#endif
