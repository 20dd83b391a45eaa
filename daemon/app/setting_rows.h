/* setting_rows - everything that can be set, in the order in which it is shown: for the files that make
 * setting_table of it (app/setting.h), and for no others.
 *
 * POP3(row) is obeyed where POP3 is all that is served, REST(row) by somebody else. */
#ifndef APP_SETTING_ROWS_H
#define APP_SETTING_ROWS_H

#include <stddef.h>

#include "app/setting.h"

#define AT(member) \
	.offset = offsetof(struct settings, member), .size = sizeof(((struct settings *)NULL)->member)
#define TEXT_AT(scope_, key_, member, form_, initial_, restart) \
	{.key = key_, .type = SETTING_TEXT, .scope = scope_, .has_form = form_, \
	 AT(member), .initial = initial_, .needs_restart = restart}
#define NUMBER_AT(scope_, key_, member, min_, max_, initial_, restart) \
	{.key = key_, .type = SETTING_NUMBER, .scope = scope_, AT(member), \
	 .min = min_, .max = max_, .initial = initial_, .needs_restart = restart}
#define ONOFF_AT(scope_, key_, member, initial_, restart) \
	{.key = key_, .type = SETTING_BOOL, .scope = scope_, AT(member), \
	 .initial = initial_, .needs_restart = restart}
#define CHOICE_AT(scope_, key_, member, choices_, initial_, restart) \
	{.key = key_, .type = SETTING_CHOICE, .scope = scope_, AT(member), \
	 .choices = choices_, .initial = initial_, .needs_restart = restart}

#define TEXT(...) TEXT_AT(SETTING_HOUSE, __VA_ARGS__)
#define NUMBER(...) NUMBER_AT(SETTING_HOUSE, __VA_ARGS__)
#define ONOFF(...) ONOFF_AT(SETTING_HOUSE, __VA_ARGS__)
#define CHOICE(...) CHOICE_AT(SETTING_HOUSE, __VA_ARGS__)
#define USER_TEXT(key_, member, form_, initial_) \
	TEXT_AT(SETTING_USER, key_, policy.member, form_, initial_, false)
#define USER_NUMBER(key_, member, min_, max_, initial_) \
	NUMBER_AT(SETTING_USER, key_, policy.member, min_, max_, initial_, false)
#define USER_ONOFF(key_, member, initial_) \
	ONOFF_AT(SETTING_USER, key_, policy.member, initial_, false)
#define USER_CHOICE(key_, member, choices_, initial_) \
	CHOICE_AT(SETTING_USER, key_, policy.member, choices_, initial_, false)

#define MANAGED(key_, member) \
	{.key = key_, .type = SETTING_NUMBER, .scope = SETTING_USER, .is_managed = true, AT(policy.member), \
	 .max = UINT32_MAX, .initial = "0"}

#define SETTING_ROWS(POP3, REST) \
POP3(TEXT("hostname", hostname, form_hosts, "", false)) \
POP3(TEXT("mail.domains", mail_domains, NULL, "", false)) \
REST(NUMBER("message.max_mib", message_max_mib, 1, 1024, "64", false)) \
REST(NUMBER("message.recipients_max", rcpt_max, 100, 1000, "100", false)) \
REST(ONOFF("imap.enabled", imap_enabled, "yes", false)) \
POP3(ONOFF("pop3.enabled", pop3_enabled, "yes", false)) \
REST(ONOFF("smtp.enabled", smtp_enabled, "yes", false)) \
REST(ONOFF("lmtp.enabled", lmtp_enabled, "yes", false)) \
REST(ONOFF("submission.enabled", submission_enabled, "yes", false)) \
REST(NUMBER("imap.keepalive_min", imap_keepalive_min, 2, 29, "24", false)) \
REST(NUMBER("imap.timeout_min", imap_timeout_min, 30, 1440, "30", false)) \
POP3(NUMBER("pop3.timeout_min", pop3_timeout_min, 10, 1440, "10", false)) \
REST(NUMBER("smtp.timeout_min", smtp_timeout_min, 1, 60, "5", false)) \
POP3(ONOFF("auth.plaintext_lan", auth_plaintext_lan, "no", false)) \
POP3(NUMBER("auth.iterations", auth_iterations, 4096, 1000000, "10000", false)) \
POP3(NUMBER("auth.timeout_s", auth_timeout_s, 10, 600, "30", false)) \
POP3(NUMBER("net.connections", net_connections, 0, 100000, "0", false)) \
POP3(NUMBER("net.per_address", net_per_address, 0, 100000, "0", false)) \
POP3(NUMBER("net.per_user", net_per_user, 0, 100000, "0", false)) \
REST(ONOFF("tls.enabled", tls_enabled, "yes", true)) \
REST(TEXT("tls.names", tls_names, form_hosts, "", false)) \
REST(ONOFF("web.plain_lan", web_plain_lan, "yes", false)) \
REST(TEXT("web.hosts", web_hosts, form_hosts, "", false)) \
REST(CHOICE("web.language", web_language, "auto en id", "auto", false)) \
REST(TEXT("time.zone", time_zone, form_time_zone, "", false)) \
POP3(CHOICE("store.backend", store_backend, "journal ram", "journal", true)) \
POP3(NUMBER("store.flag_delay_ms", store_flag_delay_ms, 0, 60000, "5000", true)) \
REST(NUMBER("store.deflate", store_deflate, 0, 2, "1", true)) \
POP3(NUMBER("store.reserve_mib", store_reserve_mib, 0, 1024, "0", true)) \
POP3(CHOICE("log.level", log_level, "error warn info debug", "info", false)) \
/* What each user may have a value of his own for. */ \
POP3(USER_CHOICE("pop3.access", pop3_access, "all from-now-on off", "all")) \
POP3(USER_CHOICE("pop3.after_download", pop3_after, "keep mark-read archive trash delete", "keep")) \
POP3(USER_CHOICE("pop3.client_delete", pop3_dele, "delete follow hide", "delete")) \
POP3(USER_ONOFF("pop3.show_again", pop3_show_again, "yes")) \
POP3(USER_CHOICE("pop3.devices", pop3_devices, "shared own", "shared")) \
POP3(USER_CHOICE("pop3.shows", pop3_shows, "inbox junk-too folder", "inbox")) \
POP3(USER_TEXT("pop3.folder", pop3_folder, form_folder, "")) \
POP3(MANAGED("pop3.from", pop3_from_s)) \
POP3(USER_NUMBER("pop3.delete_after_days", pop3_delete_days, 0, 36500, "0")) \
POP3(USER_CHOICE("pop3.delete_since", pop3_delete_since, "download arrival", "download")) \
POP3(USER_NUMBER("pop3.login_delay_s", pop3_login_delay_s, 0, 86400, "0")) \
REST(USER_ONOFF("imap.access", imap_access, "yes")) \
REST(USER_ONOFF("imap.auto_expunge", imap_auto_expunge, "no")) \
REST(USER_CHOICE("imap.last_copy", imap_last_copy, "gone trash archive", "gone")) \
REST(USER_NUMBER("imap.folder_limit", imap_folder_limit, 0, 10000000, "0")) \
POP3(USER_TEXT("imap.hide_capabilities", imap_hide, form_words, "")) \
POP3(USER_NUMBER("trash.empty_days", trash_days, 0, 36500, "30")) \
POP3(USER_NUMBER("junk.empty_days", junk_days, 0, 36500, "30")) \
REST(USER_NUMBER("quota.mib", quota_mib, 0, 16777216, "0")) \
REST(USER_NUMBER("quota.messages", quota_messages, 0, 100000000, "0"))

#define SETTING_ROW(...) __VA_ARGS__,
#define SETTING_NO_ROW(...)

#endif
