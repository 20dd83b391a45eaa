#include "support/suite.h"

#include <stdio.h>

#include "proto/policy.h"

/* Every cell that EXPIRE depends on, by a rule said in other words: the least of all periods after
 * which something that POP3 shows may have gone (RFC 2449 6.7). */
START_TEST(expire_is_the_shortest_time_mail_may_stay)
{
	static const char *const folders[] = {"", "Lists", "Trash", "junk"};
	for (unsigned cell = 0; cell < 5 * 2 * 2 * 2 * 2 * 2 * 6; cell++) {
		unsigned rest = cell;
		struct policy p = {.pop3_after = rest % 5};
		p.pop3_show_again = (rest /= 5) % 2;
		p.pop3_delete_days = (rest /= 2) % 2 ? 40 : 0;
		p.junk_days = (rest /= 2) % 2 ? 30 : 0;
		p.trash_days = (rest /= 2) % 2 ? 20 : 0;
		p.pop3_delete_since = (rest /= 2) % 2;
		unsigned shows = rest / 2;
		p.pop3_shows = shows < 2 ? shows : POP3_SHOWS_FOLDER;
		snprintf(p.pop3_folder, sizeof(p.pop3_folder), "%s",
			 shows < 2 ? "Trash" : folders[shows - 2]);
		bool has_junk = shows == POP3_SHOWS_JUNK_TOO || shows == 5;
		uint32_t wanted = POLICY_EXPIRE_NEVER;
		if (p.pop3_delete_days)
			wanted = 40;
		if (has_junk && p.junk_days)
			wanted = 30;
		if (shows == 4 && p.trash_days)
			wanted = 20;
		if (p.pop3_after == POP3_AFTER_ARCHIVE || p.pop3_after == POP3_AFTER_TRASH ||
		    p.pop3_after == POP3_AFTER_DELETE || !p.pop3_show_again)
			wanted = 0;
		ck_assert_uint_eq(policy_expire_days(&p), wanted);
	}
}
END_TEST

START_TEST(only_whole_words_are_hidden)
{
	struct policy p = {.imap_hide = "idle  QRESYNC AUTH=PLAIN TOP"};
	ck_assert(policy_hides(&p, "IDLE"));
	ck_assert(policy_hides(&p, "QRESYNC"));
	ck_assert(policy_hides(&p, "AUTH=PLAIN"));
	ck_assert(policy_hides(&p, "TOP"));
	ck_assert(policy_hides(&p, "TOP of a line"));
	ck_assert(!policy_hides(&p, "ID"));
	ck_assert(!policy_hides(&p, "SYNC"));
	ck_assert(!policy_hides(&p, "AUTH"));
	ck_assert(!policy_hides(&p, "ID IDLE"));
	ck_assert(!policy_hides(&p, ""));
	p.imap_hide[0] = '\0';
	ck_assert(!policy_hides(&p, "IDLE"));
}
END_TEST

SUITE_MAIN("policy", expire_is_the_shortest_time_mail_may_stay, only_whole_words_are_hidden)
