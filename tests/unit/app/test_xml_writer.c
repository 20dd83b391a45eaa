#include "support/suite.h"

#include "app/xml_writer.h"

#define PROLOG "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"

static struct buf out;
static struct xml x;

static void begin(void)
{
	buf_init(&out, 1024);
	xml_begin(&x, &out, NULL);
}

static void expect(const char *text)
{
	ck_assert_int_eq(xml_end(&x), ERR_NONE);
	ck_assert_int_eq(buf_add_byte(&out, 0), ERR_NONE);
	ck_assert_str_eq((const char *)buf_view(&out).ptr, text);
	buf_free(&out);
}

START_TEST(elements_nest_and_are_closed)
{
	begin();
	xml_open(&x, "a");
	xml_attr(&x, "b", "1");
	xml_leaf(&x, "c", "text");
	xml_leaf(&x, "d", "");
	xml_leaf_number(&x, "e", 993);
	xml_open(&x, "f");
	expect(PROLOG "\n<a b=\"1\">\n <c>text</c>\n <d/>\n <e>993</e>\n <f/>\n</a>\n");
}
END_TEST

START_TEST(markup_in_texts_is_only_text)
{
	begin();
	xml_open(&x, "a");
	xml_attr(&x, "b", "\"><c d='&");
	xml_text(&x, SLICE_LIT("</a>]]>&amp;\r"));
	expect(PROLOG "\n<a b=\"&quot;&gt;&lt;c d=&#39;&amp;\">"
		      "&lt;/a&gt;]]&gt;&amp;amp;&#13;</a>\n");
}
END_TEST

START_TEST(what_xml_cannot_hold_becomes_a_question_mark)
{
	begin();
	xml_open(&x, "a");
	xml_text(&x,
		 slice_of("\0\x01\x1F\x7F|\x80\xC3|\xC3\xA9|\xED\xA0\x80|\xEF\xBF\xBE|\xF0\x9F\x93",
			  22));
	expect(PROLOG "\n<a>????|\?\?|\xC3\xA9|\?\?\?|\?\?\?|\?\?\?</a>\n");
}
END_TEST

START_TEST(a_full_buffer_and_wrong_nesting_are_told)
{
	buf_init(&out, 60);
	xml_begin(&x, &out, NULL);
	for (int i = 0; i < 10; i++)
		xml_leaf(&x, "name", "text");
	ck_assert_int_eq(xml_end(&x), ERR_LIMIT);
	buf_free(&out);

	begin();
	xml_close(&x);
	ck_assert_int_eq(xml_end(&x), ERR_STATE);
	buf_free(&out);

	begin();
	xml_leaf(&x, "a", "b");
	xml_attr(&x, "late", "c");
	ck_assert_int_eq(xml_end(&x), ERR_STATE);
	buf_free(&out);

	begin();
	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		xml_open(&x, "deep");
	ck_assert_int_eq(xml_end(&x), ERR_STATE);
	buf_free(&out);
}
END_TEST

SUITE_MAIN("xml_writer", elements_nest_and_are_closed, markup_in_texts_is_only_text,
	   what_xml_cannot_hold_becomes_a_question_mark, a_full_buffer_and_wrong_nesting_are_told)
