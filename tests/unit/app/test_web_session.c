#include "support/suite.h"

#include "app/web_host.h"
#include "app/web_language.h"
#include "app/web_session.h"
#include "base/clock.h"

static const uint8_t mark[32] = {1}, other_mark[32] = {2};

static struct web_session *find(struct web_sessions *all, const char *token, bool is_use)
{
	return web_session_find(all, slice_str(token), false, mark, is_use);
}

START_TEST(a_session_is_found_by_its_token_only)
{
	struct web_sessions all = {0};
	struct web_session *s = web_session_begin(&all, false, mark);
	char token[WEB_TOKEN_TEXT + 1];
	memcpy(token, s->token, sizeof(token));
	ck_assert_uint_eq(strlen(s->token), WEB_TOKEN_TEXT);
	ck_assert_str_ne(s->token, s->csrf);
	ck_assert_ptr_eq(find(&all, token, true), s);
	ck_assert_ptr_null(find(&all, "", true));
	ck_assert_ptr_null(web_session_find(&all, slice_str(token), true, mark, true));
	token[5] ^= 1;
	ck_assert_ptr_null(find(&all, token, true));
	token[5] ^= 1;
	ck_assert_ptr_eq(find(&all, token, true), s);
	web_session_end(s);
	ck_assert_ptr_null(find(&all, token, true));
}
END_TEST

START_TEST(it_ends_with_the_password)
{
	struct web_sessions all = {0};
	struct web_session *s = web_session_begin(&all, false, mark);
	char token[WEB_TOKEN_TEXT + 1];
	memcpy(token, s->token, sizeof(token));
	ck_assert_ptr_null(web_session_find(&all, slice_str(token), false, other_mark, true));
	ck_assert_ptr_null(find(&all, token, true));
}
END_TEST

START_TEST(it_ends_when_nobody_looks)
{
	struct web_sessions all = {0};
	clock_freeze(1000, 1800000000);
	struct web_session *s = web_session_begin(&all, false, mark);
	char token[WEB_TOKEN_TEXT + 1];
	memcpy(token, s->token, sizeof(token));
	clock_advance(WEB_SESSION_IDLE_MS - 1);
	ck_assert_ptr_eq(find(&all, token, false), s); /* a script's look is no use of it */
	clock_advance(1);
	ck_assert_ptr_null(find(&all, token, true));
	clock_thaw();
}
END_TEST

START_TEST(it_ends_after_half_a_day_in_any_case)
{
	struct web_sessions all = {0};
	clock_freeze(1000, 1800000000);
	struct web_session *s = web_session_begin(&all, false, mark);
	char token[WEB_TOKEN_TEXT + 1];
	memcpy(token, s->token, sizeof(token));
	uint64_t passed = 0;
	for (; passed + WEB_SESSION_IDLE_MS / 2 < WEB_SESSION_MAX_MS;
	     passed += WEB_SESSION_IDLE_MS / 2) {
		ck_assert_ptr_eq(find(&all, token, true), s);
		clock_advance(WEB_SESSION_IDLE_MS / 2);
	}
	ck_assert_ptr_eq(find(&all, token, true), s);
	clock_advance(WEB_SESSION_MAX_MS - passed);
	ck_assert_ptr_null(find(&all, token, true));
	clock_thaw();
}
END_TEST

START_TEST(the_one_that_rested_longest_makes_place)
{
	struct web_sessions all = {0};
	char tokens[WEB_SESSIONS_MAX + 1][WEB_TOKEN_TEXT + 1];
	clock_freeze(1000, 1800000000);
	for (int i = 0; i <= WEB_SESSIONS_MAX; i++) {
		if (i == WEB_SESSIONS_MAX)
			ck_assert_ptr_nonnull(find(&all, tokens[0], true)); /* so it is number 1 */
		memcpy(tokens[i], web_session_begin(&all, false, mark)->token, sizeof(tokens[i]));
		clock_advance(1);
	}
	for (int i = 0; i <= WEB_SESSIONS_MAX; i++)
		ck_assert_int_eq(find(&all, tokens[i], false) != NULL, i != 1);
	clock_thaw();
}
END_TEST

START_TEST(only_our_own_names_are_answered)
{
	static const struct {
		const char *host;
		bool is_ours;
	} rows[] = {
		{"box.example.org", true},
		{"BOX.Example.Org.", true},
		{"box.local", true},
		{"surel.local", true},
		{"localhost", true},
		{"127.0.0.1", true},
		{"[::1]", true},
		{"192.168.1.7", true},
		{"[fe80::1]", true},
		{"203.0.113.9", true},
		{"mail.example.net", true},
		{"extra.example", true},
		{"2001:db8::1", false},
		{"203.0.113.10", false},
		{"evil.example", false},
		{"", false},
		{".", false},
		{"box.example.org.evil.example", false},
		{"surel.local.evil.example", false},
		{"localhost.evil.example", false},
		{"127.0.0.1.evil.example", false},
		{"box", false},
		{"[::1", false},
		{"mail.example.net extra.example", false},
		{"0x7f.1", false},
	};
	struct net_address local;
	ck_assert_int_eq(net_address_parse("203.0.113.9", 80, &local), ERR_NONE);
	struct web_names names = {
		"box.example.org", {"mail.example.net 198.51.100.1", "  extra.example"}, &local};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(web_host_is_ours(&names, slice_str(rows[i].host)) == rows[i].is_ours,
			      "%s", rows[i].host);
}
END_TEST

START_TEST(the_browsers_language_is_taken)
{
	static const struct {
		const char *field;
		enum lang lang;
	} rows[] = {
		{"", LANG_EN},
		{"id", LANG_ID},
		{"id-ID,id;q=0.9,en;q=0.8", LANG_ID},
		{"en-US,en;q=0.9,id;q=0.8", LANG_EN},
		{"en;q=0.1, id;q=0.2", LANG_ID},
		{"de, id;q=0.5", LANG_ID},
		{"de", LANG_EN},
		{"in-ID", LANG_ID},
		{"id;q=0, en;q=0.1", LANG_EN},
		{",;,id", LANG_ID},
		{"indigo", LANG_EN},
		{"id;q=0.05,en;q=0.5", LANG_EN},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(web_language_accepted(slice_str(rows[i].field)) == rows[i].lang, "%s",
			      rows[i].field);
}
END_TEST

SUITE_MAIN("web_session", a_session_is_found_by_its_token_only, it_ends_with_the_password,
	   it_ends_when_nobody_looks, it_ends_after_half_a_day_in_any_case,
	   the_one_that_rested_longest_makes_place, only_our_own_names_are_answered,
	   the_browsers_language_is_taken)
