#include "app/setting.h"

#include <stddef.h>

/* clang-format off */
#define AT(member) offsetof(struct settings, member)
#define TEXT_AT(scope_, key_, member, form_, initial_, restart) \
	{.key = key_, .type = SETTING_TEXT, .scope = scope_, .form = form_, \
	 .offset = AT(member), .max = sizeof(((struct settings *)NULL)->member) - 1, \
	 .initial = initial_, .needs_restart = restart}
#define NUMBER_AT(scope_, key_, member, min_, max_, initial_, restart) \
	{.key = key_, .type = SETTING_NUMBER, .scope = scope_, .offset = AT(member), \
	 .min = min_, .max = max_, .initial = initial_, .needs_restart = restart}
#define ONOFF_AT(scope_, key_, member, initial_, restart) \
	{.key = key_, .type = SETTING_BOOL, .scope = scope_, .offset = AT(member), \
	 .initial = initial_, .needs_restart = restart}
#define CHOICE_AT(scope_, key_, member, choices_, initial_, restart) \
	{.key = key_, .type = SETTING_CHOICE, .scope = scope_, .offset = AT(member), \
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

const struct setting setting_table[] = {
TEXT("hostname", hostname, FORM_HOSTS, "", false),
TEXT("mail.domains", mail_domains, FORM_ANY, "", false),
NUMBER("message.max_mib", message_max_mib, 1, 1024, "64", false),
NUMBER("message.recipients_max", rcpt_max, 100, 1000, "100", false),
ONOFF("imap.enabled", imap_enabled, "yes", false),
ONOFF("pop3.enabled", pop3_enabled, "yes", false),
ONOFF("smtp.enabled", smtp_enabled, "yes", false),
ONOFF("lmtp.enabled", lmtp_enabled, "yes", false),
ONOFF("submission.enabled", submission_enabled, "yes", false),
NUMBER("imap.keepalive_min", imap_keepalive_min, 2, 29, "24", false),
NUMBER("imap.timeout_min", imap_timeout_min, 30, 1440, "30", false),
NUMBER("pop3.timeout_min", pop3_timeout_min, 10, 1440, "10", false),
NUMBER("smtp.timeout_min", smtp_timeout_min, 1, 60, "5", false),
ONOFF("auth.plaintext_lan", auth_plaintext_lan, "no", false),
NUMBER("auth.iterations", auth_iterations, 4096, 1000000, "10000", false),
NUMBER("auth.timeout_s", auth_timeout_s, 10, 600, "30", false),
NUMBER("net.connections", net_connections, 0, 100000, "0", false),
NUMBER("net.per_address", net_per_address, 0, 100000, "0", false),
NUMBER("net.per_user", net_per_user, 0, 100000, "0", false),
ONOFF("tls.enabled", tls_enabled, "yes", true),
TEXT("tls.names", tls_names, FORM_HOSTS, "", false),
ONOFF("web.plain_lan", web_plain_lan, "yes", false),
TEXT("web.hosts", web_hosts, FORM_HOSTS, "", false),
CHOICE("web.language", web_language, "auto en id", "auto", false),
TEXT("time.zone", time_zone, FORM_TIME_ZONE, "", false),
CHOICE("store.backend", store_backend, "journal ram", "journal", true),
NUMBER("store.flag_delay_ms", store_flag_delay_ms, 0, 60000, "5000", true),
NUMBER("store.deflate", store_deflate, 0, 2, "1", true),
NUMBER("store.reserve_mib", store_reserve_mib, 0, 1024, "0", true),
CHOICE("log.level", log_level, "error warn info debug", "info", false),
/* What each user may have a value of his own for. */
USER_CHOICE("pop3.access", pop3_access, "all from-now-on off", "all"),
USER_CHOICE("pop3.after_download", pop3_after, "keep mark-read archive trash delete", "keep"),
USER_CHOICE("pop3.client_delete", pop3_dele, "delete follow hide", "delete"),
USER_ONOFF("pop3.show_again", pop3_show_again, "yes"),
USER_CHOICE("pop3.devices", pop3_devices, "shared own", "shared"),
USER_CHOICE("pop3.shows", pop3_shows, "inbox junk-too folder", "inbox"),
USER_TEXT("pop3.folder", pop3_folder, FORM_FOLDER, ""),
{.key = "pop3.from", .type = SETTING_NUMBER, .scope = SETTING_USER, .is_managed = true,
 .offset = AT(policy.pop3_from_s), .max = UINT32_MAX, .initial = "0"},
USER_NUMBER("pop3.delete_after_days", pop3_delete_days, 0, 36500, "0"),
USER_CHOICE("pop3.delete_since", pop3_delete_since, "download arrival", "download"),
USER_NUMBER("pop3.login_delay_s", pop3_login_delay_s, 0, 86400, "0"),
USER_ONOFF("imap.access", imap_access, "yes"),
USER_ONOFF("imap.auto_expunge", imap_auto_expunge, "no"),
USER_CHOICE("imap.last_copy", imap_last_copy, "gone trash archive", "gone"),
USER_NUMBER("imap.folder_limit", imap_folder_limit, 0, 10000000, "0"),
USER_TEXT("imap.hide_capabilities", imap_hide, FORM_WORDS, ""),
USER_NUMBER("trash.empty_days", trash_days, 0, 36500, "30"),
USER_NUMBER("junk.empty_days", junk_days, 0, 36500, "30"),
USER_NUMBER("quota.mib", quota_mib, 0, 16777216, "0"),
USER_NUMBER("quota.messages", quota_messages, 0, 100000000, "0"),
};
/* clang-format on */
const size_t setting_count = sizeof(setting_table) / sizeof(setting_table[0]);
