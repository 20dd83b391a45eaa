#include "net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum {
	KEEPALIVE_IDLE_S = 10 * 60,
	KEEPALIVE_PROBE_S = 60,
	KEEPALIVE_PROBES = 5,
};

static void socket_option(int fd, int level, int name, int value)
{
	int refused = setsockopt(fd, level, name, &value, sizeof(value));
	(void)refused;
}

void socket_tune(int fd)
{
	socket_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	socket_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	socket_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	socket_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_PROBE_S);
	socket_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
}

void socket_ack_now(int fd)
{
	socket_option(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}
