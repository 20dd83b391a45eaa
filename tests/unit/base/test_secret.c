#include "base/secret.h"

#include "support/suite.h"

START_TEST(equality_of_secrets)
{
	static const struct {
		const char *a, *b;
		bool eq;
	} rows[] = {
		{"", "", true},        {"abc", "abc", true}, {"abc", "abd", false},
		{"abc", "Xbc", false}, {"abc", "ab", false}, {"ab", "abc", false},
		{"", "a", false},      {"a", "", false},     {"aa", "a", false},
		{"abab", "ab", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(secret_eq(slice_str(rows[i].a), slice_str(rows[i].b)) == rows[i].eq,
			      "row %zu", i);
}
END_TEST

START_TEST(random_bytes_fill_all_and_differ)
{
	uint8_t a[64] = {0}, b[64] = {0};
	size_t zeros = 0;
	secret_random(a, sizeof(a));
	secret_random(b, sizeof(b));
	ck_assert_mem_ne(a, b, sizeof(a));
	for (size_t i = 0; i < sizeof(a); i++)
		zeros += a[i] == 0;
	ck_assert_uint_lt(zeros, 16);
	ck_assert_uint_ne(secret_random_u64(), secret_random_u64());
	secret_wipe(a, sizeof(a));
	ck_assert_mem_eq(a, (uint8_t[64]){0}, sizeof(a));
}
END_TEST

SUITE_MAIN("secret", equality_of_secrets, random_bytes_fill_all_and_differ)
