#include "support/suite.h"

#include "app/multipart.h"

/* "<name>data;" for each part, "$" at the end, "!" when it is bad. */
static void tell(const char *type, struct slice input, size_t piece_size, struct buf *told)
{
	struct multipart m;
	struct slice data;
	enum multipart_event event = MULTIPART_MORE;
	ck_assert_int_eq(multipart_init(&m, slice_str(type)), ERR_NONE);
	while (input.len && event != MULTIPART_END && event != MULTIPART_BAD) {
		struct slice piece = slice_upto(input, piece_size);
		input = slice_from(input, piece.len);
		do {
			enum err err = ERR_NONE;
			event = multipart_next(&m, &piece, &data);
			if (event == MULTIPART_PART)
				err = buf_addf(told, "<%s>", m.name);
			else if (event == MULTIPART_DATA)
				err = buf_add_slice(told, data);
			else if (event == MULTIPART_CLOSE)
				err = buf_add_byte(told, ';');
			ck_assert_int_eq(err, ERR_NONE);
		} while (event != MULTIPART_MORE && event != MULTIPART_END &&
			 event != MULTIPART_BAD);
	}
	if (event != MULTIPART_MORE)
		ck_assert_int_eq(buf_add_byte(told, event == MULTIPART_END ? '$' : '!'), ERR_NONE);
	multipart_free(&m);
}

static void expect(const char *body, const char *wanted)
{
	for (size_t size = 1; size < 40; size++) {
		struct buf told;
		buf_init(&told, 4096);
		tell("multipart/form-data; boundary=\"b-B\"", slice_str(body), size, &told);
		ck_assert_msg(slice_eq_str(buf_view(&told), wanted), SLICE_FMT,
			      SLICE_ARG(buf_view(&told)));
		buf_free(&told);
	}
}

#define HEAD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"

START_TEST(parts_are_found_in_pieces_of_any_size)
{
	expect("--b-B\r\n" HEAD("a") "one\r\n--b-B\r\n" HEAD("b") "\r\n--b-B--\r\n",
	       "<a>one;<b>;$");
	expect("preamble\r\n--b-B\r\n" HEAD("a") "--b-C\r\n--b-b\r\r\n--b-B--",
	       "<a>--b-C\r\n--b-b\r;$");
	expect("--b-B\r\n" HEAD("a") "x\r\n--b\r\n--b-B--", "<a>x\r\n--b;$");
	expect("--b-B\r\n\r\nx\r\n\r\n\r\n--b-B--", "<>x\r\n\r\n;$");
	expect("--b-B\r\n" HEAD("a") "--b-B--", "<a>;$");
}
END_TEST

START_TEST(what_is_cut_or_wrong_does_not_pass)
{
	expect("--b-B\r\n" HEAD("a") "never ends", "<a>never ends");
	expect("--b-Bxx", "!");
	expect("nothing of it", "");
}
END_TEST

START_TEST(a_type_without_boundary_is_refused)
{
	static const char *const bad[] = {
		"", "multipart/form-data", "text/plain; boundary=x",
		"multipart/form-data; boundary=", "multipart/form-data; xboundary=y"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct multipart m;
		ck_assert_msg(multipart_init(&m, slice_str(bad[i])) == ERR_SYNTAX, "%s", bad[i]);
		multipart_free(&m);
	}
}
END_TEST

SUITE_MAIN("multipart", parts_are_found_in_pieces_of_any_size, what_is_cut_or_wrong_does_not_pass,
	   a_type_without_boundary_is_refused)
