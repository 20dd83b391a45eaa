#include "store/quota.h"

#include "support/suite.h"

START_TEST(one_account)
{
	static const struct {
		uint64_t quota_bytes, quota_messages, used_bytes, used_messages, bytes, messages;
		enum err err;
	} rows[] = {
		{0, 0, 1000, 1000, UINT64_MAX, UINT64_MAX, ERR_NONE},
		{10, 0, 4, 1, 6, 1, ERR_NONE},
		{10, 0, 4, 1, 7, 1, ERR_QUOTA},
		{10, 0, 12, 1, 0, 1, ERR_NONE}, /* nothing is added to what is too much already */
		{10, 0, 12, 1, 1, 1, ERR_QUOTA},
		{0, 3, 4, 2, 7, 1, ERR_NONE},
		{0, 3, 4, 3, 7, 1, ERR_QUOTA},
		{0, 3, 4, 3, 7, 0, ERR_NONE},
		{10, 3, 4, 1, UINT64_MAX, 1, ERR_QUOTA},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct account a = {.quota_bytes = rows[i].quota_bytes,
				    .quota_messages = rows[i].quota_messages,
				    .used_bytes = rows[i].used_bytes,
				    .used_messages = rows[i].used_messages};
		ck_assert_int_eq(quota_check(&a, rows[i].bytes, rows[i].messages), rows[i].err);
	}
}
END_TEST

START_TEST(every_account_among_the_targets)
{
	struct account a = {.quota_messages = 3}, b = {.quota_bytes = 30}, c = {.used_bytes = 9};
	struct mailbox in_a = {.account = &a}, in_b = {.account = &b}, in_c = {.account = &c};
	struct append_target first[] = {{.box = &in_a}, {.box = &in_b}, {.box = &in_c}};
	struct append_target second[] = {{.box = &in_c}, {.box = &in_a}, {.box = &in_a}};
	struct append x = {.targets = first, .target_count = 3, .size = 30};
	struct append y = {.targets = second, .target_count = 3, .size = 100};
	struct append *both[] = {&x, &y};
	ck_assert_int_eq(quota_check_appends(both, 2), ERR_NONE);
	a.quota_messages = 2; /* three are for a */
	ck_assert_int_eq(quota_check_appends(both, 2), ERR_QUOTA);
	ck_assert_int_eq(quota_check_appends(both, 1), ERR_NONE);
	a.quota_messages = 0;
	b.quota_bytes = 29;
	ck_assert_int_eq(quota_check_appends(both, 2), ERR_QUOTA);
	ck_assert_int_eq(quota_check_appends(both + 1, 1), ERR_NONE);
	b.quota_bytes = 0;
	c.quota_bytes = 138; /* 9 are used, 130 come */
	ck_assert_int_eq(quota_check_appends(both, 2), ERR_QUOTA);
	c.quota_bytes = 139;
	ck_assert_int_eq(quota_check_appends(both, 2), ERR_NONE);
	a.quota_bytes = 199;
	ck_assert_int_eq(quota_check_targets(second, 3, 100), ERR_QUOTA);
	ck_assert_int_eq(quota_check_targets(second, 3, 99), ERR_NONE);
}
END_TEST

SUITE_MAIN("quota", one_account, every_account_among_the_targets)
