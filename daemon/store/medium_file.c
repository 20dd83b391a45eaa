#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/owner.h"
#include "store/medium.h"

/* Files are written around the page cache (O_DIRECT) where the file system can do that in sectors:
 * a commit of one sector then costs the flash one sector instead of the whole page around it. Reads
 * go through the cache. The kernel keeps both views the same for one writer that never rewrites. */
enum {
	OPEN_FILES_MAX = 24,
	BOUNCE_BYTES = 64 * 1024,
	ZEROES_BYTES = 16 * 1024,
	DIRECT_ALIGN = 4096,
	NAME_BYTES = 32,
	FALLOCATE_WRITE_ZEROES = 0x80, /* FALLOC_FL_WRITE_ZEROES of linux/falloc.h */
};

struct open_file {
	uint32_t slot, users;
	uint64_t last_use;
	int fd, direct_fd; /* -1: not open */
};

struct medium_file {
	struct medium base;
	int dir_fd, lock_fd;
	bool read_only, no_direct;
	struct lock lock; /* guards what follows */
	struct open_file files[OPEN_FILES_MAX];
	uint64_t uses;
};

static struct medium_file *file_medium(struct medium *m)
{
	return (struct medium_file *)(void *)m;
}

static void slot_name(uint32_t slot, char name[NAME_BYTES])
{
	if (slot == MEDIUM_ROOT_SLOT)
		snprintf(name, NAME_BYTES, "root");
	else
		snprintf(name, NAME_BYTES, "%08x.seg", (unsigned)slot);
}

/* --- errors of the device ----------------------------------------------------------------------- */

static _Atomic uint32_t the_io_errors;

uint32_t medium_io_errors(void)
{
	return the_io_errors;
}

void medium_note_error(void)
{
	the_io_errors++;
}

static enum err noted(enum err err)
{
	if (err == ERR_IO)
		medium_note_error();
	return err;
}

/* --- open files ------------------------------------------------------------------------------ */

static void open_file_close(struct open_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	if (f->direct_fd >= 0)
		close(f->direct_fd);
	f->fd = f->direct_fd = -1;
}

/* The entry of this slot, else the one unused for longest, else NULL when all are in use. */
static struct open_file *open_file_find(struct medium_file *m, uint32_t slot)
{
	struct open_file *oldest = NULL;
	for (size_t i = 0; i < OPEN_FILES_MAX; i++) {
		struct open_file *f = &m->files[i];
		if (f->fd >= 0 && f->slot == slot)
			return f;
		if (!f->users && (!oldest || f->fd < 0 || f->last_use < oldest->last_use))
			oldest = f;
	}
	return oldest;
}

/* Direct access is tried once; a file system that refuses it gets ordinary writes. */
static int open_direct(struct medium_file *m, const char *name)
{
	if (m->read_only || m->no_direct)
		return -1;
	int fd = openat(m->dir_fd, name, O_RDWR | O_CLOEXEC | O_DIRECT);
	if (fd < 0)
		m->no_direct = true;
	return fd;
}

/* A file system that has given up writing is read on. */
static int open_slot(const struct medium_file *m, const char *name)
{
	int fd = m->read_only ? -1 : openat(m->dir_fd, name, O_RDWR | O_CLOEXEC);
	if (m->read_only || (fd < 0 && errno == EROFS))
		fd = openat(m->dir_fd, name, O_RDONLY | O_CLOEXEC);
	return fd;
}

static enum err file_acquire(struct medium_file *m, uint32_t slot, bool for_write,
			     struct open_file **file_out)
{
	char name[NAME_BYTES];
	enum err err = ERR_NONE;
	slot_name(slot, name);
	lock_take(&m->lock);
	struct open_file *f = open_file_find(m, slot);
	if (!f) {
		err = ERR_LIMIT;
	} else if (f->fd < 0 || f->slot != slot) {
		open_file_close(f);
		f->slot = slot;
		f->fd = open_slot(m, name);
		err = f->fd < 0 ? err_from_errno(errno) : ERR_NONE;
	}
	if (!err && for_write && f->direct_fd < 0)
		f->direct_fd = open_direct(m, name);
	if (!err) {
		f->users++;
		f->last_use = ++m->uses;
		*file_out = f;
	}
	lock_give(&m->lock);
	return err;
}

static void file_release(struct medium_file *m, struct open_file *f)
{
	lock_take(&m->lock);
	f->users--;
	lock_give(&m->lock);
}

/* Closes the slot's file, so that a removed file's space is given back. */
static void file_forget(struct medium_file *m, uint32_t slot)
{
	lock_take(&m->lock);
	for (size_t i = 0; i < OPEN_FILES_MAX; i++)
		if (m->files[i].fd >= 0 && m->files[i].slot == slot && !m->files[i].users)
			open_file_close(&m->files[i]);
	lock_give(&m->lock);
}

/* --- reading and writing ---------------------------------------------------------------------- */

static enum err area_read(struct medium *medium, uint32_t slot, uint32_t offset, uint8_t *dst,
			  size_t n, bool may_block)
{
	struct medium_file *m = file_medium(medium);
	struct open_file *f;
	enum err err = file_acquire(m, slot, false, &f);
	if (err)
		return err;
	for (size_t done = 0; !err && done < n;) {
		struct iovec room = {dst + done, n - done};
		ssize_t got = preadv2(f->fd, &room, 1, (off_t)offset + (off_t)done,
				      may_block ? 0 : RWF_NOWAIT);
		if (got < 0 && !may_block && (errno == EOPNOTSUPP || errno == ENOSYS))
			err = ERR_AGAIN; /* old kernels cannot tell: the worker reads */
		else if (got < 0 && errno != EINTR)
			err = err_from_errno(errno);
		else if (got == 0)
			err = may_block ? ERR_IO : ERR_AGAIN;
		else if (got > 0)
			done += (size_t)got;
	}
	file_release(m, f);
	return noted(err);
}

/* ERR_UNSUPPORTED: not in this way. */
static enum err write_all(int fd, const uint8_t *src, size_t n, off_t offset)
{
	enum err err = file_write_at(fd, slice_of(src, n), offset);
	return err && errno == EINVAL ? ERR_UNSUPPORTED : err;
}

/* O_DIRECT wants the memory aligned as well: bytes pass through a buffer that is. */
static enum err write_direct(int fd, const uint8_t *src, size_t n, off_t offset)
{
	size_t cap = n < BOUNCE_BYTES ? n : BOUNCE_BYTES;
	uint8_t *memory = malloc(cap + DIRECT_ALIGN);
	if (!memory)
		return ERR_NOMEM;
	uint8_t *bounce = memory + (-(uintptr_t)memory & (DIRECT_ALIGN - 1));
	enum err err = ERR_NONE;
	for (size_t done = 0; !err && done < n;) {
		size_t part = n - done < cap ? n - done : cap;
		memcpy(bounce, src + done, part);
		err = write_all(fd, bounce, part, offset + (off_t)done);
		done += part;
	}
	free(memory);
	return err;
}

static enum err area_write(struct medium *medium, uint32_t slot, uint32_t offset,
			   const uint8_t *src, size_t n)
{
	struct medium_file *m = file_medium(medium);
	struct open_file *f;
	enum err err = file_acquire(m, slot, true, &f);
	if (err)
		return err;
	err = f->direct_fd >= 0 ? write_direct(f->direct_fd, src, n, offset) : ERR_UNSUPPORTED;
	/* No direct access in sectors here, or no memory for it: the page cache takes any write. */
	if (err == ERR_UNSUPPORTED || err == ERR_NOMEM)
		err = write_all(f->fd, src, n, offset);
	file_release(m, f);
	return noted(err == ERR_UNSUPPORTED ? ERR_IO : err);
}

static enum err area_sync(struct medium *medium, uint32_t slot)
{
	struct medium_file *m = file_medium(medium);
	struct open_file *f;
	enum err err = file_acquire(m, slot, false, &f);
	if (err)
		return err;
	if (f->fd < 0 || fdatasync(f->fd))
		err = ERR_IO;
	file_release(m, f);
	return noted(err);
}

/* --- areas ------------------------------------------------------------------------------------ */

/* Zeroes are written, not only allocated: a later write then changes no metadata, and its sync
 * needs no commit of the file system's own journal. */
static uint8_t zeroes[ZEROES_BYTES]; /* never written to; costs no room in the program file */

static enum err fill_with_zeroes(int fd, uint32_t bytes)
{
	enum err err = ERR_NONE;
	/* Linux 6.17 can have the device do it, when the device can: no wear and no time. */
	if (fallocate(fd, FALLOCATE_WRITE_ZEROES, 0, bytes) == 0)
		return fsync(fd) ? err_from_errno(errno) : ERR_NONE;
	for (uint32_t done = 0; !err && done < bytes;) {
		uint32_t part = bytes - done < ZEROES_BYTES ? bytes - done : ZEROES_BYTES;
		err = write_all(fd, zeroes, part, done);
		done += part;
	}
	if (!err && fsync(fd))
		err = err_from_errno(errno);
	/* The zeroes need no room in the cache: the first reader wants what replaces them. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return err;
}

static enum err area_create(struct medium *medium, uint32_t slot, uint32_t bytes)
{
	static const char temp[] = "new.tmp";
	struct medium_file *m = file_medium(medium);
	char name[NAME_BYTES];
	slot_name(slot, name);
	int fd = openat(m->dir_fd, temp, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_from_errno(errno);
	owner_inherit(fd, m->dir_fd);
	enum err err = fill_with_zeroes(fd, bytes);
	close(fd);
	file_forget(m, slot); /* it may be open as what it was before */
	if (!err && renameat(m->dir_fd, temp, m->dir_fd, name))
		err = err_from_errno(errno);
	if (!err && fsync(m->dir_fd))
		err = ERR_IO;
	if (err)
		unlinkat(m->dir_fd, temp, 0);
	return noted(err);
}

static enum err area_remove(struct medium *medium, uint32_t slot)
{
	struct medium_file *m = file_medium(medium);
	char name[NAME_BYTES];
	slot_name(slot, name);
	file_forget(m, slot);
	return unlinkat(m->dir_fd, name, 0) ? err_from_errno(errno) : ERR_NONE;
}

static bool slot_from_name(const char *name, uint32_t *slot_out)
{
	static const char digits[] = "0123456789abcdef";
	char again[NAME_BYTES];
	uint32_t slot = 0;
	const char *digit;
	for (const char *c = name; *c && (digit = strchr(digits, *c)); c++)
		slot = slot << 4 | (uint32_t)(digit - digits);
	slot_name(slot, again);
	*slot_out = slot;
	return slot <= MEDIUM_SLOT_MAX && strcmp(name, again) == 0;
}

static enum err area_list(struct medium *medium, void (*found)(void *arg, uint32_t slot), void *arg)
{
	struct medium_file *m = file_medium(medium);
	uint32_t slot;
	int fd = openat(m->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	for (struct dirent *entry; (entry = readdir(dir));)
		if (slot_from_name(entry->d_name, &slot))
			found(arg, slot);
	closedir(dir);
	return ERR_NONE;
}

static void area_space(struct medium *medium, uint64_t *total_out, uint64_t *free_out)
{
	struct statvfs fs;
	*total_out = *free_out = 0;
	if (fstatvfs(file_medium(medium)->dir_fd, &fs))
		return;
	*total_out = (uint64_t)fs.f_blocks * fs.f_frsize;
	*free_out = (uint64_t)fs.f_bavail * fs.f_frsize;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void area_close(struct medium *medium)
{
	struct medium_file *m = file_medium(medium);
	for (size_t i = 0; i < OPEN_FILES_MAX; i++)
		open_file_close(&m->files[i]);
	if (m->dir_fd >= 0)
		close(m->dir_fd);
	if (m->lock_fd >= 0)
		close(m->lock_fd);
	lock_end(&m->lock);
	free(m);
}

const struct medium_ops medium_file_ops = {
	.create = area_create,
	.remove = area_remove,
	.read = area_read,
	.write = area_write,
	.sync = area_sync,
	.list = area_list,
	.space = area_space,
	.close = area_close,
};

static enum err file_lock(struct medium_file *m)
{
	m->lock_fd = openat(m->dir_fd, "lock",
			    m->read_only ? O_RDONLY | O_CLOEXEC
					 : O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
			    0600);
	if (m->lock_fd < 0)
		return m->read_only && errno == ENOENT ? ERR_NONE : err_from_errno(errno);
	if (!m->read_only)
		owner_inherit(m->lock_fd, m->dir_fd);
	if (flock(m->lock_fd, (m->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
		return ERR_NONE;
	return errno == EWOULDBLOCK ? ERR_IN_USE : ERR_IO;
}

enum err medium_file_open(const char *path, bool read_only, struct medium **medium_out)
{
	enum err err = read_only ? ERR_NONE : file_make_dir(path, 0700);
	if (err)
		return err;
	struct medium_file *m = calloc(1, sizeof(*m));
	if (!m)
		return ERR_NOMEM;
	medium_file_bind(&m->base);
	m->read_only = read_only;
	m->lock_fd = -1;
	lock_init(&m->lock);
	for (size_t i = 0; i < OPEN_FILES_MAX; i++)
		m->files[i].fd = m->files[i].direct_fd = -1;
	m->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = m->dir_fd < 0 ? err_from_errno(errno) : file_lock(m);
	if (err) {
		area_close(&m->base);
		return err;
	}
	*medium_out = &m->base;
	return ERR_NONE;
}

void medium_close(struct medium **medium)
{
	struct medium *m = *medium;
	*medium = NULL;
	if (m)
		medium_hooks(m)->close(m);
}
