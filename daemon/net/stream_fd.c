#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/stream.h"

struct transport_fd {
	struct transport transport;
	int fd;
};

static const struct transport_fd *fd_of(const struct transport *t)
{
	return (const struct transport_fd *)t;
}

static bool fd_would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

static enum err fd_read(struct transport *t, uint8_t *dst, size_t n, size_t *got_out)
{
	ssize_t got;
	do
		got = recv(fd_of(t)->fd, dst, n, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return fd_would_block() ? ERR_AGAIN : ERR_IO;
	*got_out = (size_t)got;
	return got == 0 ? ERR_CLOSED : ERR_NONE;
}

static enum err fd_write(struct transport *t, struct slice bytes, size_t *put_out)
{
	ssize_t put;
	do
		put = send(fd_of(t)->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put < 0)
		return fd_would_block() ? ERR_AGAIN : ERR_IO;
	*put_out = (size_t)put;
	return ERR_NONE;
}

static unsigned fd_wants(const struct transport *t)
{
	(void)t;
	return 0;
}

static bool fd_has_input(const struct transport *t)
{
	(void)t;
	return false;
}

static int fd_fd(const struct transport *t)
{
	return fd_of(t)->fd;
}

static enum err fd_shut(struct transport *t)
{
	return shutdown(fd_of(t)->fd, SHUT_WR) == 0 ? ERR_NONE : ERR_IO;
}

static void fd_close(struct transport *t)
{
	close(fd_of(t)->fd);
	free(t);
}

static const struct transport_ops transport_fd_ops = {
	.read = fd_read,
	.write = fd_write,
	.wants = fd_wants,
	.has_input = fd_has_input,
	.fd = fd_fd,
	.shut = fd_shut,
	.close = fd_close,
};

enum err transport_fd_new(int fd, struct transport **transport_out)
{
	struct transport_fd *t = malloc(sizeof(*t));
	if (!t) {
		close(fd);
		return ERR_NOMEM;
	}
	*t = (struct transport_fd){.transport.ops = &transport_fd_ops, .fd = fd};
	*transport_out = &t->transport;
	return ERR_NONE;
}
