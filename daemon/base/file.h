/* file - small files read whole and replaced whole (settings, users, certificates).
 *
 * A replacement is durable and atomic when it is acknowledged: temporary file in the same
 * directory, fsync, rename, fsync of the directory. Blocks: not for message data, and on the loop
 * only where a person has just asked for it. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/buf.h"

/* Appends the file to dst. ERR_NOT_FOUND; ERR_LIMIT above dst's ceiling; ERR_IO. */
MUST_CHECK enum err file_read(const char *path, struct buf *dst);
MUST_CHECK enum err file_replace(const char *path, struct slice bytes, mode_t mode);
/* All bytes into an open file, at once or in parts. */
MUST_CHECK enum err file_write_at(int fd, struct slice bytes, off_t offset);
/* What file_replace has written since start, in blocks of 4 KiB as flash sees it. */
uint64_t file_bytes_written(void);
/* Makes a directory unless it is there, with its parent's entry made durable. */
MUST_CHECK enum err file_make_dir(const char *path, mode_t mode);
/* True when nothing can be written there because its file system is mounted so. */
bool file_is_read_only(const char *path);
/* "dir/name" into dst. ERR_LIMIT when it does not fit. */
MUST_CHECK enum err file_join(char *dst, size_t dst_size, const char *dir, const char *name);

#endif
