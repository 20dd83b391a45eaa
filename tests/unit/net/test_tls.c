#include <mbedtls/platform.h>

#include "support/tls_client.h"
#include "unit/net/tls_server.h"

static const mbedtls_ssl_protocol_version versions[] = {MBEDTLS_SSL_VERSION_TLS1_2,
							MBEDTLS_SSL_VERSION_TLS1_3};

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
	ck_assert_int_eq(strncmp(text,
				 version == MBEDTLS_SSL_VERSION_TLS1_3
					 ? "TLSv1.3 TLS_"
					 : "TLSv1.2 TLS_ECDHE_ECDSA_WITH_",
				 12),
			 0);
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
		"",
		"GET / HTTP/1.0\r\n\r\n",
		"\x16\x03\x01",
		"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00",
		"\x16\x03\x01\xFF\xFF\x01",
		"\x15\x03\x03\x00\x02\x02\x28",
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

static void
check_a_slow_reader_stops_a_long_reply_and_gets_all_of_it(mbedtls_ssl_protocol_version version)
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

static void
check_large_input_comes_whole_and_within_the_ceiling(mbedtls_ssl_protocol_version version)
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

/* What has been read from the socket already does not wake epoll any more. */
static void check_nothing_is_left_lying(mbedtls_ssl_protocol_version version)
{
	struct server v;
	struct tls_client c;
	static char out[16000], in[16000];
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, version);
	ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
	echo_once(&c, "x");
	for (int i = 0; i < 100; i++) /* no turn of the server's loop between them */
		ck_assert(tls_client_send(&c, &"0123456789"[i % 10], 1));
	ck_assert(tls_client_receive(&c, in, 100));
	ck_assert_int_eq(memcmp(in, "01234567890123456789", 20), 0);
	/* One record of the client's, of which the server reads a part at a time. */
	size_t n = (size_t)mbedtls_ssl_get_max_out_record_payload(&c.ssl);
	n = n < sizeof(out) ? n : sizeof(out);
	stream_set_in_max(v.stream, 1000);
	memset(out, 'o', n);
	ck_assert(tls_client_send(&c, out, n));
	ck_assert(tls_client_receive(&c, in, n));
	ck_assert_int_eq(memcmp(in, out, n), 0);
	tls_client_free(&c);
	server_close(&v);
}

START_TEST(many_records_in_a_packet_and_a_record_in_many_reads)
{
	for (size_t i = 0; i < 2; i++)
		check_nothing_is_left_lying(versions[i]);
}
END_TEST

static void
check_goodbye_reaches_the_client_and_half_close_the_server(mbedtls_ssl_protocol_version version)
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

START_TEST(what_is_queued_during_the_handshake_follows_it)
{
	struct server v;
	struct tls_client c;
	char greeting[8] = "";
	server_open(&v);
	tls_client_init(&c, v.loop, v.ca, MBEDTLS_SSL_VERSION_TLS1_3);
	int fd = server_accept(&v, true);
	ck_assert_int_eq(stream_add(v.stream, SLICE_LIT("+OK hi\n")), ERR_NONE);
	server_turn(&v, 3);
	ck_assert_uint_eq(stream_queued(v.stream), 7);
	ck_assert(tls_client_connect(&c, fd, "localhost"));
	ck_assert(tls_client_receive(&c, greeting, 7));
	ck_assert_str_eq(greeting, "+OK hi\n");
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
	ck_assert_int_eq(
		mbedtls_ssl_export_keying_material(&c.ssl, theirs, 32, label, 24, NULL, 0, 0), 0);
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

/* --- memory ----------------------------------------------------------------------------------- */

static size_t library_bytes; /* what mbedTLS holds at the moment */

static void *counting_calloc(size_t count, size_t size)
{
	size_t *block = calloc(1, count * size + 2 * sizeof(size_t));
	if (!block)
		return NULL;
	block[0] = count * size;
	library_bytes += block[0];
	return block + 2;
}

static void counting_free(void *bytes)
{
	size_t *block = bytes ? (size_t *)bytes - 2 : NULL;
	if (block)
		library_bytes -= block[0];
	free(block);
}

/* 500 clients in IDLE on a router: what the handshake needed must not stay with each of them. */
START_TEST(an_idle_connection_keeps_to_its_budget)
{
	struct server v;
	mbedtls_platform_set_calloc_free(counting_calloc, counting_free);
	server_open(&v);
	for (size_t i = 0; i < 4; i++) {
		struct tls_client c;
		size_t before = library_bytes;
		tls_client_init(&c, v.loop, v.ca, versions[i % 2]);
		ck_assert(tls_client_connect(&c, server_accept(&v, true), "localhost"));
		echo_once(&c, "x");
		tls_client_free(&c); /* the server has not had its turn: it is still connected */
		ck_assert_uint_gt(library_bytes - before, 16 * 1024);
		ck_assert_uint_lt(library_bytes - before, 23 * 1024);
		stream_abort(&v.stream);
		if (i >= 2) /* ticket keys and curve tables are made once */
			ck_assert_uint_eq(library_bytes, before);
	}
	server_close(&v);
}
END_TEST

SUITE_MAIN("tls", both_versions_shake_hands_and_carry_bytes,
	   a_wrong_host_name_is_the_clients_to_refuse, sessions_resume_in_both_versions,
	   starttls_answers_in_clear_and_goes_on_encrypted,
	   what_came_before_the_answer_is_an_error_not_a_command,
	   a_client_that_gives_up_or_talks_nonsense_is_dead, tls_1_1_is_refused,
	   a_slow_reader_stops_a_long_reply_and_gets_all_of_it,
	   large_input_comes_whole_and_within_the_ceiling,
	   goodbye_reaches_the_client_and_half_close_the_server,
	   closing_during_a_handshake_finishes_it_for_the_sake_of_the_reply,
	   what_is_queued_during_the_handshake_follows_it,
	   a_new_certificate_is_for_new_connections_and_old_ones_go_on,
	   broken_files_leave_the_old_certificate_in_use, a_context_lives_as_long_as_its_streams,
	   both_sides_derive_the_same_channel_binding, an_idle_connection_keeps_to_its_budget,
	   many_records_in_a_packet_and_a_record_in_many_reads)
