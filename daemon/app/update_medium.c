#include "app/update_medium.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static enum err file_medium_read(struct update_medium *m, uint64_t offset, uint8_t *dst, size_t n)
{
	while (n) {
		ssize_t got = pread(m->fd, dst, n, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? ERR_IO : ERR_NOT_FOUND;
		offset += (uint64_t)got;
		dst += got;
		n -= (size_t)got;
	}
	return ERR_NONE;
}

static enum err file_medium_write(struct update_medium *m, uint64_t offset, struct slice bytes)
{
	while (bytes.len) {
		ssize_t put = pwrite(m->fd, bytes.ptr, bytes.len, (off_t)offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return ERR_IO;
		offset += (uint64_t)put;
		bytes = slice_from(bytes, (size_t)put);
	}
	return ERR_NONE;
}

static enum err file_medium_sync(struct update_medium *m)
{
	if (fsync(m->fd) != 0)
		return ERR_IO;
	/* Only advice; where it is not followed the copy in memory is read again. */
	(void)posix_fadvise(m->fd, 0, 0, POSIX_FADV_DONTNEED);
	return ERR_NONE;
}

static const struct update_medium_ops file_medium_ops = {
	.read = file_medium_read,
	.write = file_medium_write,
	.sync = file_medium_sync,
};

static enum err open_err(void)
{
	switch (errno) {
	case ENOENT: return ERR_NOT_FOUND;
	case EACCES:
	case EPERM: return ERR_DENIED;
	case EROFS: return ERR_READ_ONLY;
	default: return ERR_IO;
	}
}

enum err update_medium_open(const char *path, bool for_writing, struct update_medium *out)
{
	*out = (struct update_medium){.ops = &file_medium_ops};
	out->fd = open(path, (for_writing ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
	if (out->fd < 0)
		return open_err();
	off_t end = lseek(out->fd, 0, SEEK_END);
	if (end < 0) { /* a pipe, say */
		update_medium_close(out);
		return ERR_IO;
	}
	out->size = (uint64_t)end;
	return ERR_NONE;
}

void update_medium_close(struct update_medium *m)
{
	if (update_medium_is_open(m))
		close(m->fd);
	m->fd = -1;
}
