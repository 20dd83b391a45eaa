#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "net/socket.h"
#include "net/timer.h"
#include "net/tls.h"

enum {
	LISTENER_SOCKETS = 2, /* one for each family */
	LISTENER_BACKLOG = 128,
	LISTENER_BATCH = 16, /* connections accepted in one turn */
	LISTENER_PORT_TRIES = 16,
	LISTENER_REST_MS = 200, /* when the kernel has no memory for another connection */
};

struct listener_socket {
	struct watch watch;
	struct listener *listener;
};

struct listener {
	struct loop *loop;
	struct listener_config config;
	struct listener_socket sockets[LISTENER_SOCKETS];
	size_t socket_count;
	int reserve_fd;
	uint16_t port;
	struct timer rest;
	bool closing, accepting; /* closed by `accepted`: freed when the batch ends */
};

/* --- opening ---------------------------------------------------------------------------------- */

static enum err listener_bind_fd(int fd, const struct net_address *at)
{
	int one = 1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0)
		return err_from_errno(errno);
	/* Each family has a socket of its own, so that no address comes as ::ffff:192.0.2.1 and
	 * the result does not hang on net.ipv6.bindv6only. */
	if (at->sa.sa_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) != 0)
		return err_from_errno(errno);
	if (bind(fd, &at->sa, at->len) != 0 || listen(fd, LISTENER_BACKLOG) != 0)
		return err_from_errno(errno);
	socket_tune(fd); /* inherited by what is accepted */
	return ERR_NONE;
}

static void listener_on_ready(struct watch *w, unsigned ready);

static enum err listener_bind(struct listener *l, struct net_address *at)
{
	int fd = socket(at->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_from_errno(errno);
	struct watch *w = &l->sockets[l->socket_count].watch;
	l->sockets[l->socket_count].listener = l;
	*w = (struct watch){.fd = fd, .interest = WATCH_READ, .on_ready = listener_on_ready};
	enum err err = listener_bind_fd(fd, at);
	if (!err && getsockname(fd, &at->sa, &at->len) != 0)
		err = ERR_IO;
	if (!err)
		err = watch_add(l->loop, w);
	if (err) {
		close(fd);
		return err;
	}
	l->socket_count++;
	l->port = net_address_port(at);
	return ERR_NONE;
}

static void listener_unbind(struct listener *l)
{
	while (l->socket_count) {
		struct watch *w = &l->sockets[--l->socket_count].watch;
		watch_remove(w);
		close(w->fd);
	}
}

static enum err listener_bind_text(struct listener *l, const char *address, uint16_t port)
{
	struct net_address at;
	enum err err = net_address_parse(address, port, &at);
	return err ? err : listener_bind(l, &at);
}

static bool listener_lacks_family(enum err err)
{
	return err == ERR_UNSUPPORTED || err == ERR_NOT_FOUND;
}

/* Both families on one port; either may be missing on this machine, not both. */
static enum err listener_bind_all(struct listener *l, uint16_t port)
{
	enum err err = listener_bind_text(l, "::", port);
	if (err && !listener_lacks_family(err))
		return err;
	bool has_v6 = !err;
	err = listener_bind_text(l, "0.0.0.0", has_v6 ? l->port : port);
	if (err && has_v6 && listener_lacks_family(err))
		err = ERR_NONE;
	if (err)
		listener_unbind(l);
	return err;
}

/* With port 0 the one the kernel chose for IPv6 may be taken for IPv4: then choose anew. */
static enum err listener_bind_config(struct listener *l)
{
	const struct listener_config *c = &l->config;
	if (c->address)
		return listener_bind_text(l, c->address, c->port);
	enum err err = listener_bind_all(l, c->port);
	for (int i = 0; err == ERR_IN_USE && c->port == 0 && i < LISTENER_PORT_TRIES; i++)
		err = listener_bind_all(l, 0);
	return err;
}

static int listener_open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void listener_free(struct listener *l)
{
	listener_unbind(l);
	timer_cancel(&l->rest);
	if (l->reserve_fd >= 0)
		close(l->reserve_fd);
	tls_context_unref(&l->config.tls);
	free(l);
}

static void listener_on_rest_over(struct timer *t)
{
	struct listener *l = list_owner(t, struct listener, rest);
	for (size_t i = 0; i < l->socket_count; i++)
		watch_set(&l->sockets[i].watch, WATCH_READ);
}

enum err listener_open(struct loop *loop, const struct listener_config *config,
		       struct listener **listener_out)
{
	struct listener *l = calloc(1, sizeof(*l));
	if (!l)
		return ERR_NOMEM;
	l->loop = loop;
	l->config = *config;
	l->config.tls = config->is_implicit_tls ? tls_context_ref(config->tls) : NULL;
	timer_init(&l->rest, loop, listener_on_rest_over);
	l->reserve_fd = listener_open_reserve();
	enum err err = config->is_implicit_tls && !config->tls ? ERR_STATE : ERR_NONE;
	if (!err)
		err = listener_bind_config(l);
	l->config.address = NULL; /* the caller's, and used up */
	if (err)
		listener_free(l);
	else
		*listener_out = l;
	return err;
}

uint16_t listener_port(const struct listener *l)
{
	return l->port;
}

void listener_close(struct listener **l)
{
	struct listener *c = *l;
	if (!c)
		return;
	*l = NULL;
	c->closing = true;
	if (c->accepting)
		listener_unbind(c);
	else
		listener_free(c);
}

/* --- accepting -------------------------------------------------------------------------------- */

static void listener_take(struct listener *l, int fd)
{
	const struct listener_config *c = &l->config;
	struct stream *s = NULL;
	if (stream_new_fd(l->loop, fd, c->tls, c->in_max_bytes, &s) != ERR_NONE) {
		log_warn(0, "port %u: no memory for a connection", l->port);
		return;
	}
	enum err err = conn_table_admit(c->table, s);
	bool over_limit = err == ERR_LIMIT;
	if (over_limit)
		err = conn_table_refuse(c->table, s);
	if (err) {
		stream_abort(&s);
		return;
	}
	c->accepted(c->owner, s, over_limit);
}

/* Out of descriptors: lets the peer in with the reserved one and out again, so that he learns. */
static bool listener_turn_away(struct listener *l, int listening_fd)
{
	if (l->reserve_fd < 0)
		return false;
	close(l->reserve_fd);
	int fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	l->reserve_fd = listener_open_reserve();
	return fd >= 0;
}

static void listener_take_rest(struct listener *l)
{
	for (size_t i = 0; i < l->socket_count; i++)
		watch_set(&l->sockets[i].watch, 0);
	timer_set(&l->rest, LISTENER_REST_MS);
}

/* False when there is nothing more to accept for now. */
static bool listener_accept(struct listener *l, int listening_fd)
{
	int fd = accept4(listening_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		listener_take(l, fd);
		return true;
	}
	switch (errno) {
	case EAGAIN: return false;
	case EINTR:
	case ECONNABORTED: return true;
	case EMFILE:
	case ENFILE:
		log_warn(0, "port %u: out of file descriptors, a connection is refused", l->port);
		if (!listener_turn_away(l, listening_fd))
			listener_take_rest(l);
		return false;
	case ENOMEM:
	case ENOBUFS: listener_take_rest(l); return false;
	default: return false; /* an error of that connection alone; see accept(2) */
	}
}

static void listener_on_ready(struct watch *w, unsigned ready)
{
	struct listener *l = list_owner(w, struct listener_socket, watch)->listener;
	int fd = w->fd;
	(void)ready;
	l->accepting = true;
	for (int i = 0; i < LISTENER_BATCH && !l->closing; i++)
		if (!listener_accept(l, fd))
			break;
	l->accepting = false;
	if (l->closing)
		listener_free(l);
}
