/* FETCH and SEARCH on messages and stores that make it hard: whole sessions, real time slices. */
#include <stdio.h>
#include <stdlib.h>

#include "mail/header.h"
#include "support/imap_talk.h"
#include "support/suite.h"

/* The literal of the first item in a response, announced length and all. */
static struct slice literal_of(struct slice response)
{
	uint64_t len = 0;
	size_t open = slice_find_byte(response, '{'), close = slice_find_byte(response, '}');
	ck_assert_uint_ne(close, SIZE_MAX);
	ck_assert_int_eq(slice_u64(slice_between(response, open + 1, close), UINT32_MAX, &len),
			 ERR_NONE);
	struct slice rest = slice_from(response, close + 3);
	ck_assert_uint_ge(rest.len, len);
	return slice_upto(rest, len);
}

static void assert_bytes(struct slice is, struct slice expected)
{
	ck_assert_uint_eq(is.len, expected.len);
	if (is.len)
		ck_assert_mem_eq(is.ptr, expected.ptr, is.len);
}

/* A header of many fields, none of which a summary keeps; every third is folded. */
static void make_header(struct buf *message, unsigned fields)
{
	for (unsigned i = 0; i < fields; i++)
		ck_assert_int_eq(buf_addf(message, "X-%c: %u%s\r\n", (int)('a' + i % 5), i,
					  i % 3 ? "" : "\r\n\tfolded"),
				 ERR_NONE);
	ck_assert_int_eq(buf_add_str(message, "\r\nbody\r\n"), ERR_NONE);
}

/* The obvious way: all of it in memory. */
static void naive_fields(struct slice message, const char *names, bool is_not, struct buf *out)
{
	struct header_field field;
	while (header_next(&message, &field)) {
		bool is_named = strchr(names, field.name.ptr[2]) != NULL;
		if (is_named != is_not)
			ck_assert_int_eq(buf_add_slice(out, field.raw), ERR_NONE);
	}
	ck_assert_int_eq(buf_add_str(out, "\r\n"), ERR_NONE);
}

static void compare_fields(struct talk *t, struct slice message, unsigned start, unsigned count)
{
	static const struct {
		const char *section, *names;
		bool is_not;
	} cases[] = {
		{"HEADER.FIELDS (X-a)", "a", false},
		{"HEADER.FIELDS (x-C X-d)", "cd", false},
		{"HEADER.FIELDS (X-z)", "z", false},
		{"HEADER.FIELDS.NOT (X-b)", "b", true},
		{"HEADER.FIELDS.NOT (X-a X-b X-c X-d X-e)", "abcde", true},
	};
	struct buf expected;
	char command[200];
	buf_init(&expected, 1024 * 1024);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		buf_clear(&expected);
		naive_fields(message, cases[i].names, cases[i].is_not, &expected);
		snprintf(command, sizeof(command), "FETCH 1 BODY.PEEK[%s]<%u.%u>", cases[i].section,
			 start, count);
		struct slice is = literal_of(talk_bytes(t, 0, command));
		assert_bytes(is, slice_between(buf_view(&expected), start, start + count));
	}
	buf_free(&expected);
}

START_TEST(fields_are_those_of_the_header_in_any_window)
{
	static const unsigned sizes[] = {1, 5, 7, 160, 161, 165, 1000};
	struct talk t;
	struct buf message;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		buf_init(&message, 1024 * 1024);
		make_header(&message, sizes[i]);
		talk_open(&t);
		talk_add(&t, buf_view(&message), 0);
		talk_start(&t, 0);
		compare_fields(&t, buf_view(&message), 0, 1000000);
		for (unsigned start = 0; start < 20000; start = start * 3 + 11)
			compare_fields(&t, buf_view(&message), start, 700);
		talk_faults.says_again = true;
		talk_faults.chunk = 100;
		compare_fields(&t, buf_view(&message), 3, 1000000);
		talk_close(&t);
		buf_free(&message);
	}
}
END_TEST

START_TEST(field_longer_than_any_buffer_comes_whole)
{
	struct talk t;
	struct buf message;
	buf_init(&message, 1024 * 1024);
	ck_assert_int_eq(buf_add_str(&message, "X-Short: 1\r\nX-Long: "), ERR_NONE);
	for (int i = 0; i < 20000; i++)
		ck_assert_int_eq(buf_addf(&message, "%09d ", i), ERR_NONE);
	size_t end = message.len + 2;
	ck_assert_int_eq(buf_add_str(&message, "\r\nSubject: x\r\n\r\nbody"), ERR_NONE);
	talk_open(&t);
	talk_add(&t, buf_view(&message), 0);
	talk_start(&t, 0);
	struct slice is =
		literal_of(talk_bytes(&t, 0, "FETCH 1 BODY.PEEK[HEADER.FIELDS (X-LONG)]"));
	ck_assert_uint_eq(is.len, end - 12 + 2);
	assert_bytes(slice_upto(is, is.len - 2), slice_between(buf_view(&message), 12, end));
	is = literal_of(talk_bytes(&t, 0, "FETCH 1 BODY.PEEK[]"));
	assert_bytes(is, buf_view(&message));
	talk_close(&t);
	buf_free(&message);
}
END_TEST

#define PARTS                                                                               \
	"Subject: s\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\none\r\n" \
	"--x\r\nContent-Transfer-Encoding: base64\r\n\r\nAGEA\r\n--x--\r\n"

START_TEST(message_without_summary_is_parsed_again)
{
	struct talk t;
	char with[4096];
	static const char *const commands[] = {
		"FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[1] BODY.PEEK[HEADER.FIELDS (Subject)])",
		"SEARCH SUBJECT s",
		"SEARCH BODY one",
		"FETCH 1 BINARY.PEEK[2]",
	};
	talk_open(&t);
	talk_add(&t, SLICE_LIT(PARTS), 0);
	talk_start(&t, 0);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		for (int fault = 0; fault < 4; fault++) {
			talk_faults = (struct talk_faults){.hides_summaries = fault == 1,
							   .damages_summaries = fault == 2,
							   .says_again = fault == 3};
			const char *said = talk(&t, 0, commands[i]);
			if (fault == 0)
				snprintf(with, sizeof(with), "%s", said);
			ck_assert_str_eq(said, with);
		}
	}
	talk_close(&t);
}
END_TEST

START_TEST(binary_is_decoded_and_counted)
{
	struct talk t;
	talk_open(&t);
	talk_add(&t, SLICE_LIT(PARTS), 0);
	talk_add(&t, SLICE_LIT("Content-Transfer-Encoding: x-odd\r\n\r\nabc"), 0);
	talk_add(&t, SLICE_LIT("Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc"),
		 0);
	talk_start(&t, 0);
	assert_bytes(talk_bytes(&t, 0, "FETCH 1 BINARY.PEEK[2]"),
		     SLICE_LIT("* 1 FETCH (BINARY[2] ~{3}\r\n\0a\0)\r\na OK Fetched\r\n"));
	ck_assert_str_eq(
		talk(&t, 0, "FETCH 1 (BINARY.SIZE[2] BINARY.PEEK[1] BINARY.PEEK[2]<1.1>)"),
		"* 1 FETCH (BINARY.SIZE[2] 3 BINARY[1] {3}\r\none BINARY[2]<1> ~{1}\r\na)\r\n"
		"a OK Fetched\r\n");
	ck_assert_str_eq(
		talk(&t, 0, "FETCH 3 (BINARY.SIZE[1] BINARY[1])"),
		"* 3 FETCH (BINARY.SIZE[1] 4 BINARY[1] {4}\r\na=bc FLAGS (\\Seen \\Recent))\r\n"
		"a OK Fetched\r\n");
	ck_assert_str_eq(talk(&t, 0, "FETCH 2:3 BINARY.PEEK[1]"),
			 "* 3 FETCH (BINARY[1] {4}\r\na=bc)\r\n"
			 "a NO [UNKNOWN-CTE] A part is encoded in an unknown way\r\n");
	ck_assert_str_eq(talk(&t, 0, "FETCH 1 BINARY.PEEK[7]"),
			 "* 1 FETCH (BINARY[7] NIL)\r\na OK Fetched\r\n");
	talk_close(&t);
}
END_TEST

/* ---- stores that fail ---- */

START_TEST(damaged_message_is_left_out_and_named)
{
	struct talk t;
	talk_open(&t);
	for (int i = 0; i < 3; i++)
		talk_add(&t, SLICE_LIT("Subject: x\r\n\r\nbody"), 0);
	talk_start(&t, 0);
	talk_faults.uid = 2;
	talk_faults.err = ERR_CORRUPT;
	ck_assert_str_eq(talk(&t, 0, "FETCH 1:3 (UID BODY.PEEK[TEXT])"),
			 "* 1 FETCH (UID 1 BODY[TEXT] {4}\r\nbody)\r\n"
			 "* 3 FETCH (UID 3 BODY[TEXT] {4}\r\nbody)\r\n"
			 "a NO [CORRUPTION] Some messages are damaged and were left out\r\n");
	ck_assert_str_eq(
		talk(&t, 0, "FETCH 2 (UID ENVELOPE)"),
		"* 2 FETCH (UID 2 ENVELOPE (NIL \"x\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n"
		"a OK Fetched\r\n");
	ck_assert_str_eq(talk(&t, 0, "SEARCH BODY body"),
			 "* SEARCH 1 3\r\na NO [CORRUPTION] Some messages are damaged and were "
			 "passed over\r\n");
	talk_faults.err = ERR_GONE;
	ck_assert_str_eq(talk(&t, 0, "UID FETCH 2:3 BODY.PEEK[TEXT]"),
			 "* 3 FETCH (UID 3 BODY[TEXT] {4}\r\nbody)\r\n"
			 "a OK [EXPUNGEISSUED] Fetched; some messages no longer exist\r\n");
	ck_assert_str_eq(talk(&t, 0, "SEARCH BODY body"), "* SEARCH 1 3\r\na OK Searched\r\n");
	talk_close(&t);
}
END_TEST

START_TEST(literal_that_cannot_be_kept_ends_the_connection)
{
	struct talk t;
	struct buf message;
	buf_init(&message, 1024 * 1024);
	ck_assert_int_eq(buf_add_str(&message, "Subject: x\r\n\r\n"), ERR_NONE);
	for (int i = 0; i < 20000; i++)
		ck_assert_int_eq(buf_addf(&message, "line %05d\r\n", i), ERR_NONE);
	talk_open(&t);
	talk_add(&t, buf_view(&message), 0);
	talk_start(&t, 0);
	talk_faults = (struct talk_faults){.uid = 1, .err = ERR_CORRUPT, .from = 100000};
	struct slice said = talk_bytes(&t, 0, "FETCH 1 BODY.PEEK[]");
	ck_assert(peer_is_closed(&t.peers[0]));
	/* No octet that is not the message's, and no word behind them. */
	size_t start = slice_find_byte(said, '\n') + 1;
	ck_assert_uint_lt(said.len - start, message.len);
	assert_bytes(slice_from(said, start), slice_upto(buf_view(&message), said.len - start));
	talk_close(&t);
	buf_free(&message);
}
END_TEST

/* ---- length ---- */

static uint8_t *big_message(size_t bytes, size_t *len_out)
{
	static const char head[] =
		"Subject: big\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
	static const char line[] =
		"All work and no play makes Jack a dull boy; \xc3\xa4\xc3\xb6.\r\n";
	uint8_t *text = malloc(bytes + sizeof(head) + sizeof(line) + 16);
	ck_assert_ptr_nonnull(text);
	memcpy(text, head, sizeof(head) - 1);
	size_t n = sizeof(head) - 1;
	while (n < bytes) {
		memcpy(text + n, line, sizeof(line) - 1);
		n += sizeof(line) - 1;
	}
	memcpy(text + n,
	       "n\xc3\x84"
	       "del\r\n",
	       8);
	*len_out = n + 8;
	return text;
}

START_TEST(long_search_lets_others_pass)
{
	struct talk t;
	size_t len = 0;
	uint8_t *text = big_message(50 * 1024 * 1024, &len);
	talk_open(&t);
	talk_add(&t, slice_of(text, len), 0);
	free(text);
	talk_start(&t, 0);
	talk_start(&t, 1);
	talk_send(&t, 0,
		  "SEARCH CHARSET UTF-8 BODY {6+}\r\nN\xc3\xa4"
		  "DEL");
	/* The second session is answered while the first is still reading, however slow this machine. */
	do {
		const char *said = talk(&t, 1, "NOOP");
		ck_assert_str_eq(slice_starts(slice_str(said), SLICE_LIT("a OK ")) ? "OK" : said,
				 "OK");
		ck_assert(!talk_has_ended(&t, 0));
	} while (talk_faults.reads == 0);
	while (!talk_has_ended(&t, 0))
		peer_turn(&t.peers[0]);
	struct slice got = buf_view(&t.peers[0].got);
	ck_assert_uint_ne(slice_find(got, SLICE_LIT("* SEARCH 1\r\n")), SIZE_MAX);
	talk_close(&t);
}
END_TEST

START_TEST(body_is_streamed_to_a_slow_reader)
{
	struct talk t;
	size_t len = 0;
	uint8_t *text = big_message(3 * 1024 * 1024, &len);
	talk_open(&t);
	talk_add(&t, slice_of(text, len), 0);
	talk_start(&t, 0);
	t.peers[0].take_chunk = 10000;
	assert_bytes(literal_of(talk_bytes(&t, 0, "FETCH 1 BODY.PEEK[]")), slice_of(text, len));
	/* A partial reads what it sends, and little more. */
	talk_faults.reads = 0;
	assert_bytes(literal_of(talk_bytes(&t, 0, "FETCH 1 BODY.PEEK[]<3000000.1000>")),
		     slice_of(text + 3000000, 1000));
	ck_assert_uint_eq(talk_faults.reads, 1);
	talk_close(&t);
	free(text);
}
END_TEST

START_TEST(mailbox_that_is_deleted_under_a_literal_ends_the_connection)
{
	struct talk t;
	size_t len = 0;
	uint8_t *text = big_message(1024 * 1024, &len);
	talk_open(&t);
	talk_add(&t, slice_of(text, len), 0);
	talk_start(&t, 0);
	talk_start(&t, 1);
	ck_assert_ptr_nonnull(strstr(talk(&t, 0, "CREATE x"), "a OK"));
	ck_assert_ptr_nonnull(strstr(talk(&t, 0, "COPY 1 x"), "a OK"));
	ck_assert_ptr_nonnull(strstr(talk(&t, 0, "SELECT x"), "a OK"));
	t.peers[0].take_chunk = 1000;
	talk_send(&t, 0, "FETCH 1 BODY.PEEK[]");
	for (int i = 0; i < 20; i++)
		peer_turn(&t.peers[0]);
	ck_assert_ptr_nonnull(strstr(talk(&t, 1, "DELETE x"), "a OK"));
	for (int i = 0; i < 5000 && !peer_is_closed(&t.peers[0]); i++)
		peer_turn(&t.peers[0]);
	ck_assert(peer_is_closed(&t.peers[0]));
	struct slice said = buf_view(&t.peers[0].got);
	size_t start = slice_find_byte(said, '\n') + 1;
	ck_assert_uint_lt(said.len - start, len);
	assert_bytes(slice_from(said, start), slice_of(text, said.len - start));
	talk_close(&t);
	free(text);
}
END_TEST

START_TEST(structure_of_ten_thousand_parts_is_written_in_pieces)
{
	struct talk t;
	struct buf message;
	buf_init(&message, 4 * 1024 * 1024);
	ck_assert_int_eq(buf_add_str(&message, "Content-Type: multipart/mixed; boundary=b\r\n\r\n"),
			 ERR_NONE);
	for (int i = 0; i < 9000; i++)
		ck_assert_int_eq(buf_addf(&message, "--b\r\n\r\n%d\r\n", i), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&message, "--b--\r\n"), ERR_NONE);
	talk_open(&t);
	talk_add(&t, buf_view(&message), 0);
	talk_start(&t, 0);
	t.peers[0].take_chunk = 5000;
	struct slice said = talk_bytes(&t, 0, "FETCH 1 (BODY BODY.PEEK[8999])");
	unsigned parts = 0;
	struct slice one = SLICE_LIT("(\"text\" \"plain\"");
	for (size_t at; (at = slice_find(said, one)) != SIZE_MAX;
	     said = slice_from(said, at + one.len))
		parts++;
	ck_assert_uint_eq(parts, 9000);
	ck_assert_uint_ne(
		slice_find(said, SLICE_LIT("BODY[8999] {4}\r\n8998)\r\na OK Fetched\r\n")),
		SIZE_MAX);
	talk_close(&t);
	buf_free(&message);
}
END_TEST

/* 100,000 hits that are not next to each other, without reading any message. */
START_TEST(search_of_many_hits_looks_at_the_index_only)
{
	enum { MESSAGES = 20000 };
	struct talk t;
	talk_open(&t);
	for (int i = 0; i < MESSAGES; i++)
		talk_add(&t, SLICE_LIT("\r\n"), i % 2 ? FLAG_SEEN : 0);
	talk_start(&t, 0);
	talk_faults.reads = 0;
	talk_faults.uid = 0;
	struct slice said = talk_bytes(&t, 0, "UID SEARCH UNSEEN");
	unsigned hits = 0;
	slice_word(&said);
	slice_word(&said);
	for (uint32_t expected = 1; expected < MESSAGES; expected += 2) {
		uint32_t uid = 0;
		struct slice word = slice_trim(slice_upto(slice_word(&said), 6));
		word = slice_upto(word, slice_find_byte(word, '\r'));
		ck_assert_int_eq(slice_u32(word, &uid), ERR_NONE);
		ck_assert_uint_eq(uid, expected);
		hits++;
	}
	ck_assert_uint_eq(hits, MESSAGES / 2);
	ck_assert_uint_eq(talk_faults.reads, 0);
	/* The cheap keys decide first, whatever their order: one message is read, not all. */
	ck_assert_str_eq(talk(&t, 0, "SEARCH TEXT nothing UID 17"),
			 "* SEARCH\r\na OK Searched\r\n");
	ck_assert_uint_le(talk_faults.reads, 2);
	talk_close(&t);
}
END_TEST

START_TEST(seen_does_not_run_far_ahead_of_the_bodies)
{
	struct talk t;
	talk_open(&t);
	for (int i = 0; i < 300; i++)
		talk_add(&t, SLICE_LIT("\r\n"), 0);
	talk_start(&t, 0);
	talk_start(&t, 1);
	talk_faults = (struct talk_faults){.uid = 100, .says_again = false, .err = ERR_AGAIN};
	talk_send(&t, 0, "FETCH 1:* BODY[]"); /* hangs at message 100 */
	for (int i = 0; i < 200; i++)
		peer_turn(&t.peers[0]);
	const char *said = talk(&t, 1, "SEARCH RETURN (COUNT) SEEN");
	ck_assert_ptr_nonnull(strstr(said, "COUNT 128"));
	talk_close(&t);
}
END_TEST

SUITE_MAIN("imap_message", fields_are_those_of_the_header_in_any_window,
	   field_longer_than_any_buffer_comes_whole, message_without_summary_is_parsed_again,
	   binary_is_decoded_and_counted, damaged_message_is_left_out_and_named,
	   literal_that_cannot_be_kept_ends_the_connection, long_search_lets_others_pass,
	   body_is_streamed_to_a_slow_reader,
	   mailbox_that_is_deleted_under_a_literal_ends_the_connection,
	   structure_of_ten_thousand_parts_is_written_in_pieces,
	   search_of_many_hits_looks_at_the_index_only, seen_does_not_run_far_ahead_of_the_bodies)
