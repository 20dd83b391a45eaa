#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/owner.h"

static enum err file_err(void)
{
	return err_from_errno(errno);
}

enum { FILE_BLOCK_BYTES = 4096 };

/* Settings on the loop, others by a worker. A count of 32 bits, for which every processor has an
 * instruction, lasts for 16 TiB. */
static _Atomic uint32_t the_blocks_written;

uint64_t file_bytes_written(void)
{
	return (uint64_t)the_blocks_written * FILE_BLOCK_BYTES;
}

bool file_is_read_only(const char *path)
{
	return access(path, W_OK) != 0 && errno == EROFS;
}

enum err file_join(char *dst, size_t dst_size, const char *dir, const char *name)
{
	int n = snprintf(dst, dst_size, "%s/%s", dir, name);
	return n < 0 || (size_t)n >= dst_size ? ERR_LIMIT : ERR_NONE;
}

static enum err file_read_fd(int fd, struct buf *dst)
{
	for (;;) {
		uint8_t chunk[4096];
		ssize_t got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return file_err();
		if (got == 0)
			return ERR_NONE;
		enum err err = buf_add(dst, chunk, (size_t)got);
		if (err)
			return err;
	}
}

enum err file_read(const char *path, struct buf *dst)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_err();
	enum err err = file_read_fd(fd, dst);
	close(fd);
	return err;
}

enum err file_write_at(int fd, struct slice bytes, off_t offset)
{
	while (bytes.len) {
		ssize_t put = pwrite(fd, bytes.ptr, bytes.len, offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return file_err();
		bytes = slice_from(bytes, (size_t)put);
		offset += put;
	}
	return ERR_NONE;
}

/* -1, and errno: it cannot be opened. */
static int file_open_dir_of(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct slice parent = !slash          ? SLICE_LIT(".")
			      : slash == path ? SLICE_LIT("/")
					      : slice_of(path, (size_t)(slash - path));
	if (slice_to_str(parent, dir, sizeof(dir))) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A directory's entries are durable only when the directory itself was synced. */
static enum err file_sync_dir_of(const char *path)
{
	int fd = file_open_dir_of(path);
	if (fd < 0)
		return file_err();
	enum err err = fsync(fd) == 0 ? ERR_NONE : file_err();
	close(fd);
	return err;
}

static void file_inherit_owner(int fd, const char *path)
{
	int dir_fd = file_open_dir_of(path);
	if (dir_fd < 0)
		return;
	owner_inherit(fd, dir_fd);
	close(dir_fd);
}

static enum err file_write_temp(const char *temp, struct slice bytes, mode_t mode)
{
	/* What a cut has left behind, or a link that the directory's owner has put there for root. */
	unlink(temp);
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return file_err();
	file_inherit_owner(fd, temp);
	enum err err = fchmod(fd, mode) == 0 ? file_write_at(fd, bytes, 0) : file_err();
	if (!err && fsync(fd) != 0)
		err = file_err();
	if (close(fd) != 0 && !err)
		err = file_err();
	return err;
}

enum err file_replace(const char *path, struct slice bytes, mode_t mode)
{
	char temp[PATH_MAX];
	int n = snprintf(temp, sizeof(temp), "%s.new", path);
	/* The data, and the inode or the directory beside it. */
	the_blocks_written += (uint32_t)(bytes.len / FILE_BLOCK_BYTES + 2);
	if (n < 0 || (size_t)n >= sizeof(temp))
		return ERR_LIMIT;
	enum err err = file_write_temp(temp, bytes, mode);
	if (!err && rename(temp, path) != 0)
		err = file_err();
	if (err) {
		unlink(temp);
		return err;
	}
	return file_sync_dir_of(path);
}

enum err file_make_dir(const char *path, mode_t mode)
{
	struct stat st;
	if (mkdir(path, mode) == 0) {
		int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0) {
			file_inherit_owner(fd, path);
			close(fd);
		}
		return file_sync_dir_of(path);
	}
	if (errno != EEXIST)
		return file_err();
	if (stat(path, &st) != 0)
		return file_err();
	return S_ISDIR(st.st_mode) ? ERR_NONE : ERR_EXISTS;
}
