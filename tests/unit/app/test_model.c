#include "app/model.h"

#include "support/suite.h"

static void prints_as(const struct model *m, const char *json)
{
	struct buf out;
	buf_init(&out, 4096);
	ck_assert_int_eq(model_print(m, &out), ERR_NONE);
	ck_assert_msg(slice_eq_str(buf_view(&out), json), SLICE_FMT, SLICE_ARG(buf_view(&out)));
	buf_free(&out);
}

START_TEST(what_is_put_in_comes_out)
{
	struct model *m = model_new();
	struct buf text;
	buf_init(&text, 16);
	model_texts(m, "a b", "1", "\"\\\n\001");
	model_text(m, "nothing", NULL);
	model_textf(m, "c", "%d-%s", 7, "x");
	ck_assert_int_eq(buf_add_str(&text, "taken"), ERR_NONE);
	model_take(m, "d", &text);
	struct model *list = model_list(m, "list");
	model_number(model_row(list), "n", INT64_MIN);
	model_slice(list, NULL, SLICE_LIT("s"));
	model_bool(list, NULL, true);
	model_bool(list, NULL, false);
	model_null(list, NULL);
	model_object(m, "o");
	ck_assert(model_is_whole(m));
	prints_as(m, "{\"a\":\"1\",\"b\":\"\\\"\\\\\\u000a\\u0001\",\"c\":\"7-x\",\"d\":\"taken\","
		     "\"list\":[{\"n\":-9223372036854775808},\"s\",true,false,null],\"o\":{}}");
	ck_assert_str_eq(model_get_text(m, "a"), "1");
	ck_assert_str_eq(model_get_text(m, "o"), "");
	ck_assert_int_eq(model_get_number(list->first, "n"), INT64_MIN);
	ck_assert(model_has_members(list) && !model_has_members(model_get(m, "o")));
	model_free(m);
}
END_TEST

START_TEST(members_can_go_again)
{
	struct model *m = model_new();
	model_texts(m, "a b c", "1", "2", "3");
	model_remove(m, model_get(m, "b"));
	model_remove(m, model_get(m, "c"));
	model_remove(m, model_get(m, "no"));
	model_text(m, "d", "4");
	prints_as(m, "{\"a\":\"1\",\"d\":\"4\"}");
	model_remove(m, model_get(m, "a"));
	model_remove(m, model_get(m, "d"));
	prints_as(m, "{}");
	model_text(m, "e", "5");
	prints_as(m, "{\"e\":\"5\"}");
	model_free(m);
}
END_TEST

START_TEST(what_does_not_fit_is_told_at_the_end)
{
	static char big[MODEL_MAX_BYTES / 2 + 1];
	memset(big, 'x', sizeof(big) - 1);
	struct model *m = model_new();
	model_text(m, "first", big);
	ck_assert(model_is_whole(m));
	model_text(m, "second", big);
	ck_assert(!model_is_whole(m) && !model_get(m, "second"));
	model_free(m);
	/* Nothing is added to what is not there. */
	model_text(model_object(NULL, "a"), "b", "c");
	model_remove(NULL, NULL);
	ck_assert(!model_is_whole(NULL) && !model_get(NULL, "a"));
	model_free(NULL);
}
END_TEST

START_TEST(json_is_read)
{
	static const struct {
		const char *json, *printed;
	} rows[] = {
		{"{}", "{}"},
		{" {\t\"a\" :\r\n[ ] , \"b\":[1 ,2]} ", "{\"a\":[],\"b\":[1,2]}"},
		{"{\"a\":[true,false,null,{\"b\":\"\"}]}",
		 "{\"a\":[true,false,null,{\"b\":\"\"}]}"},
		{"{\"a\":[0,-0,-12,9223372036854775807,5.0,1e3,1.5E+1,100e-2,0.0e-99]}",
		 "{\"a\":[0,0,-12,9223372036854775807,5,1000,15,1,0]}"},
		/* No whole numbers that we have: null is printed for them. */
		{"{\"a\":[0.5,9223372036854775808,1e99,1e999999999999999999999,-1e-1]}",
		 "{\"a\":[null,null,null,null,null]}"},
		{"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\tz\"}",
		 "{\"a\":\"\\\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009z\"}"},
		{"{\"\\u0061\":\"\\u00e9\\u20AC\\ud83d\\ude00\"}",
		 "{\"a\":\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"}"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model *m = NULL;
		ck_assert_msg(!model_parse(slice_str(rows[i].json), &m), "%s", rows[i].json);
		prints_as(m, rows[i].printed);
		model_free(m);
	}
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
	static const char *const rows[] = {
		"",
		" ",
		"[]",
		"1",
		"null",
		"{",
		"}",
		"{]",
		"{}x",
		"{} {}",
		"{a:1}",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{,}",
		"{\"a\" 1}",
		"{\"a\":[1,]}",
		"{\"a\":[1 2]}",
		"{\"a\":[1}",
		"{\"a\":01}",
		"{\"a\":-}",
		"{\"a\":.5}",
		"{\"a\":1.}",
		"{\"a\":1e}",
		"{\"a\":+1}",
		"{\"a\":tru}",
		"{\"a\":nul}",
		"{\"a\":\"",
		"{\"a\":\"\n\"}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\\u12\"}",
		"{\"a\":\"\\u12G4\"}",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":\"\\ud83d\"}",
		"{\"a\":\"\\ud83d\\u0041\"}",
		"{\"a\":\"\\ude00\"}",
		"{\"a\":\"\\",
	};
	struct model *m = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(model_parse(slice_str(rows[i]), &m) == ERR_SYNTAX, "%s", rows[i]);
		ck_assert_ptr_null(m);
	}
	ck_assert_int_eq(model_parse(SLICE_LIT("{\"a\":\"x\0\"}"), &m), ERR_SYNTAX);
}
END_TEST

START_TEST(depth_is_bounded)
{
	char json[2 * MODEL_DEPTH_MAX + 16];
	for (int depth = MODEL_DEPTH_MAX - 1; depth <= MODEL_DEPTH_MAX; depth++) {
		struct model *m = NULL;
		size_t n = (size_t)depth;
		memcpy(json, "{\"a\":", 5);
		memset(json + 5, '[', n);
		memset(json + 5 + n, ']', n);
		json[5 + 2 * n] = '}';
		enum err err = model_parse(slice_of(json, 6 + 2 * n), &m);
		ck_assert_int_eq(err, depth < MODEL_DEPTH_MAX ? ERR_NONE : ERR_LIMIT);
		model_free(m);
	}
}
END_TEST

SUITE_MAIN("model", what_is_put_in_comes_out, members_can_go_again,
	   what_does_not_fit_is_told_at_the_end, json_is_read, what_is_no_json_is_refused,
	   depth_is_bounded)
