#include "proto/imap/imap_fetch.h"

#include "support/suite.h"

static bool parse(struct arena *arena, const char *text, bool is_uid, struct fetch_request *request)
{
	struct imap_lex lex;
	lex_init(&lex, slice_str(text), arena, false);
	return fetch_request_parse(&lex, is_uid, request);
}

START_TEST(items_are_taken_in_their_order)
{
	static const struct {
		const char *text;
		bool is_uid;
		enum fetch_kind kinds[8];
		uint32_t count;
		bool sets_seen, needs_summary;
	} cases[] = {
		{"FLAGS", false, {FETCH_FLAGS}, 1, false, false},
		{"FLAGS", true, {FETCH_UID, FETCH_FLAGS}, 2, false, false},
		{"( uid  Flags uid )", true, {FETCH_UID, FETCH_FLAGS}, 2, false, false},
		{"FAST", false, {FETCH_FLAGS, FETCH_INTERNALDATE, FETCH_SIZE}, 3, false, false},
		{"all",
		 false,
		 {FETCH_FLAGS, FETCH_INTERNALDATE, FETCH_SIZE, FETCH_ENVELOPE},
		 4,
		 false,
		 true},
		{"FULL",
		 false,
		 {FETCH_FLAGS, FETCH_INTERNALDATE, FETCH_SIZE, FETCH_ENVELOPE, FETCH_BODY},
		 5,
		 false,
		 true},
		{"BODY", false, {FETCH_BODY}, 1, false, true},
		{"BODYSTRUCTURE", false, {FETCH_BODYSTRUCTURE}, 1, false, true},
		{"BODY[]", false, {FETCH_SECTION}, 1, true, true},
		{"BODY.PEEK[]", false, {FETCH_SECTION}, 1, false, true},
		{"(BODY.PEEK[1] BODY[2])", false, {FETCH_SECTION, FETCH_SECTION}, 2, true, true},
		{"RFC822", false, {FETCH_SECTION}, 1, true, true},
		{"RFC822.TEXT", false, {FETCH_SECTION}, 1, true, true},
		{"RFC822.HEADER", false, {FETCH_SECTION}, 1, false, true},
		{"RFC822.SIZE", false, {FETCH_SIZE}, 1, false, false},
		{"FLAGS (CHANGEDSINCE 0)", false, {FETCH_FLAGS, FETCH_MODSEQ}, 2, false, false},
		{"(MODSEQ) (CHANGEDSINCE 5 VANISHED)",
		 true,
		 {FETCH_UID, FETCH_MODSEQ},
		 2,
		 false,
		 false},
		{"BINARY.PEEK[1]", false, {FETCH_BINARY}, 1, false, true},
		{"BINARY[1]<0.5>", false, {FETCH_BINARY}, 1, true, true},
		{"BINARY.SIZE[1.2]", false, {FETCH_BINARY_SIZE}, 1, false, true},
		{"(EMAILID THREADID SAVEDATE)",
		 false,
		 {FETCH_EMAILID, FETCH_THREADID, FETCH_SAVEDATE},
		 3,
		 false,
		 false},
	};
	struct arena arena;
	struct fetch_request request;
	arena_init(&arena, 1024 * 1024);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_msg(parse(&arena, cases[i].text, cases[i].is_uid, &request),
			      "refused: %s", cases[i].text);
		ck_assert_uint_eq(request.count, cases[i].count);
		for (uint32_t n = 0; n < request.count; n++)
			ck_assert_msg(request.items[n].kind == cases[i].kinds[n], "%s: item %u",
				      cases[i].text, n);
		ck_assert_msg(request.sets_seen == cases[i].sets_seen, "%s", cases[i].text);
		ck_assert_msg(request.needs_summary == cases[i].needs_summary, "%s", cases[i].text);
	}
	arena_reset(&arena);
}
END_TEST

START_TEST(wrong_items_are_refused)
{
	static const char *const cases[] = {
		"",
		"()",
		"(ALL)",
		"(FLAGS",
		"FLAGS)",
		"FLAGS UID",
		"FLAG",
		"BODY.PEEK",
		"BODY.PEEKS[]",
		"FLAGS[]",
		"BODY[",
		"BINARY.SIZE[1]<0.1>",
		"BINARY[HEADER]",
		"RFC822.PEEK",
		"FLAGS (VANISHED)",
		"FLAGS ()",
		"FLAGS (CHANGEDSINCE)",
		"FLAGS (CHANGEDSINCE x)",
		"FLAGS (CHANGEDSINCE 1",
		"FLAGS (FOO 1)",
		"(FLAGS,UID)",
	};
	struct arena arena;
	struct fetch_request request;
	arena_init(&arena, 1024 * 1024);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(!parse(&arena, cases[i], false, &request), "taken: %s", cases[i]);
	arena_reset(&arena);
}
END_TEST

START_TEST(number_of_items_is_limited)
{
	char text[16 * (FETCH_ITEMS_MAX + 2)] = "(BODY[1]";
	struct arena arena;
	struct fetch_request request;
	arena_init(&arena, 1024 * 1024);
	for (int i = 1; i < FETCH_ITEMS_MAX; i++)
		memcpy(text + strlen(text), " BODY[1]", 9);
	memcpy(text + strlen(text), ")", 2);
	ck_assert(parse(&arena, text, false, &request));
	ck_assert_uint_eq(request.count, FETCH_ITEMS_MAX);
	memcpy(text + strlen(text) - 1, " UID)", 6);
	ck_assert(!parse(&arena, text, false, &request));
	arena_reset(&arena);
}
END_TEST

SUITE_MAIN("imap_fetch", items_are_taken_in_their_order, wrong_items_are_refused,
	   number_of_items_is_limited)
