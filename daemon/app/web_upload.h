/* web_upload - a file that a form sends (RFC 7578), or a program as the body itself: taken in pieces as
 * it comes, with one of them in memory.
 *
 * What cannot be used any more is still read to its end, or the browser would show a broken connection
 * instead of the answer. Lies in the command of an exchange, which calls web_upload_free at its end. */
#ifndef APP_WEB_UPLOAD_H
#define APP_WEB_UPLOAD_H

#include "app/multipart.h"
#include "app/web.h"

struct web_upload {
	const char *const *wanted; /* names of parts, closed by NULL; the first one is the file */
	/* Takes what it can off the piece of part wanted[u->part]. ERR_AGAIN: it waits; other errors:
	 * nothing more is wanted. */
	enum err (*use)(struct http_exchange *x, struct web_upload *u, struct slice *piece);
	enum err failure;          /* the first one; the caller may set it, too */
	bool is_over;              /* nothing more is wanted; the caller may set it, too */
	/* Its own. */
	struct multipart parts;
	struct buf held;
	int part;                  /* that is being read; -1: none */
	bool is_multipart, is_read;
};

void web_upload_begin(struct http_exchange *x, struct web_upload *u);
/* To be called until it says STEP_DONE: all is read, and used as far as it could be. */
enum step web_upload_run(struct http_exchange *x, struct web_upload *u);
void      web_upload_free(struct web_upload *u);

#endif
