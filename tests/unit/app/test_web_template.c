#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/web_template.h"

static bool source_part(const struct web_template_source *source, struct slice name,
			struct slice *text_out)
{
	(void)source;
	if (slice_eq_str(name, "field"))
		*text_out = SLICE_LIT("<i id=\"{{.id}}\">{{#.help}}{{.}} of {{id}}{{/.help}}</i>");
	else if (slice_eq_str(name, "endless"))
		*text_out = SLICE_LIT("{{>endless}}");
	else
		return false;
	return true;
}

static bool source_text(const struct web_template_source *source, struct slice key,
			struct slice *text_out)
{
	(void)source;
	*text_out = SLICE_LIT("<{{n}}> & {{name}}");
	return slice_eq_str(key, "hello.all");
}

static const struct web_template_source source = {source_part, source_text};

static enum err fill(const char *text, const char *json, struct buf *dst)
{
	struct model *model = NULL;
	ck_assert_msg(!json || !model_parse(slice_str(json), &model), "%s", json);
	enum err err = web_template_fill(&source, slice_str(text), model, dst);
	model_free(model);
	return err;
}

START_TEST(every_tag_does_what_it_says)
{
	static const struct {
		const char *text, *json, *result;
	} rows[] = {
		{"plain { } text", NULL, "plain { } text"},
		{"", NULL, ""},
		{"{{a}}", NULL, ""},
		{"{{a}}{{b}}", "{\"a\":\"x\"}", "x"},
		{"{{ a }}", "{\"a\":\"x\"}", "x"},
		{"{{a}}", "{\"a\":\"<b> & \\\"q\\\" 'p'\\u0001\\n\"}",
		 "&lt;b&gt; &amp; &quot;q&quot; &#39;p&#39;?\n"},
		{"{{a}} {{b}} {{c}} {{d}}", "{\"a\":1,\"b\":-25,\"c\":123456789012,\"d\":true}",
		 "1 -25 123456789012 true"},
		{"{{a.b.c}}", "{\"a\":{\"b\":{\"c\":7}}}", "7"},
		{"{{a.b.c}}", "{\"a\":{\"b\":7}}", ""},
		{"{{#a}}{{.}},{{/a}}", "{\"a\":[1,\"<\",3]}", "1,&lt;,3,"},
		{"{{#a}}{{n}}{{x}};{{/a}}", "{\"x\":\"X\",\"a\":[{\"n\":1},{\"n\":2,\"x\":\"Y\"}]}",
		 "1X;2Y;"},
		{"{{#a}}{{.x}};{{/a}}", "{\"x\":\"X\",\"a\":[{},{\"x\":\"Y\"}]}", ";Y;"},
		{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":true}", "yes"},
		{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":false}", "no"},
		{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":0}", "no"},
		{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":-5}", "yes"},
		{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":\"\"}", "no"},
		{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":\"x\"}", "yes"},
		{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":[]}", "no"},
		{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":null}", "no"},
		{"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{}", "no"},
		{"{{#a}}{{#a}}in{{/a}}{{/a}}", "{\"a\":{\"a\":1}}", "in"},
		{"{{#a}}{{^b}}{{c}}{{/b}}{{/a}}", "{\"a\":1,\"c\":\"C\"}", "C"},
		{"a{{! {{#never}} }}b", "{}", "a }}b"},
		{"{{t.hello.all}}", "{\"n\":\"N>\",\"name\":\"<x>\"}",
		 "&lt;N&gt;&gt; &amp; &lt;x&gt;"},
		{"{{t.no.such}}", "{}", "no.such"},
		{"{{t.hello.[which]}}", "{\"which\":\"all\"}", "&lt;&gt; &amp; "},
		{"{{t.he[w.x]o.all}}", "{\"w\":{\"x\":\"ll\"}}", "&lt;&gt; &amp; "},
		{"{{t.no.[which]}}", "{\"which\":\"<i>\"}", "no.&lt;i&gt;"},
		{"{{t.no.[which}}{{t.no.[n]}}", "{\"n\":1}", "no.no."},
		{"{{#f}}{{>field}}{{/f}}", "{\"help\":\"no\",\"f\":{\"id\":\"I\"}}",
		 "<i id=\"I\"></i>"},
		{"{{#f}}{{>field}}{{/f}}", "{\"f\":{\"id\":\"I\",\"help\":\"H\"}}",
		 "<i id=\"I\">H of I</i>"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;
		buf_init(&out, 4096);
		ck_assert_int_eq(fill(rows[i].text, rows[i].json, &out), ERR_NONE);
		ck_assert_msg(slice_eq_str(buf_view(&out), rows[i].result), "row %zu: " SLICE_FMT,
			      i, SLICE_ARG(buf_view(&out)));
		buf_free(&out);
	}
}
END_TEST

START_TEST(what_markup_cannot_hold_becomes_a_question_mark)
{
	struct buf out;
	buf_init(&out, 1024);
	ck_assert_int_eq(web_escape(SLICE_LIT("\"><c d='&</a>]]>&amp;\r"), &out), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&out), "&quot;&gt;&lt;c d=&#39;&amp;"
					       "&lt;/a&gt;]]&gt;&amp;amp;&#13;"));
	buf_clear(&out);
	ck_assert_int_eq(web_escape(slice_of("\0\x01\x1F\x7F|\x80\xC3|\xC3\xA9|\xED\xA0\x80|"
					     "\xEF\xBF\xBE|\xF0\x9F\x93",
					     22),
				    &out),
			 ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&out), "????|\?\?|\xC3\xA9|\?\?\?|\?\?\?|\?\?\?"));
	buf_free(&out);
}
END_TEST

START_TEST(broken_templates_are_refused)
{
	static const struct {
		const char *text;
		enum err err;
	} rows[] = {
		{"{{a", ERR_SYNTAX},          {"{{#a}}", ERR_SYNTAX},
		{"{{#a}}{{/b}}", ERR_SYNTAX}, {"{{#a}}{{#b}}{{/a}}{{/b}}", ERR_SYNTAX},
		{"{{/a}}", ERR_SYNTAX},       {"{{>nowhere}}", ERR_NOT_FOUND},
		{"{{>endless}}", ERR_LIMIT},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;
		buf_init(&out, 4096);
		ck_assert_msg(fill(rows[i].text, "{\"a\":{\"b\":1}}", &out) == rows[i].err, "%s",
			      rows[i].text);
		buf_free(&out);
	}
}
END_TEST

START_TEST(work_depth_and_output_are_bounded)
{
	struct buf out, text;
	buf_init(&out, 16);
	ck_assert_int_eq(fill("{{a}}", "{\"a\":\"seventeen octets!\"}", &out), ERR_LIMIT);
	buf_free(&out);
	/* Ten rows in ten rows in ten rows ...: nobody waits for that. */
	buf_init(&out, 1 << 20);
	buf_init(&text, 4096);
	for (int i = 0; i < WEB_TEMPLATE_DEPTH; i++)
		ck_assert_int_eq(buf_add_str(&text, "{{#a}}"), ERR_NONE);
	for (int i = 0; i < WEB_TEMPLATE_DEPTH; i++)
		ck_assert_int_eq(buf_add_str(&text, "{{/a}}"), ERR_NONE);
	ck_assert_int_eq(buf_add_byte(&text, 0), ERR_NONE);
	ck_assert_int_eq(fill((const char *)text.bytes, "{\"a\":[1,2,3,4,5,6,7,8,9,10]}", &out),
			 ERR_LIMIT);
	buf_clear(&text);
	for (int i = 0; i <= WEB_TEMPLATE_DEPTH; i++)
		ck_assert_int_eq(buf_add_str(&text, "{{#a}}"), ERR_NONE);
	for (int i = 0; i <= WEB_TEMPLATE_DEPTH; i++)
		ck_assert_int_eq(buf_add_str(&text, "{{/a}}"), ERR_NONE);
	ck_assert_int_eq(buf_add_byte(&text, 0), ERR_NONE);
	ck_assert_int_eq(fill((const char *)text.bytes, "{\"a\":1}", &out), ERR_LIMIT);
	buf_free(&text);
	buf_free(&out);
}
END_TEST

START_TEST(plain_text_is_not_escaped)
{
	struct buf out;
	struct model *model = model_new();
	model_texts(model, "n name", "<&>", "'");
	buf_init(&out, 256);
	ck_assert_int_eq(
		web_template_fill_text(&source, SLICE_LIT("{{t.hello.all}}\""), model, &out),
		ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&out), "<<&>> & '\""));
	model_free(model);
	buf_free(&out);
}
END_TEST

SUITE_MAIN("web_template", every_tag_does_what_it_says,
	   what_markup_cannot_hold_becomes_a_question_mark, broken_templates_are_refused,
	   work_depth_and_output_are_bounded, plain_text_is_not_escaped)
