#include "support/suite.h"

#include <string.h>

#include "proto/smtp/smtp_reply.h"

/* A sender must never give up on mail because of a trouble of ours that may pass. */
START_TEST(what_may_pass_is_never_a_5xx)
{
	static const enum smtp_stage stages[] = {SMTP_AT_RCPT, SMTP_AT_BEGIN, SMTP_AT_DATA};
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		for (int e = ERR_NONE + 1; e < ERR_COUNT; e++) {
			const struct smtp_reply *reply = smtp_reply_for((enum err)e, stages[i]);
			bool is_temporary = err_is_temporary((enum err)e);
			ck_assert_msg(!is_temporary || reply->code[0] == '4', "%s",
				      err_name((enum err)e));
			ck_assert_int_ne(reply->code[0], '2');
			/* "550 5.1.1": the class stands in both codes. */
			ck_assert_uint_eq(strlen(reply->code), 9);
			ck_assert_int_eq(reply->code[0], reply->code[4]);
		}
		ck_assert_int_eq(smtp_reply_for(ERR_NONE, stages[i])->code[0], '2');
	}
}
END_TEST

START_TEST(the_stage_tells_what_an_error_means)
{
	ck_assert_str_eq(smtp_reply_for(ERR_NOT_FOUND, SMTP_AT_RCPT)->code, "550 5.1.1");
	ck_assert_str_eq(smtp_reply_for(ERR_DENIED, SMTP_AT_RCPT)->code, "550 5.7.1");
	ck_assert_str_eq(smtp_reply_for(ERR_QUOTA, SMTP_AT_RCPT)->code, "452 4.2.2");
	ck_assert_str_eq(smtp_reply_for(ERR_LIMIT, SMTP_AT_RCPT)->code, "452 4.5.3");
	ck_assert_str_eq(smtp_reply_for(ERR_LIMIT, SMTP_AT_BEGIN)->code, "451 4.3.2");
	ck_assert_str_eq(smtp_reply_for(ERR_LIMIT, SMTP_AT_DATA)->code, "552 5.3.4");
	ck_assert_str_eq(smtp_reply_for(ERR_STATE, SMTP_AT_DATA)->code, "554 5.4.6");
	ck_assert_str_eq(smtp_reply_for(ERR_FULL, SMTP_AT_DATA)->code, "452 4.3.1");
	ck_assert_str_eq(smtp_reply_for(ERR_READ_ONLY, SMTP_AT_DATA)->code, "451 4.3.0");
	ck_assert_str_eq(smtp_reply_for((enum err)99, SMTP_AT_DATA)->code, "451 4.3.0");
}
END_TEST

SUITE_MAIN("smtp_reply", what_may_pass_is_never_a_5xx, the_stage_tells_what_an_error_means)
