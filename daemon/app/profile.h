/* profile - settings of a mailbox in the formats that mail programs fetch by themselves.
 *
 * Pure: a struct client_config in, text appended to dst. Only what is switched on and encrypted from
 * the first byte is told: several programs drop a whole file for one entry they do not like, and
 * nobody should be led to send a password in clear. Passwords are in none of them. */
#ifndef APP_PROFILE_H
#define APP_PROFILE_H

#include "app/client_config.h"
#include "app/profile_key.h"

enum { PROFILE_MAX_BYTES = 64 * 1024 };

/* True when there is at least one service to tell about. */
bool profile_is_possible(const struct client_config *c);

/* Thunderbird and those who read its format (draft-ietf-mailmaint-autoconfig-06). */
MUST_CHECK enum err profile_thunderbird(const struct client_config *c, struct buf *dst);

/* Outlook: Autodiscover, "plain old XML" (MS-OXDSCLI 2.2.4). */
MUST_CHECK enum err profile_outlook(const struct client_config *c, struct buf *dst);
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
	const char *title, *text;      /* for people */
};
MUST_CHECK enum err profile_apple(const struct profile_apple *p, struct buf *dst);

/* draft-ietf-mailmaint-pacc-04. It names hosts only: ports are the well-known ones. */
MUST_CHECK enum err profile_pacc(const struct client_config *c, struct buf *dst);

/* To copy. SRV records for a zone file (RFC 6186, RFC 8314; "0 0 0 ." for what is not offered). */
MUST_CHECK enum err profile_srv(const struct client_config *c, struct buf *dst);
/* The same for dnsmasq, the name server of most routers; box_address numeric, or NULL. */
MUST_CHECK enum err profile_dnsmasq(const struct client_config *c, const char *box_address,
                                    struct buf *dst);
/* A service file for Avahi (avahi.service(5)). */
MUST_CHECK enum err profile_avahi(const struct client_config *c, uint16_t http_port,
                                  struct buf *dst);

#endif
