#include "app/why_text.h"

#include "support/suite.h"

START_TEST(every_failure_has_a_reason_in_every_language)
{
	for (int err = ERR_NONE; err < ERR_COUNT; err++) {
		const char *en = why_text(LANG_EN, (enum err)err);
		const char *id = why_text(LANG_ID, (enum err)err);
		ck_assert(*en && *id);
		ck_assert_str_ne(en, id);
	}
	ck_assert_str_eq(why_text(LANG_ID, ERR_FULL), "memori flash penuh");
}
END_TEST

START_TEST(what_nobody_expected_is_in_the_log)
{
	ck_assert_str_eq(why_text(LANG_EN, ERR_STATE), why_text(LANG_EN, ERR_CORRUPT));
	ck_assert_ptr_nonnull(strstr(why_text(LANG_EN, ERR_STATE), "log"));
}
END_TEST

SUITE_MAIN("why_text", every_failure_has_a_reason_in_every_language,
	   what_nobody_expected_is_in_the_log)
