#include "support/suite.h"

#include "proto/host.h"

START_TEST(details_name_a_device_a_folder_or_both)
{
	static const struct {
		const char *detail, *device, *folder;
	} rows[] = {
		{"", "", ""},
		{"phone", "phone", ""},
		{"Phone", "phone", ""},
		{"folder=Work", "", "Work"},
		{"FOLDER=Work/Old", "", "Work/Old"},
		{"phone+folder=Work", "phone", "Work"},
		{"folder=a+b", "", "a+b"},
		{"phone+folder=a+folder=b", "phone", "a+folder=b"},
		{"phone+", "", ""},
		{"phone+tablet", "", ""},
		{"+folder=x", "", "x"},
		{"my phone", "", ""},
		{"phone/..", "", ""},
		{"aaaaaaaaaabbbbbbbbbbccccccccccdd", "aaaaaaaaaabbbbbbbbbbccccccccccdd", ""},
		{"aaaaaaaaaabbbbbbbbbbccccccccccdde", "", ""},
		{"folder=", "", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char device[DEVICE_LABEL_MAX_BYTES + 1];
		struct slice folder;
		login_split_detail(slice_str(rows[i].detail), device, &folder);
		ck_assert_str_eq(device, rows[i].device);
		ck_assert_msg(slice_eq_str(folder, rows[i].folder), "%s", rows[i].detail);
	}
}
END_TEST

START_TEST(recent_is_taken_off)
{
	bool is_recent;
	ck_assert(slice_eq_str(login_take_recent(SLICE_LIT("recent:bob+x"), &is_recent), "bob+x"));
	ck_assert(is_recent);
	ck_assert(slice_eq_str(login_take_recent(SLICE_LIT("Recent:bob"), &is_recent), "bob"));
	ck_assert(is_recent);
	ck_assert(slice_eq_str(login_take_recent(SLICE_LIT("recent"), &is_recent), "recent"));
	ck_assert(!is_recent);
}
END_TEST

SUITE_MAIN("login", details_name_a_device_a_folder_or_both, recent_is_taken_off)
