/* tls_server - an echo server with a certificate of its own, one connection at a time. For the
 * tests of TLS. */
#ifndef UNIT_NET_TLS_SERVER_H
#define UNIT_NET_TLS_SERVER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "net/stream.h"
#include "net/tls.h"
#include "support/suite.h"

/* A server with a certificate of its own, one connection at a time, which echoes. */
struct server {
	struct stream_user user;
	char dir[64], ca[96], cert[96], key[96];
	struct loop *loop;
	struct tls_context *tls;
	struct stream *stream;
	char events[64];
	size_t event_count;
	bool starts_tls; /* on "STARTTLS\r\n" */
	bool echoes;
	enum err start_err;
	size_t to_send; /* bytes of a long reply, sent as room comes */
};

static inline void server_send_more(struct server *v)
{
	static const char block[4096];
	size_t room;
	while (v->to_send && (room = stream_room(v->stream)) > 0) {
		size_t n = v->to_send < sizeof(block) ? v->to_send : sizeof(block);
		n = n < room ? n : room;
		ck_assert_int_eq(stream_add(v->stream, slice_of(block, n)), ERR_NONE);
		v->to_send -= n;
	}
}

static inline void server_on_input(struct server *v)
{
	struct slice input = stream_input(v->stream);
	if (v->starts_tls && slice_starts(input, SLICE_LIT("STARTTLS\r\n"))) {
		stream_consume(v->stream, 10);
		ck_assert_int_eq(stream_add(v->stream, SLICE_LIT("220 go\r\n")), ERR_NONE);
		v->start_err = stream_start_tls(v->stream, v->tls);
		return;
	}
	if (v->echoes) {
		ck_assert_int_eq(stream_add(v->stream, input), ERR_NONE);
		stream_consume(v->stream, input.len);
	}
}

static inline void server_on_stream(struct stream_user *user, enum stream_event event)
{
	struct server *v = list_owner(user, struct server, user);
	if (v->event_count < sizeof(v->events) - 1 && event != STREAM_INPUT)
		v->events[v->event_count++] = "RIOED"[event];
	switch (event) {
	case STREAM_READY: break;
	case STREAM_INPUT: server_on_input(v); break;
	case STREAM_ROOM: server_send_more(v); break;
	case STREAM_EOF: break;
	case STREAM_DEAD: stream_close(&v->stream); break;
	}
}

static inline void server_make_files(struct server *v)
{
	const char *names[] = {"localhost", "127.0.0.1"};
	ck_assert_int_eq(tls_make_house_certificate(v->dir, names, 2), ERR_NONE);
}

static inline void server_open(struct server *v)
{
	*v = (struct server){.user.on_stream = server_on_stream, .echoes = true};
	log_open(LOG_TO_NOBODY, LOG_LEVEL_DEBUG);
	memcpy(v->dir, "/tmp/surel-test-tls-XXXXXX", sizeof("/tmp/surel-test-tls-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(v->dir));
	ck_assert_int_eq(file_join(v->ca, sizeof(v->ca), v->dir, "ca.pem"), ERR_NONE);
	ck_assert_int_eq(file_join(v->cert, sizeof(v->cert), v->dir, "cert.pem"), ERR_NONE);
	ck_assert_int_eq(file_join(v->key, sizeof(v->key), v->dir, "key.pem"), ERR_NONE);
	server_make_files(v);
	struct tls_files files = {v->cert, v->key};
	ck_assert_int_eq(tls_context_open(&files, &v->tls), ERR_NONE);
	ck_assert_int_eq(loop_new(&v->loop), ERR_NONE);
}

/* A new connection; returns the client's end of it. */
static inline int server_accept(struct server *v, bool implicit_tls)
{
	int fds[2];
	stream_abort(&v->stream);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
	ck_assert_int_eq(
		stream_new_fd(v->loop, fds[0], implicit_tls ? v->tls : NULL, 8192, &v->stream),
		ERR_NONE);
	memset(v->events, 0, sizeof(v->events));
	v->event_count = 0;
	stream_set_user(v->stream, &v->user);
	return fds[1];
}

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static inline void server_close(struct server *v)
{
	stream_abort(&v->stream);
	tls_context_unref(&v->tls);
	ck_assert_ptr_null(v->tls);
	loop_free(&v->loop);
	ck_assert_int_eq(nftw(v->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void server_turn(struct server *v, int turns)
{
	for (int i = 0; i < turns; i++)
		ck_assert_int_eq(loop_turn(v->loop, 0), ERR_NONE);
}

#endif
