#include "support/suite.h"

#include <ftw.h>
#include <mbedtls/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/log.h"
#include "net/tls.h"
#include "proto/protocols.h"
#include "support/fake_host.h"
#include "support/scram_client.h"
#include "support/tls_client.h"

static char dir[64], ca[96];
static struct loop *loop;
static struct fake_host fake;
static struct tls_client client;
static int fd;

/* --- both ends --------------------------------------------------------------------------------- */

static void setup(mbedtls_ssl_protocol_version version)
{
	char cert[96], key[96];
	const char *names[] = {"localhost"};
	struct tls_files files = {cert, key};
	log_open(LOG_TO_NOBODY, LOG_LEVEL_ERROR);
	memcpy(dir, "/tmp/surel-test-XXXXXX", sizeof("/tmp/surel-test-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(file_join(ca, sizeof(ca), dir, "ca.pem"), ERR_NONE);
	ck_assert_int_eq(file_join(cert, sizeof(cert), dir, "cert.pem"), ERR_NONE);
	ck_assert_int_eq(file_join(key, sizeof(key), dir, "key.pem"), ERR_NONE);
	ck_assert_int_eq(tls_make_house_certificate(dir, names, 1), ERR_NONE);
	ck_assert_int_eq(loop_new(&loop), ERR_NONE);
	fake_host_init(&fake, loop);
	fake_host_add_user(&fake, "bob", "secret");
	ck_assert_int_eq(tls_context_open(&files, &fake.host.tls), ERR_NONE);
	tls_client_init(&client, loop, ca, version);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st, (void)kind, (void)ftw;
	return remove(path);
}

static void teardown(void)
{
	if (client.is_open)
		tls_client_hang_up(&client, true);
	tls_client_free(&client);
	for (int i = 0; i < 100 && fake.session_count; i++)
		loop_turn(loop, 10);
	ck_assert_uint_eq(fake.session_count, 0);
	tls_context_unref(&fake.host.tls);
	fake_host_free(&fake);
	loop_free(&loop);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* From an address where nothing goes in clear. */
static void call(enum service service, bool is_implicit)
{
	int fds[2];
	struct stream *stream;
	struct net_address peer;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			 0);
	ck_assert_int_eq(
		stream_new_fd(loop, fds[0], is_implicit ? fake.host.tls : NULL, 16384, &stream),
		ERR_NONE);
	ck_assert_int_eq(net_address_parse("192.0.2.1", 1024, &peer), ERR_NONE);
	stream_set_addresses(stream, &peer, &peer);
	if (service == SERVICE_POP3)
		pop3_session_start(&fake.host, stream, false);
	else
		smtp_session_start(&fake.host, stream, service, false);
	fd = fds[1];
}

static void say_plain(const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Hears one line, octet by octet, so that nothing of the handshake is swallowed. */
static const char *hear_plain(void)
{
	static char line[512];
	size_t len = 0;
	for (int turns = 0; turns < 1000 && len + 1 < sizeof(line); turns++) {
		ssize_t got = recv(fd, line + len, 1, MSG_DONTWAIT);
		if (got == 0)
			break;
		if (got < 0)
			loop_turn(loop, 1);
		else if (line[len++] == '\n')
			break;
	}
	line[len] = '\0';
	return line;
}

static const char *hear(void)
{
	static char line[8192];
	size_t len = 0;
	while (len + 1 < sizeof(line) && tls_client_receive(&client, line + len, 1))
		if (line[len++] == '\n')
			break;
	line[len] = '\0';
	return line;
}

static const char *ask(const char *text)
{
	ck_assert(tls_client_send(&client, text, strlen(text)));
	return hear();
}

#define assert_starts(line, wanted)                                                \
	do {                                                                       \
		const char *said = line;                                           \
		ck_assert_msg(!strncmp(said, wanted, strlen(wanted)), "%s", said); \
	} while (0)

static void call_with_stls(void)
{
	call(SERVICE_POP3, false);
	assert_starts(hear_plain(), "+OK");
	say_plain("STLS\r\n");
	assert_starts(hear_plain(), "+OK Begin TLS");
	ck_assert(tls_client_connect(&client, fd, "localhost"));
}

/* --- STLS and STARTTLS ------------------------------------------------------------------------- */

static bool capa_has(const char *wanted)
{
	bool found = false;
	assert_starts(ask("CAPA\r\n"), "+OK");
	for (;;) {
		struct slice line = slice_trim(slice_str(hear()));
		if (line.len == 0 || slice_eq_str(line, "."))
			return found;
		found |= slice_eq_str(line, wanted);
	}
}

START_TEST(stls_opens_what_is_closed_in_clear)
{
	setup(MBEDTLS_SSL_VERSION_TLS1_2);
	call(SERVICE_POP3, false);
	assert_starts(hear_plain(), "+OK");
	say_plain("USER bob\r\n");
	assert_starts(hear_plain(), "-ERR [SYS/PERM]");
	say_plain("STLS\r\n");
	assert_starts(hear_plain(), "+OK");
	ck_assert(tls_client_connect(&client, fd, "localhost"));
	ck_assert(!capa_has("STLS"));
	ck_assert(capa_has("USER"));
	ck_assert(capa_has("SASL SCRAM-SHA-256 PLAIN LOGIN"));
	assert_starts(ask("STLS\r\n"), "-ERR");
	assert_starts(ask("USER bob\r\n"), "+OK");
	assert_starts(ask("PASS secret\r\n"), "+OK 0 messages");
	teardown();
}
END_TEST

START_TEST(what_was_said_in_clear_is_forgotten)
{
	setup(MBEDTLS_SSL_VERSION_TLS1_3);
	fake.host.allow_plaintext_lan = true;
	call(SERVICE_SMTP, false);
	assert_starts(hear_plain(), "220");
	say_plain("EHLO x\r\n");
	const char *line = hear_plain();
	bool has_starttls = false;
	for (; !strncmp(line, "250-", 4); line = hear_plain())
		has_starttls |= !strncmp(line, "250-STARTTLS", 12);
	ck_assert(has_starttls);
	say_plain("STARTTLS\r\n");
	assert_starts(hear_plain(), "220 2.0.0");
	ck_assert(tls_client_connect(&client, fd, "localhost"));
	assert_starts(ask("MAIL FROM:<>\r\n"), "503");
	assert_starts(ask("EHLO y\r\n"), "250-");
	has_starttls = false;
	bool has_auth = false;
	for (line = hear(); !strncmp(line, "250-", 4); line = hear()) {
		has_starttls |= !strncmp(line, "250-STARTTLS", 12);
		has_auth |= !strncmp(line, "250-AUTH SCRAM-SHA-256", 22);
	}
	ck_assert(!has_starttls && has_auth);
	assert_starts(ask("STARTTLS\r\n"), "503");
	assert_starts(ask("MAIL FROM:<>\r\n"), "250");
	teardown();
}
END_TEST

/* CVE-2021-33515 and its many kin: what was put behind STARTTLS in clear must not be executed. */
START_TEST(nothing_may_follow_before_tls_is_up)
{
	static const struct {
		enum service service;
		const char *say, *answer;
	} rows[] = {
		{SERVICE_POP3, "STLS\r\nUSER bob\r\n", "-ERR"},
		{SERVICE_SMTP, "STARTTLS\r\nEHLO evil\r\n", "554"},
		{SERVICE_LMTP, "STARTTLS\r\nX", "554"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		setup(MBEDTLS_SSL_VERSION_TLS1_3);
		call(rows[i].service, false);
		hear_plain();
		say_plain(rows[i].say);
		assert_starts(hear_plain(), rows[i].answer);
		ck_assert_str_eq(hear_plain(), "");
		close(fd);
		teardown();
	}
}
END_TEST

START_TEST(a_handshake_that_does_not_end_is_ended)
{
	setup(MBEDTLS_SSL_VERSION_TLS1_3);
	clock_freeze(1000 * 1000, 1790000000);
	call(SERVICE_POP3, true);
	say_plain("\x16\x03\x01");
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 0);
	ck_assert_uint_eq(fake.session_count, 1);
	clock_advance(fake.host.login_timeout_ms + 1);
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 0);
	ck_assert_uint_eq(fake.session_count, 0);
	clock_thaw();
	close(fd);
	teardown();
}
END_TEST

/* --- SCRAM-SHA-256-PLUS ------------------------------------------------------------------------ */

static const char *ask_base64(const char *before, struct slice message)
{
	struct buf line;
	buf_init(&line, 8192);
	ck_assert_int_eq(buf_add_str(&line, before), ERR_NONE);
	ck_assert_int_eq(base64_add(&line, message), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&line, "\r\n"), ERR_NONE);
	ck_assert(tls_client_send(&client, buf_view(&line).ptr, line.len));
	buf_free(&line);
	return hear();
}

static void scram(const char *mechanism, struct scram_client *c, const char *wanted)
{
	struct buf message, challenge;
	buf_init(&message, 4096);
	buf_init(&challenge, 4096);
	scram_client_first(c, &message);
	const char *line = ask_base64(mechanism, buf_view(&message));
	if (!strncmp(line, "+ ", 2)) {
		ck_assert_int_eq(base64_decode(slice_trim(slice_str(line + 2)), &challenge),
				 ERR_NONE);
		buf_clear(&message);
		ck_assert_int_eq(scram_client_final(c, buf_view(&challenge), &message), ERR_NONE);
		line = ask_base64("", buf_view(&message));
	}
	if (!strncmp(line, "+ ", 2)) {
		buf_clear(&challenge);
		ck_assert_int_eq(base64_decode(slice_trim(slice_str(line + 2)), &challenge),
				 ERR_NONE);
		ck_assert(scram_client_accepts(c, buf_view(&challenge)));
		line = ask("\r\n");
	}
	assert_starts(line, wanted);
	buf_free(&message);
	buf_free(&challenge);
}

#if defined(MBEDTLS_SSL_KEYING_MATERIAL_EXPORT)
START_TEST(scram_plus_is_bound_to_this_very_connection)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	uint8_t exporter[32];
	setup(MBEDTLS_SSL_VERSION_TLS1_3);
	call_with_stls();
	ck_assert(capa_has("SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN"));
	ck_assert_int_eq(mbedtls_ssl_export_keying_material(&client.ssl, exporter, sizeof(exporter),
							    label, sizeof(label) - 1, NULL, 0, 0),
			 0);
	struct scram_client c = {
		.user = "bob",
		.password = "secret",
		.gs2 = "p=tls-exporter,,",
		.binding = slice_of(exporter, sizeof(exporter)),
		.nonce = "abc",
	};
	exporter[0] ^= 1;
	scram("AUTH SCRAM-SHA-256-PLUS ", &c, "-ERR [AUTH]");
	exporter[0] ^= 1;
	/* Who says that we do not offer it has been lied to by somebody in between. */
	struct scram_client lied_to = c;
	lied_to.gs2 = "y,,";
	lied_to.binding = SLICE_EMPTY;
	scram("AUTH SCRAM-SHA-256 ", &lied_to, "-ERR [AUTH]");
	lied_to.gs2 = "n,,";
	scram("AUTH SCRAM-SHA-256-PLUS ", &lied_to, "-ERR [AUTH]");
	scram("AUTH SCRAM-SHA-256-PLUS ", &c, "+OK 0 messages");
	teardown();
}
END_TEST
#else
START_TEST(scram_plus_is_bound_to_this_very_connection)
{
	setup(MBEDTLS_SSL_VERSION_TLS1_3);
	call_with_stls();
	ck_assert(capa_has("SASL SCRAM-SHA-256 PLAIN LOGIN"));
	struct scram_client c = {.user = "bob", .password = "secret", .gs2 = "y,,", .nonce = "abc"};
	scram("AUTH SCRAM-SHA-256 ", &c, "+OK 0 messages");
	teardown();
}
END_TEST
#endif

SUITE_MAIN("starttls", stls_opens_what_is_closed_in_clear, what_was_said_in_clear_is_forgotten,
	   nothing_may_follow_before_tls_is_up, a_handshake_that_does_not_end_is_ended,
	   scram_plus_is_bound_to_this_very_connection)
