#include "bench/wire.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void die(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("load: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void wire_open(struct wire *w, unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = WIRE_PATIENCE_S};
	int one = 1;
	*w = (struct wire){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	w->buffer = malloc(WIRE_BUFFER_BYTES + 1);
	if (w->fd < 0 || !w->buffer)
		die("no socket or no memory: %s", strerror(errno));
	setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(w->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(w->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("cannot connect to port %u: %s", port, strerror(errno));
}

void wire_close(struct wire *w)
{
	close(w->fd);
	free(w->buffer);
	*w = (struct wire){.fd = -1};
}

void wire_send(struct wire *w, struct iovec *parts, int count)
{
	while (count) {
		struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
		ssize_t n = sendmsg(w->fd, &message, MSG_NOSIGNAL);
		if (n < 0)
			die("sending: %s", strerror(errno));
		for (; count && (size_t)n >= parts->iov_len; parts++, count--)
			n -= (ssize_t)parts->iov_len;
		if (count) {
			parts->iov_base = (char *)parts->iov_base + n;
			parts->iov_len -= (size_t)n;
		}
	}
}

void wire_printf(struct wire *w, const char *format, ...)
{
	char line[1024];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line))
		die("a command of more than %zu octets", sizeof(line));
	wire_send(w, &(struct iovec){.iov_base = line, .iov_len = (size_t)n}, 1);
}

static void wire_fill(struct wire *w)
{
	if (w->start) {
		memmove(w->buffer, w->buffer + w->start, w->end - w->start);
		w->end -= w->start;
		w->start = 0;
	}
	if (w->end == WIRE_BUFFER_BYTES)
		die("a line of more than %d octets", WIRE_BUFFER_BYTES);
	ssize_t n = recv(w->fd, w->buffer + w->end, WIRE_BUFFER_BYTES - w->end, 0);
	if (n == 0)
		die("the server closed the connection");
	if (n < 0)
		die("receiving: %s", strerror(errno));
	w->end += (size_t)n;
	w->bytes_in += (size_t)n;
}

char *wire_line(struct wire *w, size_t *len_out)
{
	size_t looked_at = 0;
	for (;;) {
		char *from = w->buffer + w->start;
		size_t have = w->end - w->start;
		char *lf = memchr(from + looked_at, '\n', have - looked_at);
		if (lf) {
			w->start += (size_t)(lf - from) + 1;
			*len_out = (size_t)(lf - from);
			if (*len_out && lf[-1] == '\r')
				(*len_out)--;
			from[*len_out] = '\0';
			return from;
		}
		looked_at = have;
		wire_fill(w);
	}
}

void wire_skip(struct wire *w, size_t n)
{
	for (;;) {
		size_t have = w->end - w->start;
		size_t now = n < have ? n : have;
		w->start += now;
		n -= now;
		if (!n)
			return;
		w->start = w->end = 0;
		wire_fill(w);
	}
}

void wire_pop3_ok(struct wire *w)
{
	size_t len;
	const char *line = wire_line(w, &len);
	if (strncmp(line, "+OK", 3) != 0)
		die("POP3 said: %s", line);
}

size_t wire_pop3_multiline(struct wire *w)
{
	size_t len, sum = 0;
	wire_pop3_ok(w);
	for (;;) {
		const char *line = wire_line(w, &len);
		if (len == 1 && line[0] == '.')
			return sum;
		sum += len + 2;
	}
}

void wire_lmtp_reply(struct wire *w, char class)
{
	size_t len;
	const char *line;
	do {
		line = wire_line(w, &len);
		if (len < 4 || line[0] != class)
			die("LMTP said: %s", line);
	} while (line[3] == '-');
}

static unsigned count_numbers(const char *line)
{
	unsigned count = 0;
	for (; *line; line++)
		count += isdigit((unsigned char)line[0]) && !isdigit((unsigned char)line[1]);
	return count;
}

/* "... {123}" announces 123 octets and the rest of the response after them. */
static size_t literal_after(const char *line, size_t len)
{
	if (!len || line[len - 1] != '}')
		return 0;
	const char *brace = memrchr(line, '{', len);
	return brace ? strtoul(brace + 1, NULL, 10) : 0;
}

static void note_untagged(struct imap_seen *seen, const char *line)
{
	char *rest;
	if (strncmp(line, "* SEARCH", 8) == 0) {
		seen->hits += count_numbers(line + 8);
		return;
	}
	unsigned long number = strtoul(line + 2, &rest, 10);
	if (strncmp(rest, " FETCH ", 7) == 0)
		seen->fetches++;
	else if (strcmp(rest, " EXISTS") == 0)
		seen->exists = (unsigned)number;
}

struct imap_seen wire_imap_done(struct wire *w, const char *tag)
{
	struct imap_seen seen = {0};
	size_t len, tag_len = strlen(tag);
	bool in_response = false;
	for (;;) {
		const char *line = wire_line(w, &len);
		if (!in_response && strncmp(line, tag, tag_len) == 0 && line[tag_len] == ' ') {
			if (strncmp(line + tag_len, " OK", 3) != 0)
				die("IMAP said: %s", line);
			return seen;
		}
		if (!in_response && strncmp(line, "* ", 2) == 0)
			note_untagged(&seen, line);
		size_t literal = literal_after(line, len);
		in_response = literal != 0;
		if (literal)
			wire_skip(w, literal);
	}
}
