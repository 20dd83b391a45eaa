#include "support/suite.h"

#include <stdio.h>

#include "app/client_config.h"

static struct settings settings;
static struct policy policy;
static struct client_config c;

static void reset(void)
{
	settings_init(&settings);
	policy = (struct policy){.imap_access = true, .pop3_show_again = true};
}

static enum err ask_at(const char *host, const char *address)
{
	struct client_question q = {.settings = &settings,
				    .policy = &policy,
				    .hostname = *settings.hostname ? settings.hostname : "box",
				    .has_tls = true,
				    .port_base = 10000,
				    .host = slice_str(host),
				    .address = slice_str(address)};
	return client_config_make(&q, &c);
}

static void hostname(const char *name)
{
	snprintf(settings.hostname, sizeof(settings.hostname), "%s", name);
}

static void domains(const char *names)
{
	snprintf(settings.mail_domains, sizeof(settings.mail_domains), "%s", names);
}

START_TEST(the_host_is_one_that_works_for_the_client)
{
	static const struct {
		const char *chosen, *asked, *host;
	} rows[] = {
		{"mail.example.org", "192.0.2.1", "mail.example.org"},
		{"mail.example.org", "", "mail.example.org"},
		{"", "192.0.2.1", "192.0.2.1"},
		{"", "[fe80::1]", "fe80::1"},
		{"", "localhost", "localhost"},
		{"", "Surel.local", "Surel.local"},
		{"", "evil.example", "box"}, /* the certificate does not hold it */
		{"", "autoconfig.example.org", "box"},
		{"", "", "box"},
		{"no host name", "", "surel.local"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reset();
		hostname(rows[i].chosen);
		ck_assert_int_eq(ask_at(rows[i].asked, ""), ERR_NONE);
		ck_assert_str_eq(c.host, rows[i].host);
	}
}
END_TEST

START_TEST(addresses_are_completed_and_checked)
{
	static const struct {
		const char *domains, *asked, *typed, *user, *address;
		enum err err;
	} rows[] = {
		{"", "localhost", "", "%EMAILADDRESS%", "", ERR_NONE},
		{"", "localhost", "alice", "alice", "alice@localhost", ERR_NONE},
		{"", "192.0.2.1", "alice", "alice", "alice@box", ERR_NONE},
		{"a.example b.example", "", "alice", "alice", "alice@a.example", ERR_NONE},
		{"a.example b.example", "autoconfig.b.example", "alice", "alice", "alice@b.example",
		 ERR_NONE},
		{"a.example", "", "alice+x@a.example", "alice+x@a.example", "alice+x@a.example",
		 ERR_NONE},
		{"", "", "alice+phone", "alice+phone", "alice@box", ERR_NONE},
		{"a.example", "", "alice@c.example", "", "", ERR_NOT_FOUND},
		{"", "", "alice@c.example", "alice@c.example", "alice@c.example", ERR_NONE},
		{"", "", "alice@", "", "", ERR_SYNTAX},
		{"", "", "@c.example", "", "", ERR_SYNTAX},
		{"", "", "a b@c.example", "", "", ERR_SYNTAX},
		{"", "", "a<b@c.example", "", "", ERR_SYNTAX},
		{"", "", "alice@-c.example", "", "", ERR_SYNTAX},
		{"", "", "alice@c..example", "", "", ERR_SYNTAX},
		{"", "", "alice@[192.0.2.1]", "", "", ERR_SYNTAX},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reset();
		domains(rows[i].domains);
		ck_assert_msg(ask_at(rows[i].asked, rows[i].typed) == rows[i].err, "row %zu", i);
		if (rows[i].err)
			continue;
		ck_assert_str_eq(c.user, rows[i].user);
		ck_assert_str_eq(c.address, rows[i].address);
	}
}
END_TEST

START_TEST(only_what_is_on_is_told)
{
	reset();
	ck_assert_int_eq(ask_at("", "alice"), ERR_NONE);
	ck_assert(c.imap.is_on && c.pop3.is_on && c.smtp.is_on && !c.pop3_first);
	ck_assert_uint_eq(c.imap.port, 10993);
	ck_assert_uint_eq(c.pop3.port, 10995);
	ck_assert_uint_eq(c.smtp.port, 10465);
	ck_assert_uint_eq(c.smtp.starttls_port, 10587);
	policy.imap_access = false;
	settings.submission_enabled = false;
	ck_assert_int_eq(ask_at("", "alice"), ERR_NONE);
	ck_assert(!c.imap.is_on && c.pop3.is_on && !c.smtp.is_on && c.pop3_first);
	policy.pop3_access = POP3_OFF;
	ck_assert_int_eq(ask_at("", "alice"), ERR_NONE);
	ck_assert(!c.pop3.is_on && !c.pop3_first);
}
END_TEST

START_TEST(pop3_clients_are_told_the_policy)
{
	static const struct {
		struct policy policy;
		bool first, leaves;
		uint32_t days;
	} rows[] = {
		{{.pop3_after = POP3_AFTER_KEEP}, false, true, 0},
		{{.pop3_after = POP3_AFTER_MARK_READ}, false, true, 0},
		{{.pop3_after = POP3_AFTER_KEEP, .pop3_delete_days = 14}, true, true, 14},
		{{.pop3_after = POP3_AFTER_DELETE}, true, false, 0},
		/* Its DELE would take away what is to be kept elsewhere. */
		{{.pop3_after = POP3_AFTER_ARCHIVE, .pop3_delete_days = 14}, true, true, 0},
		{{.pop3_after = POP3_AFTER_TRASH}, true, true, 0},
		/* The other devices must get it first. */
		{{.pop3_after = POP3_AFTER_DELETE, .pop3_devices = POP3_DEVICES_OWN},
		 true,
		 true,
		 0},
		{{.pop3_delete_days = 7, .pop3_devices = POP3_DEVICES_OWN}, true, true, 0},
		{{.pop3_delete_days = 7,
		  .pop3_devices = POP3_DEVICES_OWN,
		  .pop3_dele = POP3_DELE_HIDE},
		 true,
		 true,
		 7},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reset();
		policy = rows[i].policy;
		policy.imap_access = true;
		ck_assert_int_eq(ask_at("", ""), ERR_NONE);
		ck_assert_msg(c.pop3_first == rows[i].first, "row %zu", i);
		ck_assert_msg(c.leaves_mail == rows[i].leaves, "row %zu", i);
		ck_assert_msg(c.leave_days == rows[i].days, "row %zu", i);
	}
}
END_TEST

SUITE_MAIN("client_config", the_host_is_one_that_works_for_the_client,
	   addresses_are_completed_and_checked, only_what_is_on_is_told,
	   pop3_clients_are_told_the_policy)
