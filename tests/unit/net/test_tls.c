#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "net/listener.h"
#include "net/tls.h"
#include "support/suite.h"
#include "support/tls_client.h"

static const mbedtls_ssl_protocol_version versions[] = {MBEDTLS_SSL_VERSION_TLS1_2,
                                                        MBEDTLS_SSL_VERSION_TLS1_3};

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

static void server_send_more(struct server *v)
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

static void server_on_input(struct server *v)
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

static void server_on_stream(struct stream_user *user, enum stream_event event)
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

static void server_make_files(struct server *v)
{
	const char *names[] = {"localhost", "127.0.0.1"};
	ck_assert_int_eq(tls_make_house_certificate(v->dir, names, 2), ERR_NONE);
}

static void server_open(struct server *v)
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
static int server_accept(struct server *v, bool implicit_tls)
{
	int fds[2];
	stream_abort(&v->stream);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	ck_assert_int_eq(stream_new_fd(v->loop, fds[0], implicit_tls ? v->tls : NULL, 8192, &v->stream),
	                 ERR_NONE);
	memset(v->events, 0, sizeof(v->events));
	v->event_count = 0;
	stream_set_user(v->stream, &v->user);
	return fds[1];
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void server_close(struct server *v)
{
	stream_abort(&v->stream);
	tls_context_unref(&v->tls);
	ck_assert_ptr_null(v->tls);
	loop_free(&v->loop);
	ck_assert_int_eq(nftw(v->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void server_turn(struct server *v, int turns)
{
	for (int i = 0; i < turns; i++)
		ck_assert_int_eq(loop_turn(v->loop, 0), ERR_NONE);
}

static void echo_once(struct tls_client *c, const char *text)
{
	char back[64] = "";
	ck_assert_uint_lt(strlen(text), sizeof(back));
	ck_assert(tls_client_send(c, text, strlen(text)));
	ck_assert_msg(tls_client_receive(c, back, strlen(text)), "-0x%04x", (unsigned)-c->failure);
	ck_assert_str_eq(back, text);
}

static void check_shake_hands_and_carry_bytes(mbedtls_ssl_protocol_version version)
{
	struct server v;
	struct tls_client c;
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, version);
	ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
	server_turn(&v, 5); /* in TLS 1.3 the client has the last word */
	ck_assert_str_eq(v.events, "R");
	echo_once(&c, "a1 NOOP\r\n");
	ck_assert(stream_is_tls(v.stream));
	const char *text = stream_tls_text(v.stream);
	ck_assert_int_eq(strncmp(text, version == MBEDTLS_SSL_VERSION_TLS1_3 ? "TLSv1.3 TLS_" : "TLSv1.2 TLS_ECDHE_ECDSA_WITH_", 12), 0);
	ck_assert_ptr_null(strchr(text + 8, '-'));
	tls_client_hang_up(&c, true);
	server_turn(&v, 5);
	ck_assert_str_eq(v.events, "RE");
	tls_client_free(&c);
	server_close(&v);
}

START_TEST(both_versions_shake_hands_and_carry_bytes)
{
	for (size_t i = 0; i < 2; i++)
		check_shake_hands_and_carry_bytes(versions[i]);
}
END_TEST

START_TEST(a_wrong_host_name_is_the_clients_to_refuse)
{
	struct server v;
	struct tls_client c;
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, MBEDTLS_SSL_VERSION_TLS1_3);
	ck_assert(!tls_client_connect(&c, server_accept(&v, true), "bank.example"));
	ck_assert_int_eq(c.failure, MBEDTLS_ERR_X509_CERT_VERIFY_FAILED);
	server_turn(&v, 5);
	ck_assert_str_eq(v.events, "D");
	tls_client_free(&c);
	server_close(&v);
}
END_TEST

START_TEST(sessions_resume_in_both_versions)
{
	struct server v;
	struct tls_client c;
	server_open(&v);
	for (size_t i = 0; i < 2; i++) {
		tls_client_init(&c, v.loop, v.ca, versions[i]);
		ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
		echo_once(&c, "x");
		ck_assert_uint_gt(c.certificates_seen, 0);
		ck_assert(c.has_session);
		for (int again = 0; again < 3; again++) {
			tls_client_hang_up(&c, true);
			ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
			ck_assert_uint_eq(c.certificates_seen, 0);
			echo_once(&c, "y");
		}
		/* Tickets belong to the context and outlive a new certificate. */
		tls_client_hang_up(&c, true);
		ck_assert_int_eq(tls_context_reload(v.tls), ERR_NONE);
		ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
		ck_assert_uint_eq(c.certificates_seen, 0);
		tls_client_free(&c);
	}
	server_close(&v);
}
END_TEST

START_TEST(starttls_answers_in_clear_and_goes_on_encrypted)
{
	struct server v;
	struct tls_client c;
	char reply[16] = "";
	server_open(&v);
	v.starts_tls = true;
	for (size_t i = 0; i < 2; i++) {
		int fd = server_accept(&v, false);
		ck_assert_int_eq(send(fd, "STARTTLS\r\n", 10, 0), 10);
		server_turn(&v, 5);
		ck_assert_int_eq(v.start_err, ERR_NONE);
		ck_assert_int_eq(recv(fd, reply, sizeof(reply), 0), 8);
		ck_assert_int_eq(memcmp(reply, "220 go\r\n", 8), 0);
		ck_assert(!stream_is_tls(v.stream));
		ck_assert_int_eq(stream_start_tls(v.stream, v.tls), ERR_STATE);
		tls_client_init(&c, v.loop, v.ca, versions[i]);
		ck_assert(tls_client_connect(&c, fd, "localhost"));
		echo_once(&c, "EHLO\r\n");
		ck_assert_str_eq(v.events, "RR");
		ck_assert_int_eq(stream_start_tls(v.stream, v.tls), ERR_STATE);
		tls_client_free(&c);
	}
	server_close(&v);
}
END_TEST

START_TEST(what_came_before_the_answer_is_an_error_not_a_command)
{
	struct server v;
	server_open(&v);
	v.starts_tls = true;
	int fd = server_accept(&v, false);
	ck_assert_int_eq(send(fd, "STARTTLS\r\nMAIL FROM:<x>\r\n", 25, 0), 25);
	server_turn(&v, 5);
	ck_assert_int_eq(v.start_err, ERR_STATE);
	ck_assert(!stream_is_tls(v.stream));
	close(fd);

	/* The same in two packets: what is injected meets the TLS parser, and fails there. */
	fd = server_accept(&v, false);
	ck_assert_int_eq(send(fd, "STARTTLS\r\n", 10, 0), 10);
	server_turn(&v, 5);
	ck_assert_int_eq(send(fd, "MAIL FROM:<x>\r\n", 15, 0), 15);
	server_turn(&v, 5);
	ck_assert_str_eq(v.events, "RD");
	close(fd);
	ck_assert_int_eq(stream_start_tls(NULL, NULL), ERR_UNSUPPORTED);
	server_close(&v);
}
END_TEST

START_TEST(a_client_that_gives_up_or_talks_nonsense_is_dead)
{
	static const char *const nonsense[] = {
		"", "GET / HTTP/1.0\r\n\r\n", "\x16\x03\x01", "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
		"\x16\x03\x01\xFF\xFF\x01", "\x15\x03\x03\x00\x02\x02\x28",
	};
	struct server v;
	server_open(&v);
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		int fd = server_accept(&v, true);
		size_t n = i == 3 ? 10 : i == 4 ? 6 : i == 5 ? 7 : strlen(nonsense[i]);
		ck_assert_int_eq(send(fd, nonsense[i], n, 0), (ssize_t)n);
		server_turn(&v, 3);
		close(fd);
		server_turn(&v, 5);
		ck_assert_msg(strcmp(v.events, "D") == 0, "row %zu: %s", i, v.events);
	}
	server_close(&v);
}
END_TEST

START_TEST(tls_1_1_is_refused)
{
	/* A ClientHello of TLS 1.1 as OpenSSL 1.0 sends it, cipher TLS_RSA_WITH_AES_128_CBC_SHA. */
	static const char hello[] = "\x16\x03\x01\x00\x2D\x01\x00\x00\x29\x03\x02"
	                            "0123456789abcdef0123456789abcdef"
	                            "\x00\x00\x02\x00\x2F\x01\x00";
	struct server v;
	char alert[16];
	server_open(&v);
	int fd = server_accept(&v, true);
	ck_assert_int_eq(send(fd, hello, sizeof(hello) - 1, 0), (ssize_t)sizeof(hello) - 1);
	server_turn(&v, 5);
	ck_assert_str_eq(v.events, "D");
	ck_assert_int_eq(recv(fd, alert, sizeof(alert), 0), 7); /* a fatal alert, then the end */
	ck_assert_int_eq(alert[0], 0x15);
	ck_assert_int_eq(recv(fd, alert, sizeof(alert), 0), 0);
	close(fd);
	server_close(&v);
}
END_TEST

static void check_a_slow_reader_stops_a_long_reply_and_gets_all_of_it(mbedtls_ssl_protocol_version version)
{
	enum { TOTAL = 3 * 1000 * 1000 };
	struct server v;
	struct tls_client c;
	char block[10000];
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, version);
	ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
	echo_once(&c, "x"); /* in TLS 1.3 the client's tickets are read with it */
	v.to_send = TOTAL;
	server_send_more(&v);
	server_turn(&v, 100);
	ck_assert_uint_gt(v.to_send, 0); /* the socket is full and nobody reads */
	ck_assert_uint_le(stream_queued(v.stream), STREAM_HIGH_WATER);
	ck_assert(!loop_has_work(v.loop));
	for (size_t got = 0; got < TOTAL; got += sizeof(block))
		ck_assert(tls_client_receive(&c, block, sizeof(block)));
	ck_assert_uint_eq(v.to_send, 0);
	ck_assert_uint_eq(stream_queued(v.stream), 0);
	ck_assert_ptr_null(strchr(v.events, 'D'));
	tls_client_free(&c);
	server_close(&v);
}

START_TEST(a_slow_reader_stops_a_long_reply_and_gets_all_of_it)
{
	for (size_t i = 0; i < 2; i++)
		check_a_slow_reader_stops_a_long_reply_and_gets_all_of_it(versions[i]);
}
END_TEST

static void check_large_input_comes_whole_and_within_the_ceiling(mbedtls_ssl_protocol_version version)
{
	enum { TOTAL = 200 * 1000 };
	struct server v;
	struct tls_client c;
	size_t sent = 0, received = 0;
	static unsigned char out[TOTAL], in[TOTAL];
	for (size_t i = 0; i < TOTAL; i++)
		out[i] = (unsigned char)(i * 7 + i / 1000);
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, version);
	ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
	while (received < TOTAL) {
		size_t n = TOTAL - sent < 20000 ? TOTAL - sent : 20000;
		ck_assert(tls_client_send(&c, out + sent, n));
		sent += n;
		ck_assert_uint_le(stream_input(v.stream).len, 8192);
		ck_assert(tls_client_receive(&c, in + received, n));
		received += n;
	}
	ck_assert_int_eq(memcmp(in, out, TOTAL), 0);
	tls_client_free(&c);
	server_close(&v);
}

START_TEST(large_input_comes_whole_and_within_the_ceiling)
{
	for (size_t i = 0; i < 2; i++)
		check_large_input_comes_whole_and_within_the_ceiling(versions[i]);
}
END_TEST

static void check_goodbye_reaches_the_client_and_half_close_the_server(mbedtls_ssl_protocol_version version)
{
	struct server v;
	struct tls_client c;
	char byte;
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, version);
	ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
	echo_once(&c, "x");
	ck_assert_int_eq(mbedtls_ssl_close_notify(&c.ssl), 0); /* we shall say no more... */
	server_turn(&v, 5);
	ck_assert_str_eq(v.events, "RE");
	ck_assert_int_eq(stream_add(v.stream, SLICE_LIT("!")), ERR_NONE); /* ...and still listen */
	stream_close(&v.stream);
	ck_assert(tls_client_receive(&c, &byte, 1));
	ck_assert_int_eq(byte, '!');
	ck_assert(!tls_client_receive(&c, &byte, 1));
	ck_assert_int_eq(c.failure, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
	tls_client_free(&c);
	server_close(&v);
}

START_TEST(goodbye_reaches_the_client_and_half_close_the_server)
{
	for (size_t i = 0; i < 2; i++)
		check_goodbye_reaches_the_client_and_half_close_the_server(versions[i]);
}
END_TEST

START_TEST(closing_during_a_handshake_finishes_it_for_the_sake_of_the_reply)
{
	struct server v;
	struct tls_client c;
	char reply[8] = "";
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, MBEDTLS_SSL_VERSION_TLS1_3);
	int fd = server_accept(&v, true);
	ck_assert_int_eq(stream_add(v.stream, SLICE_LIT("* BYE\r\n")), ERR_NONE);
	stream_close(&v.stream);
	ck_assert(tls_client_connect(&c, fd, "localhost"));
	ck_assert(tls_client_receive(&c, reply, 7));
	ck_assert_str_eq(reply, "* BYE\r\n");
	tls_client_free(&c);
	server_close(&v);
}
END_TEST

START_TEST(a_new_certificate_is_for_new_connections_and_old_ones_go_on)
{
	struct server v;
	struct tls_client old, young;
	char other_ca[96];
	server_open(&v);
	tls_client_init(&old, v.loop, v.ca, MBEDTLS_SSL_VERSION_TLS1_3);
	ck_assert(tls_client_connect(&old, server_accept(&v, true), "localhost"));
	echo_once(&old, "before");
	struct stream *old_stream = v.stream;
	v.stream = NULL;

	ck_assert(!tls_context_is_stale(v.tls));
	ck_assert_int_eq(file_join(other_ca, sizeof(other_ca), v.dir, "ca.key"), ERR_NONE);
	unlink(other_ca);
	unlink(v.ca);
	unlink(v.cert);
	ck_assert(tls_context_is_stale(v.tls));
	server_make_files(&v); /* a new authority: the old client would not accept it */
	ck_assert(tls_context_is_stale(v.tls));
	int64_t not_after = tls_context_not_after(v.tls);
	ck_assert_int_eq(tls_context_reload(v.tls), ERR_NONE);
	ck_assert(!tls_context_is_stale(v.tls));
	ck_assert_int_ge(tls_context_not_after(v.tls), not_after);

	tls_client_init(&young, v.loop, v.ca, MBEDTLS_SSL_VERSION_TLS1_3);
	ck_assert(tls_client_connect(&young, server_accept(&v, true), "localhost"));
	echo_once(&young, "new");
	struct stream *young_stream = v.stream;
	v.stream = old_stream;
	echo_once(&old, "after");
	v.stream = young_stream;
	stream_abort(&old_stream);
	tls_client_free(&old);
	tls_client_free(&young);
	server_close(&v);
}
END_TEST

START_TEST(broken_files_leave_the_old_certificate_in_use)
{
	struct server v;
	struct tls_client c;
	server_open(&v);
	ck_assert_int_eq(file_replace(v.cert, SLICE_LIT("half a certif"), 0644), ERR_NONE);
	ck_assert(tls_context_is_stale(v.tls));
	ck_assert_int_eq(tls_context_reload(v.tls), ERR_SYNTAX);
	ck_assert(!tls_context_is_stale(v.tls)); /* complained about once */
	unlink(v.cert);
	ck_assert(tls_context_is_stale(v.tls));
	ck_assert_int_eq(tls_context_reload(v.tls), ERR_NOT_FOUND);
	tls_client_init(&c, v.loop, v.ca, MBEDTLS_SSL_VERSION_TLS1_3);
	ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
	echo_once(&c, "still here");
	tls_client_free(&c);
	struct tls_context *none = NULL;
	struct tls_files files = {v.cert, v.key};
	ck_assert_int_eq(tls_context_open(&files, &none), ERR_NOT_FOUND);
	ck_assert_ptr_null(none);
	server_close(&v);
}
END_TEST

START_TEST(a_context_lives_as_long_as_its_streams)
{
	struct server v;
	struct tls_client c;
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, MBEDTLS_SSL_VERSION_TLS1_2);
	ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
	tls_context_unref(&v.tls);
	echo_once(&c, "orphan");
	tls_client_free(&c);
	server_close(&v);
}
END_TEST

START_TEST(both_sides_derive_the_same_channel_binding)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	struct server v;
	struct tls_client c;
	uint8_t ours[32] = {0}, theirs[32] = {1};
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, MBEDTLS_SSL_VERSION_TLS1_3);
	ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
	echo_once(&c, "x");
	ck_assert_int_eq(stream_tls_exporter(v.stream, ours), ERR_NONE);
	ck_assert_int_eq(mbedtls_ssl_export_keying_material(&c.ssl, theirs, 32, label, 24, NULL, 0, 0), 0);
	ck_assert_mem_eq(ours, theirs, 32);
	tls_client_free(&c);
	tls_client_init(&c, v.loop, v.ca, MBEDTLS_SSL_VERSION_TLS1_2);
	ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
	ck_assert_int_eq(stream_tls_exporter(v.stream, ours), ERR_UNSUPPORTED);
	tls_client_free(&c);
	close(server_accept(&v, false));
	ck_assert_int_eq(stream_tls_exporter(v.stream, ours), ERR_UNSUPPORTED);
	ck_assert_str_eq(stream_tls_text(v.stream), "");
	server_close(&v);
}
END_TEST

/* --- another implementation's client ---------------------------------------------------------- */

static void server_accepted(void *owner, struct stream *s, bool over_limit)
{
	struct server *v = owner;
	ck_assert(!over_limit);
	stream_close(&v->stream);
	v->stream = s;
	stream_set_user(s, &v->user);
}

/* Runs a shell command beside the loop, at most 20 s; returns its exit status. */
static int run_beside(struct server *v, const char *command)
{
	int status = -1;
	uint64_t end_ms = clock_mono_ms() + 20000;
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		ck_assert_uint_lt(clock_mono_ms(), end_ms);
		ck_assert_int_eq(loop_turn(v->loop, 5), ERR_NONE);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(openssl_verifies_us_and_resumes)
{
	struct server v;
	struct listener *listener = NULL;
	struct conn_table *table = NULL;
	struct conn_limits limits = {10, 10};
	char command[1024];
	server_open(&v);
	if (run_beside(&v, "command -v openssl > /dev/null") != 0) {
		server_close(&v);
		return; /* a machine without it: the rest of this file still speaks for us */
	}
	ck_assert_int_eq(conn_table_new(&limits, &table), ERR_NONE);
	struct listener_config config = {.address = "127.0.0.1",
	                                 .is_implicit_tls = true,
	                                 .tls = v.tls,
	                                 .table = table,
	                                 .in_max_bytes = 8192,
	                                 .accepted = server_accepted,
	                                 .owner = &v};
	ck_assert_int_eq(listener_open(v.loop, &config, &listener), ERR_NONE);
	static const char *const options[] = {"-tls1_2", "-tls1_3"};
	for (size_t i = 0; i < 2; i++)
		for (int resumes = 0; resumes < 2; resumes++) {
			/* The client hangs up when it has seen its own line come back. */
			int n = snprintf(command, sizeof(command),
			                 "cd %s && rm -f in && mkfifo in && { openssl s_client -connect "
			                 "127.0.0.1:%u %s -CAfile ca.pem -verify_return_error -verify_ip "
			                 "127.0.0.1 %s session%s < in > out 2> err & } && exec 3> in && "
			                 "echo marco >&3 && until grep -q ^marco out; do :; done && "
			                 "exec 3>&- && wait && grep -q '%s' out",
			                 v.dir, listener_port(listener), options[i],
			                 resumes ? "-sess_in" : "-sess_out", options[i],
			                 resumes ? "^Reused, TLS" : "^New, TLS");
			ck_assert_int_lt(n, (int)sizeof(command));
			ck_assert_msg(run_beside(&v, command) == 0, "%s, resuming: %d", options[i], resumes);
		}
	stream_abort(&v.stream);
	listener_close(&listener);
	conn_table_free(&table);
	server_close(&v);
}
END_TEST

SUITE_MAIN("tls", both_versions_shake_hands_and_carry_bytes, a_wrong_host_name_is_the_clients_to_refuse,
           sessions_resume_in_both_versions, starttls_answers_in_clear_and_goes_on_encrypted,
           what_came_before_the_answer_is_an_error_not_a_command,
           a_client_that_gives_up_or_talks_nonsense_is_dead, tls_1_1_is_refused,
           a_slow_reader_stops_a_long_reply_and_gets_all_of_it,
           large_input_comes_whole_and_within_the_ceiling,
           goodbye_reaches_the_client_and_half_close_the_server,
           closing_during_a_handshake_finishes_it_for_the_sake_of_the_reply,
           a_new_certificate_is_for_new_connections_and_old_ones_go_on,
           broken_files_leave_the_old_certificate_in_use, a_context_lives_as_long_as_its_streams,
           both_sides_derive_the_same_channel_binding, openssl_verifies_us_and_resumes)
