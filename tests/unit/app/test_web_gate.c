/* The page as seen from the house, from the street, and by other web sites. */
#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/admin_password.h"
#include "app/app_part.h"
#include "app/web_visit.h"
#include "base/clock.h"
#include "store/store_ops.h"
#include "support/app_kit.h"
#include "support/script_stream.h"

extern const struct app_part web_part;

struct gate_kit {
	struct app_kit app;
	struct script_stream *script;
	char answer[HTTP_REPLY_MAX_BYTES];
};

static void gate_open(struct gate_kit *k, bool is_set_up)
{
	app_kit_open(&k->app, &store_ram_ops, SERVICE_LMTP);
	struct appliance *a = &k->app.app;
	snprintf(a->hostname, sizeof(a->hostname), "box");
	a->host.hostname = a->hostname;
	a->host.version = "0";
	a->admin.is_real = is_set_up;
	ck_assert_int_eq(web_part.start(a), ERR_NONE);
}

static void gate_close(struct gate_kit *k)
{
	web_part.at[APP_STOP](&k->app.app);
	app_kit_close(&k->app);
}

/* One request from an address; its answer is in k->answer, its status is returned. */
static int gate_ask(struct gate_kit *k, const char *peer, const char *request)
{
	struct loop *loop = k->app.app.loop;
	struct stream *stream;
	struct net_address from, to;
	const char *local = strchr(peer, ':') ? "2001:db8:1::1" : "192.168.1.1";
	ck_assert_int_eq(net_address_parse(peer, 40000, &from), ERR_NONE);
	ck_assert_int_eq(net_address_parse(local, 80, &to), ERR_NONE);
	ck_assert_int_eq(script_stream_new(loop, 16384, &k->script, &stream), ERR_NONE);
	stream_set_addresses(stream, &from, &to);
	http_session_start(&k->app.app.host, stream, false);
	script_feed_str(k->script, request);
	script_eof(k->script);
	for (int i = 0; i < 2000 && !script_is_closed(k->script); i++) {
		script_settle(loop);
		worker_pool_drain(k->app.app.workers);
		clock_advance(50);
	}
	struct slice output = slice_upto(script_output(k->script), sizeof(k->answer) - 1);
	memcpy(k->answer, output.ptr, output.len);
	k->answer[output.len] = 0;
	script_free(&k->script);
	ck_assert_msg(output.len > 12, "no answer to %s", request);
	return (int)strtol(k->answer + 9, NULL, 10);
}

static int gate_get(struct gate_kit *k, const char *peer, const char *path)
{
	char request[512];
	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: box.local\r\n\r\n", path);
	return gate_ask(k, peer, request);
}

static bool says(const struct gate_kit *k, const char *text)
{
	return strstr(k->answer, text);
}

START_TEST(a_fresh_box_is_set_up_from_the_house_only)
{
	struct gate_kit k;
	gate_open(&k, false);
	ck_assert_int_eq(strlen(k.app.app.web->setup_code), WEB_CODE_TEXT);
	static const char *const near[] = {"192.168.1.7", "10.1.2.3", "172.16.0.1",    "fe80::1",
					   "127.0.0.1",   "fd00::9",  "2001:db8:1::77"};
	static const char *const away[] = {"203.0.113.9", "8.8.8.8", "2001:db8:2::77",
					   "172.32.0.1"};
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		ck_assert_int_eq(gate_get(&k, near[i], "/setup"), 200);
		ck_assert_int_eq(gate_get(&k, near[i], "/"), 303);
		ck_assert(says(&k, "\r\nLocation: /setup\r\n"));
	}
	for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
		ck_assert_int_eq(gate_get(&k, away[i], "/setup"), 403);
		ck_assert(!says(&k, "Set-up code"));
		ck_assert_int_eq(gate_get(&k, away[i], "/"), 403);
		ck_assert_int_eq(gate_get(&k, away[i], "/style.css"), 403);
	}
	gate_close(&k);
}
END_TEST

START_TEST(the_street_gets_the_page_by_tls_only)
{
	struct gate_kit k;
	gate_open(&k, true);
	ck_assert_int_eq(gate_get(&k, "192.168.1.7", "/login"), 200);
	ck_assert_int_eq(gate_get(&k, "203.0.113.9", "/login"), 403); /* there is no TLS to go to */
	ck_assert(says(&k, "encrypted"));
	k.app.app.host.tls = (struct tls_context *)(void *)&k; /* only asked for being there */
	k.app.app.options.port_base = 10000;
	ck_assert_int_eq(gate_get(&k, "192.168.1.7", "/login"), 200);
	ck_assert_int_eq(gate_get(&k, "203.0.113.9", "/a%20b?next=%2F"), 307);
	ck_assert(says(&k, "\r\nLocation: https://box.local:10443/a%20b?next=%2F\r\n"));
	ck_assert(!says(&k, "Set-Cookie"));
	k.app.app.options.port_base = 0;
	ck_assert_int_eq(gate_get(&k, "203.0.113.9", "/"), 307);
	ck_assert(says(&k, "\r\nLocation: https://box.local/\r\n"));
	/* A password that was sent in clear is not taken to the other side. */
	ck_assert_int_eq(gate_ask(&k, "203.0.113.9",
				  "POST /login HTTP/1.1\r\nHost: box.local\r\nContent-Length: 10"
				  "\r\n\r\npassword=x"),
			 403);
	k.app.app.settings.web_plain_lan = false;
	ck_assert_int_eq(gate_get(&k, "192.168.1.7", "/login"), 307);
	ck_assert_int_eq(gate_get(&k, "127.0.0.1", "/login"), 200);
	k.app.app.host.tls = NULL;
	gate_close(&k);
}
END_TEST

START_TEST(an_unknown_name_is_shown_and_harmless)
{
	struct gate_kit k;
	gate_open(&k, true);
	ck_assert_int_eq(
		gate_ask(&k, "192.168.1.7", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421);
	ck_assert(says(&k, "\xE2\x80\x9C"
			   "evil.example\xE2\x80\x9D"));
	ck_assert_int_eq(gate_ask(&k, "192.168.1.7",
				  "GET /welcome HTTP/1.1\r\nHost: 192.168.1.1\r\n"
				  "Accept-Language: id\r\n\r\n"),
			 303);
	ck_assert_int_eq(gate_ask(&k, "192.168.1.7", "GET / HTTP/1.1\r\n\r\n"), 400);
	ck_assert(says(&k, "Content-Security-Policy"));
	gate_close(&k);
}
END_TEST

START_TEST(wrong_passwords_wait_and_are_counted)
{
	struct gate_kit k;
	gate_open(&k, true);
	k.app.app.admin.iterations = 4096;
	for (int i = 0; i < 8; i++) {
		uint64_t before = clock_mono_ms();
		ck_assert_int_eq(gate_ask(&k, "192.168.1.7",
					  "POST /login HTTP/1.1\r\nHost: box.local\r\nOrigin: "
					  "http://box.local\r\nContent-Type: application/"
					  "x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\n"
					  "password=x"),
				 422);
		ck_assert_uint_ge(clock_mono_ms() - before, i < 6 ? 1000 : 1500);
		ck_assert_uint_eq(k.app.app.web->checks, 0);
	}
	gate_close(&k);
}
END_TEST

SUITE_MAIN("web_gate", a_fresh_box_is_set_up_from_the_house_only,
	   the_street_gets_the_page_by_tls_only, an_unknown_name_is_shown_and_harmless,
	   wrong_passwords_wait_and_are_counted)
