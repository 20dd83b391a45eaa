#include "base/err.h"

#include <string.h>

#include "support/suite.h"

START_TEST(every_error_has_its_own_name_and_a_text)
{
	for (unsigned i = 0; i < ERR_COUNT; i++) {
		ck_assert_int_eq(strncmp(err_name((enum err)i), "ERR_", 4), 0);
		ck_assert_uint_gt(strlen(err_text((enum err)i)), 0);
		ck_assert_str_ne(err_name((enum err)i), "ERR_UNKNOWN");
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(err_name((enum err)i), err_name((enum err)k));
	}
	ck_assert_str_eq(err_name((enum err)999), "ERR_UNKNOWN");
	ck_assert_str_eq(err_name((enum err) - 1), "ERR_UNKNOWN");
}
END_TEST

/* SMTP answers 4xx or 5xx by this. */
START_TEST(what_may_succeed_later_is_temporary)
{
	static const enum err temporary[] = {ERR_NOMEM, ERR_IN_USE,    ERR_QUOTA,   ERR_FULL,
					     ERR_IO,    ERR_READ_ONLY, ERR_TIMEOUT, ERR_CLOSED};
	static const enum err permanent[] = {ERR_SYNTAX, ERR_NOT_FOUND, ERR_DENIED,     ERR_LIMIT,
					     ERR_EXISTS, ERR_GONE,      ERR_UNSUPPORTED};
	for (size_t i = 0; i < sizeof(temporary) / sizeof(temporary[0]); i++)
		ck_assert_msg(err_is_temporary(temporary[i]), "%s", err_name(temporary[i]));
	for (size_t i = 0; i < sizeof(permanent) / sizeof(permanent[0]); i++)
		ck_assert_msg(!err_is_temporary(permanent[i]), "%s", err_name(permanent[i]));
}
END_TEST

SUITE_MAIN("err", every_error_has_its_own_name_and_a_text, what_may_succeed_later_is_temporary)
