/* line_file - small files of text, a thing a line: settings, users, logins. White space around a line, empty
 * lines and those that begin with '#' say nothing. */
#ifndef APP_LINE_FILE_H
#define APP_LINE_FILE_H

#include "base/slice.h"

/* Takes one line into `owner`; an error ends the reading. The line is good for the call. */
typedef enum err line_taker(void *owner, struct slice line);

/* *number_out is the number of the line in hand, from 1; after an error, of the wrong one. */
MUST_CHECK enum err lines_take(struct slice text, line_taker *take, void *owner, unsigned *number_out);
/* The same of a file, whose text is wiped. One that is missing has no lines. *number_out is 0 when it
 * could not be read: ERR_IO, ERR_LIMIT above max_bytes. */
MUST_CHECK enum err line_file_read(const char *path, size_t max_bytes, line_taker *take, void *owner,
                                   unsigned *number_out);

#endif
