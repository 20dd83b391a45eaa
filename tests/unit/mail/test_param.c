#include "mail/param.h"

#include "mail_test.h"

/* "value;name=text;name=text", as the parser sees it. */
static void print(struct slice field, struct buf *b)
{
	struct arena arena;
	struct param_list list;
	arena_init(&arena, 1 << 20);
	ck_assert(!param_parse(field, &arena, &list));
	ck_assert(!buf_add_slice(b, list.type));
	if (list.subtype.ptr) {
		ck_assert(!buf_add_byte(b, '/'));
		ck_assert(!buf_add_slice(b, list.subtype));
	}
	for (uint32_t i = 0; i < list.count; i++) {
		ck_assert(!buf_add_byte(b, ';'));
		ck_assert(!buf_add_slice(b, list.params[i].name));
		ck_assert(!buf_add_byte(b, '='));
		ck_assert(!buf_add_slice(b, list.params[i].value));
	}
	arena_reset(&arena);
}

static const struct {
	const char *field, *want;
} fields[] = {
	{"text/plain", "text/plain"},
	{" Text / Plain ; Charset = utf-8", "Text/Plain;Charset=utf-8"},
	{"text/plain; charset=\"us-ascii\"; format=flowed",
	 "text/plain;charset=us-ascii;format=flowed"},
	{"text/plain; charset=us-ascii (Plain text)", "text/plain;charset=us-ascii"},
	{"text/plain (a (nested) one); (b) charset (c) = (d) x (e)", "text/plain;charset=x"},
	{"attachment; filename=\"a \\\"b\\\\ c\"", "attachment;filename=a \"b\\ c"},
	{"attachment;\r\n\tfilename=\"a\r\n b\"", "attachment;filename=a b"},
	{"inline", "inline"},
	{"", ""},
	/* broken, but met */
	{"text/plain charset=utf-8 format=flowed", "text/plain;charset=utf-8;format=flowed"},
	{"text/plain;; charset=utf-8;", "text/plain;charset=utf-8"},
	{"application/pdf; name=my file (1).pdf; x=y", "application/pdf;name=my file;x=y"},
	{"application/pdf; name=file(1).pdf", "application/pdf;name=file(1).pdf"},
	{"application/pdf; name=\"x\" size=3", "application/pdf;name=x;size=3"},
	{"text/plain; charset=\"utf-8", "text/plain;charset=utf-8"},
	{"text/plain; charset=\"utf-8\\", "text/plain;charset=utf-8\\"},
	{"text/plain; charset", "text/plain"},
	{"text/plain; =x; a=b", "text/plain;a=b"},
	{"text/plain; a=", "text/plain;a="},
	{"text/plain; boundary=foo=bar", "text/plain;boundary=foo=bar"},
	{"text/plain; \"odd\"; a=b", "text/plain;a=b"},
	{"text", "text"},
	{"text/", "text/"},
	{"/plain", "/plain"},
	{"(never closed", ""},
	{"text/plain; a=b (never closed; c=d\\", "text/plain;a=b"},
	{"text/plain; a=\xff\xfe", "text/plain;a=\xff\xfe"},
	/* RFC 2231 */
	{"x/y; n*0=\"ab\"; n*1=cd", "x/y;n=abcd"},
	{"x/y; a=1; n*1=cd; n*0=ab; z=2", "x/y;a=1;z=2;n=abcd"},
	{"x/y; n*=utf-8''%C3%A9", "x/y;n*=utf-8''%C3%A9"},
	{"x/y; n*0*=utf-8''%C3; n*1*=%A9; n*2=\" 5%\"", "x/y;n*=utf-8''%C3%A9%205%25"},
	{"x/y; n*0=a'b; n*1*=%20", "x/y;n*=''a%27b%20"},
	{"x/y; n*0=ab; n*2=lost", "x/y;n=ab"},
	{"x/y; n*1=no beginning", "x/y"},
	{"x/y; n*x=1; *=2; n**=3", "x/y;n*x=1;*=2;n**=3"},
	{"x/y; n*4294967296=1", "x/y;n*4294967296=1"},
	{"x/y; N*0=a; n*1=b", "x/y;N=ab"},
};

START_TEST(fields_are_split)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		size_t len = strlen(fields[i].field);
		uint8_t *copy = malloc(len ? len : 1);
		struct buf b;
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, fields[i].field, len);
		buf_init(&b, 4096);
		print(slice_of(copy, len), &b);
		ck_assert_slice_eq(buf_view(&b), slice_str(fields[i].want), fields[i].field);
		buf_free(&b);
		free(copy);
	}
}
END_TEST

START_TEST(text_is_decoded)
{
	static const struct {
		const char *field, *name, *want;
	} rows[] = {
		{"a; filename*=utf-8'en'%C3%A9t%C3%a9", "FileName", "\xc3\xa9t\xc3\xa9"},
		{"a; filename*=iso-8859-1''%E9", "filename", "\xc3\xa9"},
		{"a; filename*=%41%4", "filename", "A%4"},
		{"a; filename=x; filename*=utf-8''y", "filename", "y"},
		{"a; filename=\"=?utf-8?q?=C3=A9?=.txt\"", "filename", "\xc3\xa9.txt"},
		{"a; filename=\"\xe9\"", "filename", "\xc3\xa9"},
		{"a; filename*0*=utf-8''%C3; filename*1*=%A9", "filename", "\xc3\xa9"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena arena;
		struct param_list list;
		struct buf b;
		arena_init(&arena, 1 << 16);
		buf_init(&b, 256);
		ck_assert(!param_parse(slice_str(rows[i].field), &arena, &list));
		const struct param *param = param_find(&list, rows[i].name);
		ck_assert_ptr_nonnull(param);
		ck_assert(!param_text(param, &b));
		ck_assert_slice_eq(buf_view(&b), slice_str(rows[i].want), rows[i].field);
		ck_assert_ptr_null(param_find(&list, "other"));
		buf_free(&b);
		arena_reset(&arena);
	}
}
END_TEST

/* The class of CVE-2026-27859: very many parameters, pieces and quotes. */
START_TEST(hostile_fields_stay_bounded)
{
	static const char *const units[] = {";a=b",   ";a*0=b", ";a*1*=%41", "\"", "(",
					    "a=\"\\", "= ",     ";=",        " a", "*",
					    ";a*0*=", "a (",    "x/",        "\\"};
	for (size_t i = 0; i < COUNT(units); i++) {
		struct buf field;
		struct arena arena;
		struct param_list list;
		buf_init(&field, 4 << 20);
		while (field.len < 100000)
			ck_assert(!buf_add_str(&field, units[i]));
		arena_init(&arena, 64u << 20);
		ck_assert(!param_parse(buf_view(&field), &arena, &list));
		ck_assert_uint_le(list.count, PARAM_MAX_COUNT);
		arena_reset(&arena);
		buf_free(&field);
	}
}
END_TEST

START_TEST(a_full_arena_is_an_error)
{
	struct arena arena;
	struct param_list list;
	arena_init(&arena, 16);
	ck_assert_int_eq(param_parse(SLICE_LIT("a/b; c=d; e=f"), &arena, &list), ERR_NOMEM);
	arena_reset(&arena);
}
END_TEST

SUITE_MAIN("param", fields_are_split, text_is_decoded, hostile_fields_stay_bounded,
	   a_full_arena_is_an_error)
