#include "support/suite.h"

#include <stdio.h>

#include "support/update_kit.h"

static const struct update_kit good = {.board = "box-1",
				       .version = "1.2.3",
				       .store_format = 2,
				       .kernel_size = 700,
				       .root_size = 20000};
static struct buf container;

static struct update_trust trust_all(void)
{
	return (struct update_trust){.key_pem = update_kit_key(), .board = "box-1"};
}

static void make(const struct update_kit *kit)
{
	buf_free(&container);
	buf_init(&container, 1024 * 1024);
	update_kit_make(kit, &container);
}

static enum update_fault verify_with(struct update_trust trust, struct update_head *head)
{
	struct memory_medium m;
	memory_medium_open(&m, container.bytes, container.len);
	return update_verify(&m.medium, 0, &trust, head);
}

static enum update_fault verify(void)
{
	struct update_head head;
	return verify_with(trust_all(), &head);
}

START_TEST(a_good_one_is_taken_apart)
{
	struct update_head head;
	make(&good);
	ck_assert_int_eq(verify_with(trust_all(), &head), UPDATE_GOOD);
	ck_assert_str_eq(head.board, "box-1");
	ck_assert_str_eq(head.version, "1.2.3");
	ck_assert_uint_eq(head.store_format, 2);
	ck_assert_uint_eq(head.kernel_size, 700);
	ck_assert_uint_eq(head.root_size, 20000);
	struct update_kit kit = good;
	kit.kernel_size = 0;
	kit.first = "colour=green\ncolour=blue\nnote=\n"; /* nothing to us, but signed */
	make(&kit);
	ck_assert_int_eq(verify(), UPDATE_GOOD);
	buf_free(&container);
}
END_TEST

START_TEST(it_may_lie_anywhere_and_something_behind_it)
{
	static uint8_t place[40000];
	struct memory_medium m;
	struct update_head head;
	struct update_trust trust = trust_all();
	make(&good);
	memcpy(place + 4096, container.bytes, container.len);
	memory_medium_open(&m, place, sizeof(place));
	ck_assert_int_eq(update_verify(&m.medium, 4096, &trust, &head), UPDATE_GOOD);
	ck_assert_int_eq(update_verify(&m.medium, 4095, &trust, &head), UPDATE_FOREIGN);
	ck_assert_int_eq(update_verify(&m.medium, sizeof(place), &trust, &head), UPDATE_FOREIGN);
	ck_assert_int_eq(update_verify(&m.medium, UINT64_MAX - 3, &trust, &head), UPDATE_FOREIGN);
	buf_free(&container);
}
END_TEST

START_TEST(every_octet_counts)
{
	make(&good);
	size_t text = strlen((const char *)container.bytes);
	for (size_t at = 0; at < container.len; at += at < text + 8 ? 1 : 331) {
		container.bytes[at] ^= 1;
		ck_assert_msg(verify() != UPDATE_GOOD, "octet %zu", at);
		container.bytes[at] ^= 1;
	}
	ck_assert_int_eq(verify(), UPDATE_GOOD);
	buf_free(&container);
}
END_TEST

START_TEST(what_is_cut_is_refused)
{
	make(&good);
	size_t whole = container.len;
	for (container.len = 0; container.len < whole; container.len += 97) {
		enum update_fault fault = verify();
		ck_assert_int_eq(fault, container.len < 15 ? UPDATE_FOREIGN : UPDATE_CUT);
	}
	container.len = whole - 1;
	ck_assert_int_eq(verify(), UPDATE_CUT);
	container.len = whole;
	buf_free(&container);
}
END_TEST

START_TEST(a_medium_that_fails_is_no_verdict)
{
	struct update_trust trust = trust_all();
	struct update_head head;
	make(&good);
	for (unsigned at = 1; at <= 4; at++) {
		struct memory_medium m;
		memory_medium_open(&m, container.bytes, container.len);
		m.fails_at = at;
		ck_assert_int_eq(update_verify(&m.medium, 0, &trust, &head), UPDATE_UNREADABLE);
	}
	buf_free(&container);
}
END_TEST

START_TEST(only_the_keys_owner_signs)
{
	/* Made by openssl; its private key was thrown away. */
	static const char other[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4fwTChy1ObYeSNbtV3juDDeqUiSO\n"
		"6Uk+tcU6UkZ7iRqhd7VJeVc0oiFWMvCzj4M0XTr45GJyBwLBGLrzo9kqHw==\n"
		"-----END PUBLIC KEY-----\n";
	static const char p384[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEwXAlD397ma6dhZTgt+5TFXt5evvoq6Kz\n"
		"iCz2Zd2cqAkU+eiNc8uEqfsQyOamZlEaznPsGHJbIp4AjLBjxLZMCoWgV1ddueip\n"
		"cgZw9JhaTcQtKoZHccK7mcei3ozkz6eB\n"
		"-----END PUBLIC KEY-----\n";
	struct update_trust trust = trust_all();
	struct update_head head;
	make(&good);
	trust.key_pem = slice_of(other, sizeof(other));
	ck_assert_int_eq(verify_with(trust, &head), UPDATE_UNSIGNED);
	trust.key_pem = slice_of(p384, sizeof(p384));
	ck_assert_int_eq(verify_with(trust, &head), UPDATE_NO_KEY);
	trust.key_pem = SLICE_EMPTY;
	ck_assert_int_eq(verify_with(trust, &head), UPDATE_NO_KEY);
	trust.key_pem = slice_of("no key", 7);
	ck_assert_int_eq(verify_with(trust, &head), UPDATE_NO_KEY);
	buf_free(&container);
}
END_TEST

START_TEST(it_must_fit_the_board)
{
	struct update_trust trust = trust_all();
	struct update_head head;
	make(&good);
	trust.board = "box-2";
	ck_assert_int_eq(verify_with(trust, &head), UPDATE_OTHER_BOARD);
	trust.board = "";
	ck_assert_int_eq(verify_with(trust, &head), UPDATE_OTHER_BOARD);
	trust = trust_all();
	trust.store_format = 3;
	ck_assert_int_eq(verify_with(trust, &head), UPDATE_OLD_STORE);
	trust.store_format = 2;
	trust.room = container.len - 1;
	ck_assert_int_eq(verify_with(trust, &head), UPDATE_TOO_LARGE);
	trust.room = container.len;
	ck_assert_int_eq(verify_with(trust, &head), UPDATE_GOOD);
	buf_free(&container);
}
END_TEST

/* --- headers that are signed and wrong all the same -------------------------------------------- */

#define SHA   "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"
#define LINES "board=box-1\nversion=1\nstore_format=2\nkernel_size=0\nroot_size=9\n"
#define W63   "123456789012345678901234567890123456789012345678901234567890123"

static enum update_fault head_of(const char *text)
{
	struct update_head head;
	struct update_trust trust = trust_all();
	struct buf bytes;
	buf_init(&bytes, UPDATE_HEAD_BYTES);
	update_kit_sign(text, &bytes);
	enum update_fault fault = update_head_read(buf_view(&bytes), &trust, &head);
	buf_free(&bytes);
	return fault;
}

START_TEST(a_signature_does_not_make_nonsense_good)
{
	static const struct {
		const char *text;
		enum update_fault fault;
	} rows[] = {
		{"surel-update 1\n" LINES SHA, UPDATE_GOOD},
		{"surel-update 1\n" SHA LINES, UPDATE_GOOD},
		{"surel-update 1\nx=1\n" SHA LINES "y=2\n", UPDATE_GOOD},
		{"surel-update 2\n" LINES SHA, UPDATE_FOREIGN},
		{"surel-update 1 \n" LINES SHA, UPDATE_FOREIGN},
		{"", UPDATE_FOREIGN},
		{"surel-update 1\n", UPDATE_MALFORMED},
		{"surel-update 1\n" LINES, UPDATE_MALFORMED},
		{"surel-update 1\n" LINES SHA SHA, UPDATE_MALFORMED},
		{"surel-update 1\n" LINES "version=1\n" SHA, UPDATE_MALFORMED},
		{"surel-update 1\n" LINES "signature=00\n" SHA, UPDATE_MALFORMED},
		{"surel-update 1\n" LINES SHA "\n", UPDATE_MALFORMED},
		{"surel-update 1\n" LINES SHA "nothing\n", UPDATE_MALFORMED},
		{"surel-update 1\n" LINES "sha256=e3b0\n", UPDATE_MALFORMED},
		{"surel-update 1\n" LINES "sha256=" W63 "g\n", UPDATE_MALFORMED},
		{"surel-update 1\n" LINES "sha256=" W63 "000\n", UPDATE_MALFORMED},
#define WITHOUT_SIZES "surel-update 1\nboard=box-1\nversion=1\nstore_format=2\n" SHA
		{WITHOUT_SIZES "kernel_size=0\nroot_size=0\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=\nroot_size=9\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=-1\nroot_size=9\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=0x1\nroot_size=9\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=1 \nroot_size=9\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=0\nroot_size=268435457\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=1\nroot_size=268435456\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=0\nroot_size=4294967297\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=4294967295\nroot_size=10\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=18446744073709551615\nroot_size=9\n", UPDATE_MALFORMED},
		{WITHOUT_SIZES "kernel_size=99999999999999999999999\nroot_size=9\n",
		 UPDATE_MALFORMED},
#define WITHOUT_WORDS "surel-update 1\nstore_format=2\nkernel_size=0\nroot_size=9\n" SHA
		{WITHOUT_WORDS "board=box-1\nversion=" W63 "\n", UPDATE_GOOD},
		{WITHOUT_WORDS "board=box-1\nversion=" W63 "4\n", UPDATE_MALFORMED},
		{WITHOUT_WORDS "board=box-1" W63 "\nversion=1\n", UPDATE_MALFORMED},
		{WITHOUT_WORDS "board=box-1\nversion=\n", UPDATE_MALFORMED},
		{WITHOUT_WORDS "board=box-1\nversion=1;reboot\n", UPDATE_MALFORMED},
		{WITHOUT_WORDS "board=box-1\nversion=$(x)\n", UPDATE_MALFORMED},
		{WITHOUT_WORDS "board=box-1\nversion=1 2\n", UPDATE_MALFORMED},
		{WITHOUT_WORDS "board=box-1\nversion=\xC3\xA9\n", UPDATE_MALFORMED},
		{WITHOUT_WORDS "board=box-1\nversion==1\n", UPDATE_MALFORMED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(head_of(rows[i].text) == rows[i].fault, "%s: %d", rows[i].text,
			      head_of(rows[i].text));
}
END_TEST

START_TEST(each_field_must_be_there)
{
	static const char *const lines[] = {"board=box-1\n",   "version=1\n",   "store_format=2\n",
					    "kernel_size=0\n", "root_size=9\n", SHA};
	for (size_t without = 0; without <= 6; without++) {
		char text[512] = "surel-update 1\n";
		for (size_t i = 0; i < 6; i++)
			if (i != without)
				snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s",
					 lines[i]);
		ck_assert_int_eq(head_of(text), without < 6 ? UPDATE_MALFORMED : UPDATE_GOOD);
	}
}
END_TEST

START_TEST(the_signature_is_the_last_line_and_nul_the_rest)
{
	struct update_head head;
	struct update_trust trust = trust_all();
	make(&good);
	size_t end = strlen((const char *)container.bytes);
	struct slice bytes = slice_upto(buf_view(&container), UPDATE_HEAD_BYTES);
	ck_assert_int_eq(update_head_read(bytes, &trust, &head), UPDATE_GOOD);
	ck_assert_int_eq(update_head_read(slice_upto(bytes, 1023), &trust, &head),
			 UPDATE_MALFORMED);
	memcpy(container.bytes + end, "x=1\n", 4);
	ck_assert_int_eq(update_head_read(bytes, &trust, &head), UPDATE_MALFORMED);
	memset(container.bytes + end, 0, 4);
	container.bytes[end - 1] = 0; /* the line does not end */
	ck_assert_int_eq(update_head_read(bytes, &trust, &head), UPDATE_MALFORMED);
	container.bytes[end - 1] = '\n';
	container.bytes[1023] = '\n';
	ck_assert_int_eq(update_head_read(bytes, &trust, &head), UPDATE_MALFORMED);
	memset(container.bytes + end, 'f', 1024 - end); /* and no NUL at all */
	ck_assert_int_eq(update_head_read(bytes, &trust, &head), UPDATE_MALFORMED);
	buf_free(&container);
}
END_TEST

START_TEST(versions_are_compared_by_their_numbers)
{
	static const struct {
		const char *a, *b;
		int sign;
	} rows[] = {{"0.1.0", "0.1.0", 0}, {"0.9", "0.10", -1},    {"1.0", "0.99.9", 1},
		    {"1.0", "1.0.1", -1},  {"", "1", -1},          {"1.0a", "1.0b", -1},
		    {"007", "7", 0},       {"1.0-2", "1.0-10", -1}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int there = update_version_cmp(rows[i].a, rows[i].b);
		ck_assert_msg(there == rows[i].sign, "%s %s: %d", rows[i].a, rows[i].b, there);
		ck_assert_int_eq(update_version_cmp(rows[i].b, rows[i].a), -rows[i].sign);
	}
}
END_TEST

SUITE_MAIN("update_container", a_good_one_is_taken_apart,
	   it_may_lie_anywhere_and_something_behind_it, every_octet_counts, what_is_cut_is_refused,
	   a_medium_that_fails_is_no_verdict, only_the_keys_owner_signs, it_must_fit_the_board,
	   a_signature_does_not_make_nonsense_good, each_field_must_be_there,
	   the_signature_is_the_last_line_and_nul_the_rest, versions_are_compared_by_their_numbers)
