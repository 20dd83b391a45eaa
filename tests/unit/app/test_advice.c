#include "support/suite.h"

#include "app/advice.h"
#include "app/setting.h"

/* By devices, network, space: I is IMAP, P is POP3. The same table as people would draw it. */
static const char *const expected[3][3] = {
	/* steady  shaky  rare: each for plenty, some, little space */
	{"IPP", "PPP", "PPP"}, /* one device */
	{"IIP", "IIP", "PPP"}, /* two or three */
	{"III", "III", "III"}, /* more */
};

static struct advice advice_of(int devices, int network, int space)
{
	return advice_decide((struct advice_answers){(enum advice_devices)devices,
						     (enum advice_network)network,
						     (enum advice_space)space});
}

static const char *value_of(const struct advice *a, const char *key)
{
	for (size_t i = 0; i < a->row_count; i++)
		if (strcmp(a->rows[i].key, key) == 0)
			return a->rows[i].value;
	return "";
}

static void is_sound(const struct advice *a)
{
	struct settings s;
	settings_init(&s);
	ck_assert_uint_gt(a->row_count, 0);
	ck_assert_uint_le(a->row_count, ADVICE_ROWS_MAX);
	ck_assert_uint_ne(a->reasons, 0);
	ck_assert_uint_lt(a->reasons, 1u << ADVICE_REASONS);
	for (size_t i = 0; i < a->row_count; i++) {
		const struct setting *row = setting_find(slice_str(a->rows[i].key));
		ck_assert_ptr_nonnull(row);
		ck_assert_int_eq(row->scope, SETTING_USER);
		ck_assert_int_eq(setting_set(&s, row, slice_str(a->rows[i].value), LANG_EN, NULL),
				 ERR_NONE);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(a->rows[i].key, a->rows[j].key);
	}
	ck_assert_str_eq(value_of(a, a->is_imap ? "imap.access" : "pop3.access"),
			 a->is_imap ? "yes" : "all");
}

START_TEST(each_of_the_27_answers_gets_its_protocol_and_rows_the_table_takes)
{
	for (int devices = 0; devices < 3; devices++)
		for (int network = 0; network < 3; network++)
			for (int space = 0; space < 3; space++) {
				struct advice a = advice_of(devices, network, space);
				bool is_imap = expected[devices][network][space] == 'I';
				ck_assert_msg(a.is_imap == is_imap, "%d %d %d", devices, network,
					      space);
				is_sound(&a);
			}
}
END_TEST

START_TEST(several_pop3_devices_each_get_every_message)
{
	for (int network = 0; network < 3; network++)
		for (int space = 0; space < 3; space++) {
			struct advice few = advice_of(1, network, space);
			struct advice one = advice_of(0, network, space);
			if (!few.is_imap)
				ck_assert_str_eq(value_of(&few, "pop3.devices"), "own");
			if (!one.is_imap)
				ck_assert_str_eq(value_of(&one, "pop3.devices"), "shared");
		}
}
END_TEST

START_TEST(mail_leaves_the_box_only_where_space_is_short)
{
	for (int devices = 0; devices < 3; devices++)
		for (int network = 0; network < 3; network++) {
			struct advice plenty = advice_of(devices, network, ADVICE_PLENTY);
			struct advice little = advice_of(devices, network, ADVICE_LITTLE);
			ck_assert_str_eq(value_of(&plenty, "pop3.after_download"), "keep");
			ck_assert_str_eq(value_of(&plenty, "pop3.delete_after_days"), "0");
			ck_assert_str_eq(value_of(&plenty, "trash.empty_days"), "30");
			ck_assert_str_eq(value_of(&little, "trash.empty_days"), "7");
			/* Never at once: there is a week to notice a mistake. */
			ck_assert_str_ne(value_of(&little, "pop3.after_download"), "delete");
		}
}
END_TEST

START_TEST(where_imap_is_for_all_no_pop3_device_takes_mail_away)
{
	for (int network = 0; network < 3; network++) {
		struct advice a = advice_of(ADVICE_MANY_DEVICES, network, ADVICE_LITTLE);
		ck_assert_str_eq(value_of(&a, "pop3.client_delete"), "hide");
		ck_assert_str_eq(value_of(&a, "pop3.after_download"), "keep");
		ck_assert(a.reasons & ADVICE_PROTECTED);
	}
}
END_TEST

SUITE_MAIN("advice", each_of_the_27_answers_gets_its_protocol_and_rows_the_table_takes,
	   several_pop3_devices_each_get_every_message,
	   mail_leaves_the_box_only_where_space_is_short,
	   where_imap_is_for_all_no_pop3_device_takes_mail_away)
