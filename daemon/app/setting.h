/* setting - one table of everything that can be set: the file, the command line and the manual
 * are made from it.
 *
 * A row gives key, type, range, default and help in English and Indonesian. Values live in struct
 * settings, which the rest of app/ reads as plain members. Setting a value checks it completely;
 * a refused value changes nothing and says why in words for people. */
#ifndef APP_SETTING_H
#define APP_SETTING_H

#include "base/buf.h"

enum { SETTING_TEXT_MAX = 256 };

struct settings {
	char     hostname[SETTING_TEXT_MAX];
	char     mail_domains[SETTING_TEXT_MAX]; /* separated by spaces; empty: any */
	uint64_t message_max_mib;
	uint64_t rcpt_max;
	bool     imap_enabled, pop3_enabled, smtp_enabled, lmtp_enabled, submission_enabled;
	uint64_t imap_keepalive_min, imap_timeout_min, pop3_timeout_min, smtp_timeout_min;
	uint64_t pop3_login_delay_s;
	bool     auth_plaintext_lan;
	uint64_t auth_iterations, auth_timeout_s;
	uint64_t net_connections, net_per_address, net_per_user; /* 0: from the memory of the box */
	bool     tls_enabled;
	char     tls_names[SETTING_TEXT_MAX]; /* further names and addresses of the box */
	char     store_backend[SETTING_TEXT_MAX];
	uint64_t store_flag_delay_ms, store_deflate, store_reserve_mib;
	uint64_t quota_mib, quota_messages; /* of each user; 0: none */
	char     log_level[SETTING_TEXT_MAX];
};

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_BOOL, SETTING_CHOICE };

struct setting {
	const char *key;
	enum setting_type type;
	size_t offset;          /* in struct settings */
	uint64_t min, max;      /* SETTING_NUMBER; for SETTING_TEXT max is its length */
	const char *choices;    /* SETTING_CHOICE: "error warn info debug" */
	const char *initial;
	bool needs_restart;
	const char *help_en, *help_id;
};

extern const struct setting setting_table[];
extern const size_t setting_count;

void settings_init(struct settings *s); /* every default */
const struct setting *setting_find(struct slice key);
/* ERR_SYNTAX or ERR_LIMIT with a sentence in `why` (may be NULL); *s is then unchanged. */
MUST_CHECK enum err setting_set(struct settings *s, const struct setting *row, struct slice value,
                                struct buf *why);
MUST_CHECK enum err setting_get(const struct settings *s, const struct setting *row,
                                struct buf *dst);
bool setting_is_default(const struct settings *s, const struct setting *row);
/* "number from 1 to 1024, default 64": appended to dst. */
MUST_CHECK enum err setting_describe(const struct setting *row, struct buf *dst);

#endif
