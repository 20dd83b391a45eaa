#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/recent_logins.h"
#include "base/clock.h"
#include "base/file.h"

static char dir[] = "/tmp/surel-test-XXXXXX", path[64];
static struct recent_logins *logins;

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/logins", dir);
	clock_freeze(1000, 1800000000);
	ck_assert_int_eq(recent_logins_open(path, &logins), ERR_NONE);
}

static void teardown(void)
{
	recent_logins_close(&logins);
	unlink(path);
	rmdir(dir);
	clock_thaw();
}

static void reopen(void)
{
	recent_logins_close(&logins);
	ck_assert_int_eq(recent_logins_open(path, &logins), ERR_NONE);
}

static void note(const char *user, enum service service, const char *address, uint32_t session)
{
	struct recent_login e = {.at_s = clock_wall_s(), .service = service, .session = session};
	snprintf(e.address, sizeof(e.address), "%s", address);
	recent_logins_note(logins, user, &e);
	clock_advance(1000);
}

START_TEST(the_newest_come_first_and_the_same_once)
{
	size_t count;
	setup();
	ck_assert_ptr_null(recent_logins_of(logins, "bob", &count));
	ck_assert_uint_eq(count, 0);
	note("bob", SERVICE_POP3, "192.0.2.1", 1);
	recent_logins_name(logins, "bob", 1, SLICE_LIT("Mail\t1"));
	note("bob", SERVICE_IMAP, "192.0.2.1", 2);
	note("bob", SERVICE_POP3, "192.0.2.1", 3);
	const struct recent_login *e = recent_logins_of(logins, "bob", &count);
	ck_assert_uint_eq(count, 2);
	ck_assert(e[0].service == SERVICE_POP3 && e[0].count == 2 && e[0].at_s == 1800000002);
	ck_assert_str_eq(e[0].client, "Mail 1");
	ck_assert(e[1].service == SERVICE_IMAP && e[1].count == 1);
	for (int i = 0; i < 40; i++) {
		char address[32];
		snprintf(address, sizeof(address), "192.0.2.%d", 100 + i);
		note("bob", SERVICE_IMAP, address, 0);
	}
	e = recent_logins_of(logins, "bob", &count);
	ck_assert_uint_eq(count, RECENT_LOGINS_MAX);
	ck_assert_str_eq(e[0].address, "192.0.2.139");
	ck_assert_str_eq(e[15].address, "192.0.2.124");
	recent_logins_forget(logins, "bob");
	ck_assert_ptr_null(recent_logins_of(logins, "bob", &count));
	teardown();
}
END_TEST

START_TEST(they_are_saved_and_loaded)
{
	size_t count;
	setup();
	ck_assert_int_eq(recent_logins_save(logins), ERR_NONE);
	ck_assert_int_ne(access(path, F_OK), 0); /* nothing to say */
	note("bob", SERVICE_SUBMISSION, "2001:db8::1", 7);
	note("carol", SERVICE_IMAP, "192.0.2.1", 8);
	recent_logins_name(logins, "carol", 8, SLICE_LIT("S\xc3\xbcrel"));
	ck_assert_int_eq(recent_logins_save(logins), ERR_NONE);
	reopen();
	const struct recent_login *e = recent_logins_of(logins, "carol", &count);
	ck_assert_uint_eq(count, 1);
	ck_assert_str_eq(e->client, "S\xc3\xbcrel");
	ck_assert_uint_eq(e->session, 0);
	e = recent_logins_of(logins, "bob", &count);
	ck_assert(e && e->service == SERVICE_SUBMISSION && e->at_s == 1800000000);
	ck_assert_str_eq(e->address, "2001:db8::1");
	teardown();
}
END_TEST

START_TEST(a_broken_file_is_ignored)
{
	static const char *const texts[] = {
		"bob\n",
		"bob\t1\t99\t0\t1\ta\t\t\n",
		"bob\t1\t0\t0\t1\tan address that is longer than any address can ever be\t\t\n",
		"../x\t1\t0\t0\t1\ta\t\t\n",
		"bob\t1\t0\t0\t1\ta\t\t\xff\n",
		"bob\t1\t0\t0\t1\ta\t\tx\nbob\t2\t0\t0",
	};
	setup();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t count;
		ck_assert_int_eq(file_replace(path, slice_str(texts[i]), 0600), ERR_NONE);
		reopen();
		ck_assert_msg(!recent_logins_of(logins, "bob", &count), "%zu", i);
		note("bob", SERVICE_IMAP, "192.0.2.1", 1);
	}
	teardown();
}
END_TEST

START_TEST(the_flash_is_written_once_a_day)
{
	setup();
	note("bob", SERVICE_IMAP, "192.0.2.1", 1);
	recent_logins_look_after(logins, &job_inline);
	ck_assert_int_ne(access(path, F_OK), 0);
	clock_advance(24ull * 3600 * 1000);
	recent_logins_look_after(logins, &job_inline);
	ck_assert_int_eq(access(path, F_OK), 0);
	unlink(path);
	note("bob", SERVICE_IMAP, "192.0.2.2", 1);
	recent_logins_look_after(logins, &job_inline);
	ck_assert_int_ne(access(path, F_OK), 0);
	clock_advance(24ull * 3600 * 1000);
	recent_logins_look_after(logins, &job_inline);
	ck_assert_int_eq(access(path, F_OK), 0);
	unlink(path);
	clock_advance(24ull * 3600 * 1000); /* nobody came */
	recent_logins_look_after(logins, &job_inline);
	ck_assert_int_ne(access(path, F_OK), 0);
	teardown();
}
END_TEST

SUITE_MAIN("recent_logins", the_newest_come_first_and_the_same_once, they_are_saved_and_loaded,
	   a_broken_file_is_ignored, the_flash_is_written_once_a_day)
