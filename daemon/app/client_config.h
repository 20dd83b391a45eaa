/* client_config - what a mail program must know to use a mailbox here: names, ports, what is on.
 *
 * Made from settings, the owner's policy and what the client has asked; pure: no I/O, and the same
 * answer whether a user of this name exists or not. The profiles (app/profile.h) and the page put
 * it into words. */
#ifndef APP_CLIENT_CONFIG_H
#define APP_CLIENT_CONFIG_H

#include "app/setting.h"
#include "proto/host.h"

enum { CLIENT_NAME_MAX = 256 };

struct client_question {
	const struct settings *settings;
	const struct policy *policy; /* the house's or the owner's */
	const char *hostname;        /* of this box */
	bool has_tls;
	uint16_t port_base;
	struct slice host;           /* the name the client reached us by, without port; may be empty */
	/* "alice@example.org", "alice", "alice+phone" (a device of hers); empty: not said, the answer then holds a placeholder. */
	struct slice address;
};

struct client_service {
	bool is_on;
	uint16_t port;          /* TLS from the first byte (RFC 8314); 0: not offered */
	uint16_t starttls_port; /* STARTTLS; in clear text when there is no TLS at all */
};

struct client_config {
	char host[CLIENT_NAME_MAX];    /* server name, one that the certificate holds */
	char domain[CLIENT_NAME_MAX];  /* of the mail address */
	char user[CLIENT_NAME_MAX];    /* to log in with; %EMAILADDRESS% when nobody was named */
	char address[CLIENT_NAME_MAX]; /* "" when nobody was named */
	struct client_service imap, pop3, smtp;
	bool has_tls;
	bool pop3_first;      /* what this house uses POP3 for: mail leaves the server when downloaded */
	bool leaves_mail;     /* POP3 clients should not delete what they have downloaded */
	uint32_t leave_days;  /* ... but after so many days; 0: never */
};

#define CLIENT_PLACEHOLDER "%EMAILADDRESS%"

/* ERR_SYNTAX: the address is none; ERR_NOT_FOUND: its domain is not ours. */
MUST_CHECK enum err client_config_make(const struct client_question *q, struct client_config *out);
/* ASCII letters, digits, inner hyphens, dots between: RFC 1123 2.1. */
bool client_host_is_valid(struct slice name);
bool client_host_is_numeric(struct slice name); /* an IPv4 or (in brackets or not) IPv6 address */

#endif
