#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <qrencode.h>

#include "app/profile.h"
#include "app/qr_svg.h"

static struct client_config config;
static struct buf out;

static void reset(void)
{
	config = (struct client_config){
		.host = "mail.example.org",
		.domain = "example.org",
		.user = "alice@example.org",
		.address = "alice@example.org",
		.imap = {true, 993, 143},
		.pop3 = {true, 995, 110},
		.smtp = {true, 465, 587},
		.has_tls = true,
		.leaves_mail = true,
	};
	buf_init(&out, PROFILE_MAX_BYTES);
}

static const char *text(enum err err)
{
	ck_assert_int_eq(err, ERR_NONE);
	ck_assert_int_eq(buf_add_byte(&out, 0), ERR_NONE);
	return (const char *)buf_view(&out).ptr;
}

static size_t place(const char *hay, const char *needle)
{
	const char *at = strstr(hay, needle);
	return at ? (size_t)(at - hay) : SIZE_MAX;
}

START_TEST(thunderbird_is_told_the_best_first)
{
	reset();
	const char *xml = text(profile_write(PROFILE_THUNDERBIRD, &config, &out));
	ck_assert(place(xml, "type=\"imap\"") < place(xml, "type=\"pop3\""));
	ck_assert(place(xml, "type=\"pop3\"") < place(xml, "type=\"smtp\""));
	ck_assert(strstr(xml, "<leaveMessagesOnServer>true</leaveMessagesOnServer>"));
	ck_assert(!strstr(xml, "daysToLeave"));
	ck_assert(!strstr(xml, "plain<"));
	buf_free(&out);

	reset();
	config.pop3_first = true;
	config.leave_days = 14;
	config.smtp.is_on = false;
	xml = text(profile_write(PROFILE_THUNDERBIRD, &config, &out));
	ck_assert(place(xml, "type=\"pop3\"") < place(xml, "type=\"imap\""));
	ck_assert(strstr(xml, "<daysToLeaveMessagesOnServer>14</daysToLeaveMessagesOnServer>"));
	ck_assert(!strstr(xml, "smtp"));
	buf_free(&out);
}
END_TEST

START_TEST(without_tls_nothing_is_told)
{
	reset();
	config.imap.port = config.pop3.port = config.smtp.port = 0;
	ck_assert(!profile_is_possible(&config));
	const char *xml = text(profile_write(PROFILE_THUNDERBIRD, &config, &out));
	ck_assert(!strstr(xml, "Server"));
	buf_free(&out);
}
END_TEST

static const char *apple(const char *user, bool is_pop3, struct slice ca)
{
	struct profile_key key = {{7}};
	reset();
	snprintf(config.address, sizeof(config.address), "t&co@example.org");
	snprintf(config.user, sizeof(config.user), "%s", user);
	struct profile_apple p = {
		.config = &config, .key = &key, .is_pop3 = is_pop3, .ca_der = ca, .lang = LANG_ID};
	char *copy = strdup(text(profile_apple(&p, &out)));
	buf_free(&out);
	return copy;
}

START_TEST(apple_profiles_are_the_same_again)
{
	const char *first = apple("alice", false, SLICE_LIT("DER")),
		   *again = apple("alice", false, SLICE_LIT("DER")),
		   *pop3 = apple("alice", true, SLICE_EMPTY),
		   *bob = apple("bob", false, SLICE_LIT("DER"));
	ck_assert_str_eq(first, again);
	ck_assert_str_ne(first, bob);
	ck_assert(strstr(first, "<string>Email t&amp;co@example.org</string>"));
	ck_assert(strstr(first, "<data>REVS</data>"));
	ck_assert(strstr(first, "<integer>993</integer>"));
	ck_assert(strstr(pop3, "EmailTypePOP"));
	ck_assert(strstr(pop3, "<integer>995</integer>"));
	ck_assert(!strstr(pop3, "<data>"));
	free((void *)(uintptr_t)first);
	free((void *)(uintptr_t)again);
	free((void *)(uintptr_t)pop3);
	free((void *)(uintptr_t)bob);

	struct profile_apple p = {.config = &config, .is_pop3 = false};
	config.smtp.is_on = false;
	ck_assert_int_eq(profile_apple(&p, &out), ERR_NOT_FOUND);
}
END_TEST

START_TEST(uuids_are_kept_by_the_box)
{
	char dir[] = "/tmp/surel-profile-XXXXXX", path[64];
	struct profile_key a, b;
	char uuid[3][UUID_TEXT_BYTES];
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/profile.key", dir);
	ck_assert_int_eq(profile_key_load(dir, &a), ERR_NONE);
	ck_assert_int_eq(profile_key_load(dir, &b), ERR_NONE);
	ck_assert_mem_eq(&a, &b, sizeof(a));
	ck_assert_int_eq(profile_key_uuid(&a, "alice", "imap", uuid[0]), ERR_NONE);
	ck_assert_int_eq(profile_key_uuid(&b, "alice", "imap", uuid[1]), ERR_NONE);
	ck_assert_int_eq(profile_key_uuid(&a, "alicei", "map", uuid[2]), ERR_NONE);
	ck_assert_str_eq(uuid[0], uuid[1]);
	ck_assert_str_ne(uuid[0], uuid[2]);
	ck_assert_int_eq(uuid[0][14], '8');
	ck_assert_int_eq(truncate(path, 10), 0); /* broken: a new one */
	ck_assert_int_eq(profile_key_load(dir, &b), ERR_NONE);
	ck_assert_mem_ne(&a, &b, sizeof(a));
	unlink(path);
	rmdir(dir);
}
END_TEST

START_TEST(outlook_hears_of_errors_in_its_own_form)
{
	reset();
	const char *xml = text(profile_write(PROFILE_OUTLOOK, &config, &out));
	ck_assert(place(xml, "<Type>IMAP</Type>") < place(xml, "<Type>POP3</Type>"));
	ck_assert(strstr(xml, "<SPA>off</SPA>"));
	buf_free(&out);
	reset();
	xml = text(profile_outlook_error(OUTLOOK_INVALID_REQUEST, 3661, &out));
	ck_assert(strstr(xml, "Time=\"01:01:01.0000000\""));
	ck_assert(strstr(xml, "<ErrorCode>600</ErrorCode>"));
	buf_free(&out);
}
END_TEST

START_TEST(pacc_names_hosts)
{
	reset();
	config.pop3.is_on = false;
	ck_assert_str_eq(text(profile_pacc(&config, &out)),
			 "{\"protocols\":{\"imap\":{\"host\":\"mail.example.org\"},"
			 "\"smtp\":{\"host\":\"mail.example.org\"}},"
			 "\"authentication\":{\"password\":true},"
			 "\"info\":{\"provider\":{\"name\":\"example.org\"}}}");
	buf_free(&out);
}
END_TEST

static const char *page(void)
{
	struct model *model = model_new();
	profile_put(model, &config);
	model_texts(model, "dns_host box", config.host, "192.0.2.1");
	model_number(model, "http_port", 80);
	const char *html = text(web_fill(LANG_EN, "connect.html", model, &out));
	model_free(model);
	return html;
}

START_TEST(name_servers_are_told_what_is_there_and_what_is_not)
{
	reset();
	config.pop3.is_on = false;
	const char *zone = page();
	ck_assert(strstr(zone, "_imaps._tcp.example.org. IN SRV 0 1 993 mail.example.org.\n"));
	ck_assert(strstr(zone, "_pop3s._tcp.example.org. IN SRV 0 0 0 .\n"));
	ck_assert(
		strstr(zone, "_submission._tcp.example.org. IN SRV 10 1 587 mail.example.org.\n"));
	buf_free(&out);
	reset();
	const char *lines = page();
	ck_assert(strstr(lines, "host-record=mail.example.org,autoconfig.example.org,"
				"autodiscover.example.org,192.0.2.1\n"));
	ck_assert(strstr(lines, "srv-host=_pop3s._tcp.example.org,mail.example.org,995,0,1\n"));
	buf_free(&out);
	reset();
	config.has_tls = false;
	config.imap.port = config.pop3.port = config.smtp.port = 0;
	const char *plain = page();
	const char *avahi = strstr(plain, "&lt;service-group&gt;");
	ck_assert(strstr(avahi, "&lt;type&gt;_http._tcp&lt;/type&gt;"));
	ck_assert(!strstr(avahi, "_imap"));
	ck_assert(strstr(plain, "_imap._tcp.example.org. IN SRV 0 0 0 .\n"));
	buf_free(&out);
}
END_TEST

/* Whether the path has a run that covers this module. */
static bool is_drawn(const char *path, int x, int y)
{
	int from = 0, row = 0, length = 0;
	for (const char *at = strchr(path, 'M'); at; at = strchr(at + 1, 'M'))
		if (sscanf(at, "M%d %dh%d", &from, &row, &length) == 3 && row == y && x >= from &&
		    x < from + length)
			return true;
	return false;
}

/* A mirrored one is read by some programs, and not by others. */
START_TEST(qr_codes_are_drawn_the_right_way_round)
{
	reset();
	const char *svg = text(qr_svg("http://surel.local/connect/alice", "", &out));
	const char *path = strstr(svg, " d=\"");
	QRcode *code = QRcode_encodeString8bit("http://surel.local/connect/alice", 0, QR_ECLEVEL_M);
	for (int y = 0; y < code->width; y++)
		for (int x = 0; x < code->width; x++)
			ck_assert_int_eq(is_drawn(path, x + 4, y + 4),
					 code->data[y * code->width + x] & 1);
	QRcode_free(code);
	buf_free(&out);
}
END_TEST

START_TEST(qr_codes_are_one_path_with_a_quiet_zone)
{
	reset();
	const char *svg = text(qr_svg("http://surel.local/connect/alice", "\"<QR>", &out));
	ck_assert(strstr(svg, "viewBox=\"0 0 37 37\"")); /* version 3: 29 modules, and 8 */
	ck_assert(strstr(svg, "d=\"M4 4h7v1h-7z"));      /* a finder's upper edge */
	ck_assert(strstr(svg, "aria-label=\"&quot;&lt;QR&gt;\""));
	buf_free(&out);
	char text_too_long[QR_TEXT_MAX + 2];
	memset(text_too_long, 'a', sizeof(text_too_long) - 1);
	text_too_long[QR_TEXT_MAX + 1] = '\0';
	ck_assert_int_eq(qr_svg(text_too_long, "", &out), ERR_LIMIT);
}
END_TEST

SUITE_MAIN("profile", thunderbird_is_told_the_best_first, without_tls_nothing_is_told,
	   apple_profiles_are_the_same_again, uuids_are_kept_by_the_box,
	   outlook_hears_of_errors_in_its_own_form, pacc_names_hosts,
	   name_servers_are_told_what_is_there_and_what_is_not,
	   qr_codes_are_one_path_with_a_quiet_zone, qr_codes_are_drawn_the_right_way_round)
