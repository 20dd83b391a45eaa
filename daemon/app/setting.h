/* setting - one table of everything that can be set: the file, the command line, the page and the
 * manual are made from it.
 *
 * A row gives key, type, scope, range and default; what it is for stands in web/text/manual.en and
 * .id. Values live in struct settings, which the rest of app/ reads as plain members. Setting a value checks it
 * completely; a refused value changes nothing and says why in words for people.
 *
 * Rows of SETTING_USER are members of struct policy: what is set there is the house's default, and
 * each user may have a value of his own (app/override.h). */
#ifndef APP_SETTING_H
#define APP_SETTING_H

#include "base/buf.h"
#include "proto/policy.h"

enum { SETTING_TEXT_MAX = 256 };

enum lang { LANG_EN, LANG_ID, LANG_COUNT };

struct settings {
	struct policy policy; /* first, see policy_rows; of who has no value of his own */
	bool     imap_enabled, pop3_enabled, smtp_enabled, lmtp_enabled, submission_enabled;
	bool     auth_plaintext_lan, tls_enabled, web_plain_lan;
	uint32_t web_language;                /* 0: what the browser asks for, else enum lang + 1 */
	uint32_t store_backend;               /* setting_choice of "store.backend" names it */
	uint32_t log_level;                   /* enum log_level */
	uint64_t message_max_mib;
	uint64_t rcpt_max;
	uint64_t imap_keepalive_min, imap_timeout_min, pop3_timeout_min, smtp_timeout_min;
	uint64_t auth_iterations, auth_timeout_s;
	uint64_t net_connections, net_per_address, net_per_user; /* 0: from the memory of the box */
	uint64_t store_flag_delay_ms, store_deflate, store_reserve_mib;
	char     hostname[SETTING_TEXT_MAX];
	char     mail_domains[SETTING_TEXT_MAX]; /* separated by spaces; empty: any */
	char     tls_names[SETTING_TEXT_MAX]; /* further names and addresses of the box */
	char     web_hosts[SETTING_TEXT_MAX]; /* further names the page may be asked by */
	char     time_zone[SETTING_TEXT_MAX]; /* POSIX; empty: the system's */
};

/* The rows of SETTING_USER lie in the policy: they, and no others, can be read and written where there is
 * a policy alone. */
static inline struct settings *policy_rows(struct policy *policy)
{
	return (struct settings *)(void *)policy;
}

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_BOOL, SETTING_CHOICE };
enum setting_scope { SETTING_HOUSE, SETTING_USER };

struct setting {
	const char *key;
	enum setting_type type : 8;
	enum setting_scope scope : 8;
	bool needs_restart;
	bool is_managed;        /* kept by the daemon itself: nobody sets it by hand */
	uint16_t offset, size;  /* in struct settings; of a text with the NUL behind it */
	union {
		struct {
			uint32_t min, max; /* SETTING_NUMBER */
		};
		const char *choices; /* SETTING_CHOICE: "error warn info debug"; uint32_t holds the index */
		bool (*has_form)(struct slice value); /* SETTING_TEXT; NULL: any */
	};
	const char *initial;
};

/* What a text may have to be: form_... of setting_form.c. */
bool form_folder(struct slice value);
bool form_hosts(struct slice value);
bool form_words(struct slice value);
bool form_time_zone(struct slice value); /* POSIX, or empty */

/* In the order of app/setting_rows.h. */
extern const struct setting setting_table[];
extern const size_t setting_count;
/* False: what only other builds obey is not in it (setting_table_few.c), and a file may hold more. */
extern const bool setting_table_is_whole;
enum { SETTINGS_MAX = 128 }; /* at least setting_count; a test looks */

/* What the row is for, in a sentence (app/help.h). */
const char *setting_help(const struct setting *row, enum lang lang);

void settings_init(struct settings *s); /* every default */
const struct setting *setting_find(struct slice key);
/* ERR_SYNTAX or ERR_LIMIT with a sentence in `why` (may be NULL); *s is then unchanged. */
MUST_CHECK enum err setting_set(struct settings *s, const struct setting *row, struct slice value,
                                enum lang lang, struct buf *why);
MUST_CHECK enum err setting_get(const struct settings *s, const struct setting *row,
                                struct buf *dst);
/* The name of the choice with this index; empty: there is none. */
struct slice setting_choice(const struct setting *row, uint32_t index);
const char *settings_backend(const struct settings *s); /* "journal", for store_backend_find */
bool setting_is_default(const struct settings *s, const struct setting *row);
bool setting_is_same(const struct settings *a, const struct settings *b, const struct setting *row);
void setting_copy(struct settings *to, const struct settings *from, const struct setting *row);
/* "a number from 1 to 1024, default 64": appended to dst. */
MUST_CHECK enum err setting_describe(const struct setting *row, enum lang lang, struct buf *dst);

/* --- setting_text.c: what people are told about settings, in every language ------------------- */

enum setting_text {
	SETTING_SAY_MUST_BE,    /* key */
	SETTING_SAY_TEXT,       /* bytes, default */
	SETTING_SAY_NUMBER,     /* from, to, default */
	SETTING_SAY_BOOL,       /* default */
	SETTING_SAY_CHOICE,     /* choices, default */
	SETTING_SAY_EMPTY,
	SETTING_SAY_FOLDER,     /* bytes, default; likewise those of the other forms */
	SETTING_SAY_HOSTS,
	SETTING_SAY_WORDS,
	SETTING_SAY_TIME_ZONE,
	SETTING_SAY_MANAGED,    /* key */
	SETTING_SAY_HOUSE_ONLY, /* key */
	SETTING_SAY_NO_USER,    /* name */
	SETTING_SAY_NOT_SAVED,  /* why */
	SETTING_SAY_COUNT
};
/* Appends the sentence with its up to three arguments; NULL stands for those it has not. dst NULL:
 * nobody wants to know. */
void setting_say(struct buf *dst, enum lang lang, enum setting_text text, const char *first,
                 const char *second, const char *third);

#endif
