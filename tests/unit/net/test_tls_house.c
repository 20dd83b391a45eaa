#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "net/tls_impl.h"
#include "support/suite.h"

#define DAY ((int64_t)24 * 60 * 60)

struct home {
	char dir[64];
	char ca_cert[96], ca_key[96], cert[96], key[96];
};

static void home_open(struct home *h)
{
	log_open(LOG_TO_NOBODY, LOG_LEVEL_DEBUG);
	memcpy(h->dir, "/tmp/surel-test-tls-XXXXXX", sizeof("/tmp/surel-test-tls-XXXXXX"));
	ck_assert_ptr_nonnull(mkdtemp(h->dir));
	ck_assert_int_eq(file_join(h->ca_cert, sizeof(h->ca_cert), h->dir, "ca.pem"), ERR_NONE);
	ck_assert_int_eq(file_join(h->ca_key, sizeof(h->ca_key), h->dir, "ca.key"), ERR_NONE);
	ck_assert_int_eq(file_join(h->cert, sizeof(h->cert), h->dir, "cert.pem"), ERR_NONE);
	ck_assert_int_eq(file_join(h->key, sizeof(h->key), h->dir, "key.pem"), ERR_NONE);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void home_close(struct home *h)
{
	ck_assert_int_eq(nftw(h->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static enum err make(struct home *h, const char *first, const char *second, const char *third)
{
	const char *names[3] = {first, second, third};
	size_t count = third ? 3 : second ? 2 : first ? 1 : 0;
	return tls_make_house_certificate(h->dir, names, count);
}

static ino_t inode(const char *path)
{
	struct stat st;
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_ino;
}

static unsigned mode(const char *path)
{
	struct stat st;
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* What a client with ca.pem installed makes of cert.pem: flags of mbedTLS, dates left aside when
 * the clock is not sane. */
static uint32_t verdict(struct home *h, const char *host)
{
	mbedtls_x509_crt ca, cert;
	uint32_t flags = 0;
	mbedtls_x509_crt_init(&ca);
	mbedtls_x509_crt_init(&cert);
	ck_assert_int_eq(tls_prepare(), ERR_NONE);
	ck_assert_int_eq(tls_read_cert(h->ca_cert, &ca), ERR_NONE);
	ck_assert_int_eq(tls_read_cert(h->cert, &cert), ERR_NONE);
	mbedtls_x509_crt_verify(&cert, &ca, NULL, host, &flags, NULL, NULL);
	mbedtls_x509_crt_free(&ca);
	mbedtls_x509_crt_free(&cert);
	return flags;
}

static void dates(const char *path, int64_t *from, int64_t *to)
{
	mbedtls_x509_crt cert;
	mbedtls_x509_crt_init(&cert);
	ck_assert_int_eq(tls_read_cert(path, &cert), ERR_NONE);
	*from = tls_time_s(&cert.valid_from);
	*to = tls_time_s(&cert.valid_to);
	mbedtls_x509_crt_free(&cert);
}

START_TEST(the_first_call_makes_all_and_the_second_nothing)
{
	struct home h;
	home_open(&h);
	ck_assert_int_eq(make(&h, "surel.local", "192.168.1.1", "fd00::1"), ERR_NONE);
	ck_assert_uint_eq(mode(h.ca_key), 0600);
	ck_assert_uint_eq(mode(h.key), 0600);
	ck_assert_uint_eq(mode(h.cert), 0644);
	ck_assert_uint_eq(verdict(&h, "surel.local"), 0);
	ck_assert_uint_eq(verdict(&h, "SUREL.local"), 0);
	ck_assert_uint_eq(verdict(&h, "192.168.1.1"), 0);
	ck_assert_uint_eq(verdict(&h, "other.local"), MBEDTLS_X509_BADCERT_CN_MISMATCH);
	ino_t before[4] = {inode(h.ca_cert), inode(h.ca_key), inode(h.cert), inode(h.key)};
	ck_assert_int_eq(make(&h, "surel.local", "192.168.1.1", NULL), ERR_NONE);
	ck_assert_int_eq(make(&h, "Surel.Local", "fd00:0::1", NULL), ERR_NONE);
	ck_assert_int_eq(make(&h, NULL, NULL, NULL), ERR_NONE);
	ck_assert_uint_eq(inode(h.ca_cert), before[0]);
	ck_assert_uint_eq(inode(h.ca_key), before[1]);
	ck_assert_uint_eq(inode(h.cert), before[2]);
	ck_assert_uint_eq(inode(h.key), before[3]);
	home_close(&h);
}
END_TEST

START_TEST(a_new_name_renews_the_certificate_and_keeps_the_authority)
{
	struct home h;
	home_open(&h);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	ino_t ca = inode(h.ca_cert), ca_key = inode(h.ca_key);
	ck_assert_int_eq(make(&h, "surel.local", "10.0.0.1", NULL), ERR_NONE);
	ck_assert_uint_eq(verdict(&h, "10.0.0.1"), 0);
	ck_assert_uint_eq(inode(h.ca_cert), ca);
	ck_assert_uint_eq(inode(h.ca_key), ca_key);
	home_close(&h);
}
END_TEST

START_TEST(names_that_are_none_are_refused)
{
	static const char *const bad[] = {"",     "a b", "a,CN=b", "sur\xC3\xA9l",
					  "a\nb", "*",   "[::1]",  "a/b"};
	struct home h;
	home_open(&h);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(make(&h, "fine.example", bad[i], NULL) == ERR_SYNTAX, "%s", bad[i]);
	const char *many[TLS_NAMES_MAX + 1];
	char longest[254];
	memset(longest, 'x', 253);
	longest[253] = 0;
	for (size_t i = 0; i <= TLS_NAMES_MAX; i++)
		many[i] = longest;
	ck_assert_int_eq(tls_make_house_certificate(h.dir, many, TLS_NAMES_MAX + 1), ERR_LIMIT);
	ck_assert_int_eq(access(h.cert, F_OK), -1);
	ck_assert_int_eq(tls_make_house_certificate(h.dir, many, TLS_NAMES_MAX), ERR_NONE);
	ck_assert_uint_eq(verdict(&h, longest), 0);
	home_close(&h);
}
END_TEST

START_TEST(a_clock_of_1970_gives_certificates_of_the_present)
{
	struct home h;
	int64_t from, to, ca_from, ca_to;
	home_open(&h);
	clock_freeze(0, 1000);
	int64_t floor_s = clock_wall_or_floor_s();
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	dates(h.cert, &from, &to);
	dates(h.ca_cert, &ca_from, &ca_to);
	ck_assert_int_eq(from, floor_s - DAY);
	ck_assert_int_eq(to - from, 824 * DAY);
	ck_assert_int_eq(ca_from, from);
	ck_assert_int_gt(ca_to, floor_s + 3650 * DAY);
	/* Still 1970 after the next start: nothing is thought to be in the future. */
	ino_t cert = inode(h.cert);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	ck_assert_uint_eq(inode(h.cert), cert);
	/* The network has told the time, two years later than the build. */
	clock_freeze(0, floor_s + 800 * DAY);
	ino_t ca = inode(h.ca_cert);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	dates(h.cert, &from, &to);
	ck_assert_int_eq(from, floor_s + 799 * DAY);
	ck_assert_uint_eq(inode(h.ca_cert), ca);
	clock_thaw();
	home_close(&h);
}
END_TEST

START_TEST(certificates_are_renewed_near_their_end_and_never_outlive_the_authority)
{
	struct home h;
	int64_t from, to, ca_from, ca_to;
	home_open(&h);
	int64_t start_s = 1900000000;
	clock_freeze(0, start_s);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	dates(h.cert, &from, &to);
	dates(h.ca_cert, &ca_from, &ca_to);
	ino_t cert = inode(h.cert);
	clock_freeze(0, to - 31 * DAY);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	ck_assert_uint_eq(inode(h.cert), cert);
	clock_freeze(0, to - 30 * DAY);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	dates(h.cert, &from, &to);
	ck_assert_int_eq(from, clock_wall_s() - DAY);

	clock_freeze(0, ca_to - 100 * DAY);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	dates(h.cert, &from, &to);
	ck_assert_int_eq(to, ca_to);
	clock_freeze(0, ca_to - 10 * DAY); /* both near their end: the key lives on in a new CA */
	struct buf before, after;
	buf_init(&before, 4096);
	buf_init(&after, 4096);
	ck_assert_int_eq(file_read(h.ca_key, &before), ERR_NONE);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	ck_assert_int_eq(file_read(h.ca_key, &after), ERR_NONE);
	ck_assert(slice_eq(buf_view(&before), buf_view(&after)));
	dates(h.ca_cert, &from, &ca_to);
	ck_assert_int_gt(ca_to, clock_wall_s() + 3000 * DAY);
	buf_free(&before);
	buf_free(&after);
	clock_thaw();
	home_close(&h);
}
END_TEST

START_TEST(a_certificate_of_the_future_is_replaced_once_the_clock_is_right)
{
	struct home h;
	int64_t from, to;
	home_open(&h);
	clock_freeze(0, 2200000000); /* a clock chip with an empty cell says anything */
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	clock_freeze(0, 1900000000);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	dates(h.cert, &from, &to);
	ck_assert_int_eq(from, 1900000000 - DAY);
	dates(h.ca_cert, &from, &to);
	ck_assert_int_eq(from, 1900000000 - DAY);
	clock_thaw();
	home_close(&h);
}
END_TEST

START_TEST(any_missing_or_damaged_file_is_made_good)
{
	struct home h;
	home_open(&h);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	const char *paths[] = {h.ca_cert, h.ca_key, h.cert, h.key};
	for (unsigned which = 0; which < 4; which++)
		for (int damaged = 0; damaged < 2; damaged++) {
			if (damaged)
				ck_assert_int_eq(
					file_replace(paths[which], SLICE_LIT("torn"), 0644),
					ERR_NONE);
			else
				ck_assert_int_eq(unlink(paths[which]), 0);
			ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
			ck_assert_uint_eq(verdict(&h, "surel.local"), 0);
			struct tls_context *ctx = NULL;
			struct tls_files files = {h.cert, h.key};
			ck_assert_int_eq(tls_context_open(&files, &ctx), ERR_NONE);
			tls_context_unref(&ctx);
		}
	home_close(&h);
}
END_TEST

START_TEST(a_cut_between_key_and_certificate_is_repaired)
{
	struct home h, other;
	struct buf key;
	home_open(&h);
	home_open(&other);
	buf_init(&key, 4096);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	ck_assert_int_eq(make(&other, "surel.local", NULL, NULL), ERR_NONE);
	ck_assert_int_eq(file_read(other.key, &key), ERR_NONE);
	ck_assert_int_eq(file_replace(h.key, buf_view(&key), 0600), ERR_NONE);
	struct tls_context *ctx = NULL;
	struct tls_files files = {h.cert, h.key};
	ck_assert_int_eq(tls_context_open(&files, &ctx), ERR_DENIED);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	ck_assert_int_eq(tls_context_open(&files, &ctx), ERR_NONE);
	tls_context_unref(&ctx);
	buf_free(&key);
	home_close(&h);
	home_close(&other);
}
END_TEST

START_TEST(the_authoritys_key_may_be_taken_away)
{
	struct home h;
	home_open(&h);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	ck_assert_int_eq(unlink(h.ca_key), 0);
	ino_t cert = inode(h.cert);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	ck_assert_uint_eq(inode(h.cert), cert);
	ck_assert_int_eq(access(h.ca_key, F_OK), -1);
	home_close(&h);
}
END_TEST

/* Self-signed, made with openssl for this test; expires in 2126. */
static const char foreign_cert[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBjjCCATOgAwIBAgIUFWcP83wg7sOLz9/HWkGHjh6AKBcwCgYIKoZIzj0EAwIw\n"
	"GzEZMBcGA1UEAwwQbWFpbC5leGFtcGxlLm9yZzAgFw0yNjExMjMwNzU3MjFaGA8y\n"
	"MTI2MTAzMDA3NTcyMVowGzEZMBcGA1UEAwwQbWFpbC5leGFtcGxlLm9yZzBZMBMG\n"
	"ByqGSM49AgEGCCqGSM49AwEHA0IABIKAW43EQwF46GYXuK/EhUxYdVR8U3qnz20L\n"
	"ixClxLu1qsRqwvBvWeCt99ES6VPfPHn7pePow53u8yVzr1iixWqjUzBRMB0GA1Ud\n"
	"DgQWBBTluJe5598S5JHUo4/Q7oYcruQidjAfBgNVHSMEGDAWgBTluJe5598S5JHU\n"
	"o4/Q7oYcruQidjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDC\n"
	"Hy1auaVOnrWIiBLOwwuV2YqfMU3tngN99hRTyMEK1AIhAOHMsxJ7ewQPt8O1gbo2\n"
	"35zPNWi1DDlRjbAvql+xMpm1\n"
	"-----END CERTIFICATE-----\n";
static const char foreign_key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqt3Zp2utHnrmT4+w\n"
	"JvfQQKDBZlia/0lcehe3qdlqxl+hRANCAASCgFuNxEMBeOhmF7ivxIVMWHVUfFN6\n"
	"p89tC4sQpcS7tarEasLwb1ngrffREulT3zx5+6Xj6MOd7vMlc69YosVq\n"
	"-----END PRIVATE KEY-----\n";

START_TEST(somebody_elses_certificate_is_left_alone)
{
	struct home h;
	home_open(&h);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE);
	ck_assert_int_eq(file_replace(h.cert, slice_str(foreign_cert), 0644), ERR_NONE);
	ck_assert_int_eq(make(&h, "surel.local", NULL, NULL), ERR_NONE); /* its key is on the way */
	ck_assert_int_eq(file_replace(h.key, slice_str(foreign_key), 0600), ERR_NONE);
	ino_t cert = inode(h.cert);
	ck_assert_int_eq(make(&h, "new.name.example", NULL, NULL), ERR_NONE);
	ck_assert_uint_eq(inode(h.cert), cert);
	struct tls_context *ctx = NULL;
	struct tls_files files = {h.cert, h.key};
	ck_assert_int_eq(tls_context_open(&files, &ctx), ERR_NONE);
	ck_assert_int_gt(tls_context_not_after(ctx), 4900000000);
	tls_context_unref(&ctx);
	home_close(&h);
}
END_TEST

SUITE_MAIN("tls_house", the_first_call_makes_all_and_the_second_nothing,
	   a_new_name_renews_the_certificate_and_keeps_the_authority,
	   names_that_are_none_are_refused, a_clock_of_1970_gives_certificates_of_the_present,
	   certificates_are_renewed_near_their_end_and_never_outlive_the_authority,
	   a_certificate_of_the_future_is_replaced_once_the_clock_is_right,
	   any_missing_or_damaged_file_is_made_good, a_cut_between_key_and_certificate_is_repaired,
	   the_authoritys_key_may_be_taken_away, somebody_elses_certificate_is_left_alone)
