/* profile - settings of a mailbox in the formats that mail programs fetch by themselves.
 *
 * A struct client_config in, text appended to dst; the formats are templates of web/, which cannot
 * emit broken XML. Only what is switched on and encrypted from the first byte is told: several
 * programs drop a whole file for one entry they do not like, and nobody should be led to send a
 * password in clear. Passwords are in none of them. */
#ifndef APP_PROFILE_H
#define APP_PROFILE_H

#include "app/client_config.h"
#include "app/profile_key.h"
#include "app/web.h"

enum { PROFILE_MAX_BYTES = 64 * 1024 };

/* True when there is at least one service to tell about. */
bool profile_is_possible(const struct client_config *c);

/* What the templates know: host domain user address has_tls leaves_mail leave_days has_services
 * profiles (is there one for Apple?), and services, in the order in which programs should take them:
 * name type srv way is_pop3 is_smtp has_profile, and 0 for what is not offered in
 * port (to show), tls, starttls (0 as well where there is no TLS at all). */
void profile_put(struct model *model, const struct client_config *c);

/* Thunderbird and those who read its format (draft-ietf-mailmaint-autoconfig-06). */
#define PROFILE_THUNDERBIRD "autoconfig.xml"
/* Outlook: Autodiscover, "plain old XML" (MS-OXDSCLI 2.2.4). */
#define PROFILE_OUTLOOK "autodiscover.xml"
MUST_CHECK enum err profile_write(const char *file, const struct client_config *c, struct buf *dst);

enum outlook_error {
	OUTLOOK_NO_SUCH_ADDRESS = 500, /* the domain is not ours */
	OUTLOOK_INVALID_REQUEST = 600,
	OUTLOOK_NO_PROVIDER = 601,     /* the answer it would understand is not one of ours */
};
/* wall_s: for the attribute Time. */
MUST_CHECK enum err profile_outlook_error(enum outlook_error error, int64_t wall_s, struct buf *dst);

/* Apple's configuration profile: one account, IMAP or POP3, and the house's CA. */
struct profile_apple {
	const struct client_config *config;
	const struct profile_key *key; /* makes the UUIDs, the same for the same account for ever */
	bool is_pop3;
	struct slice ca_der;           /* empty: nobody needs it */
	enum lang lang;                /* of what people read in it */
};
MUST_CHECK enum err profile_apple(const struct profile_apple *p, struct buf *dst);

/* draft-ietf-mailmaint-pacc-04. It names hosts only: ports are the well-known ones. */
MUST_CHECK enum err profile_pacc(const struct client_config *c, struct buf *dst);

#endif
