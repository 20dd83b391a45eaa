#include "support/suite.h"

#include <stdlib.h>

#include "app/autodiscover_request.h"

static struct autodiscover_request r;

START_TEST(the_address_is_found_however_it_is_written)
{
	static const struct {
		const char *body, *address, *schema;
	} rows[] = {
		{"<Autodiscover xmlns=\"x\"><Request><EMailAddress>a@b.c</EMailAddress>"
		 "<AcceptableResponseSchema>s</AcceptableResponseSchema></Request></Autodiscover>",
		 "a@b.c", "s"},
		{"<A><AcceptableResponseSchema>s</AcceptableResponseSchema>"
		 "<EMailAddress>a@b.c</EMailAddress></A>",
		 "a@b.c", "s"},
		{"\xEF\xBB\xBF<?xml version='1.0'?>\r\n<n:A xmlns:n='>'><n:EMailAddress a=\"<\" "
		 ">\n "
		 "a@b.c\t</n:EMailAddress></n:A>",
		 "a@b.c", ""}, /* not XML, but clear */
		{"<?xml version='1.0'?>\r\n<n:A xmlns:n='>'><n:EMailAddress a='/' >\n a@b.c\t"
		 "</n:EMailAddress></n:A>",
		 "a@b.c", ""},
		{"<!-- <EMailAddress>x@y.z</EMailAddress> --><!DOCTYPE "
		 "a><![CDATA[<EMailAddress>q]]>"
		 "<emailaddress>a@b.c</emailaddress>",
		 "a@b.c", ""},
		{"<EMailAddress>a&amp;b&#64;c&#x2E;d&lt;&gt;&quot;&apos;</EMailAddress>",
		 "a&b@c.d<>\"'", ""},
		{"<EMailAddress>a<!-- x -->@<![CDATA[b.c]]></EMailAddress>", "a@b.c", ""},
		{"<EMailAddress/><EMailAddress>a@b.c</EMailAddress>", "a@b.c", ""},
		{"<EMailAddress>a@b.c</EMailAddress><EMailAddress>d@e.f</EMailAddress>", "a@b.c",
		 ""},
		{"<EMailAddress>&#65;&#xE9;&#x20AC;&#x1F4E7;</EMailAddress>",
		 "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x93\xA7", ""},
		{"<EMailAddress>\xC3\xA9&#xE9;@b.c</EMailAddress>", "\xC3\xA9\xC3\xA9@b.c", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum err err = autodiscover_request_scan(slice_str(rows[i].body), &r);
		ck_assert_msg(err == ERR_NONE, "row %zu", i);
		ck_assert_str_eq(r.address, rows[i].address);
		ck_assert_str_eq(r.schema, rows[i].schema);
	}
}
END_TEST

START_TEST(what_is_no_request_is_refused)
{
	static const char *const rows[] = {
		"",
		"hello",
		"<",
		"<a",
		"<!--",
		"<![CDATA[",
		"<EMailAddress>",
		"<EMailAddress></EMailAddress>",
		"<EMailAddress> \n</EMailAddress>",
		"</EMailAddress>a@b.c",
		"<EMailAddresses>a@b.c</EMailAddresses>",
		"<EMailAddress>&unknown;</EMailAddress>",
		"<EMailAddress>&amp</EMailAddress>",
		"<EMailAddress>&#0;</EMailAddress>",
		"<EMailAddress>&#xD800;</EMailAddress>",
		"<EMailAddress>&#x110000;</EMailAddress>",
		"<EMailAddress>&#;</EMailAddress>",
		"<EMailAddress>&#x;</EMailAddress>",
		"<EMailAddress>&#12a;</EMailAddress>",
		"<EMailAddress>\xFF@b.c</EMailAddress>",
		"<EMailAddress><![CDATA[a@b.c</EMailAddress>",
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(autodiscover_request_scan(slice_str(rows[i]), &r) == ERR_SYNTAX,
			      "row %zu", i);
		ck_assert_str_eq(r.address, "");
	}
}
END_TEST

START_TEST(long_ones_are_refused)
{
	size_t n = AUTODISCOVER_MAX_BYTES + 1;
	char *text = malloc(n);
	memset(text, ' ', n);
	memcpy(text, "<EMailAddress>a@b.c</EMailAddress>", 34);
	ck_assert_int_eq(autodiscover_request_scan(slice_of(text, n), &r), ERR_LIMIT);
	ck_assert_int_eq(autodiscover_request_scan(slice_of(text, n - 1), &r), ERR_NONE);
	for (size_t len = AUTODISCOVER_TEXT_MAX - 8; len < AUTODISCOVER_TEXT_MAX + 8; len++) {
		memset(text + 14, 'a', len);
		memcpy(text + 14 + len, "</EMailAddress>", 15);
		enum err err = autodiscover_request_scan(slice_of(text, len + 29), &r);
		ck_assert_int_eq(err, len < AUTODISCOVER_TEXT_MAX ? ERR_NONE : ERR_LIMIT);
	}
	free(text);
}
END_TEST

SUITE_MAIN("autodiscover_request", the_address_is_found_however_it_is_written,
	   what_is_no_request_is_refused, long_ones_are_refused)
