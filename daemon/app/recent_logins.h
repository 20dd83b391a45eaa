/* recent_logins - who came in lately: for each user the last 16 places he logged in from.
 *
 * A phone that polls every minute would push all others out; so logins of the same service, address,
 * device and encryption are one entry, whose time and count go up. In memory; written to the file
 * when the daemon stops, and while it runs at most once a day (flash wears out), by a worker. A file
 * that cannot be read is ignored with a warning: it is only a memory aid. */
#ifndef APP_RECENT_LOGINS_H
#define APP_RECENT_LOGINS_H

#include "app/user.h"

enum { RECENT_LOGINS_MAX = 16 };

struct recent_login {
	int64_t at_s;
	enum service service;
	char address[46];
	char device[DEVICE_LABEL_MAX_BYTES + 1]; /* "": it did not say */
	char client[64];                         /* what it calls itself (IMAP ID), or "" */
	bool is_tls;
	uint32_t count;   /* logins like this one; at least 1 */
	uint32_t session; /* id of the last, for its client's name; 0: of an earlier start */
};

struct recent_logins;

MUST_CHECK enum err recent_logins_open(const char *path, struct recent_logins **r_out);
void recent_logins_close(struct recent_logins **r); /* harmless on NULL; saves nothing */
/* Newest first; *count_out of them, 0 when he never came. Good until the loop goes on. */
const struct recent_login *recent_logins_of(const struct recent_logins *r, const char *user,
                                            size_t *count_out);
/* count and, where it is empty, client of the entry are filled in. */
void recent_logins_note(struct recent_logins *r, const char *user, struct recent_login *entry);
/* The client of this session has said its name. Control characters become blanks. */
void recent_logins_name(struct recent_logins *r, const char *user, uint32_t session,
                        struct slice client);
void recent_logins_forget(struct recent_logins *r, const char *user);

/* Now, on this thread; ERR_NONE and nothing done when nothing has changed. */
MUST_CHECK enum err recent_logins_save(struct recent_logins *r);
/* Once a day, by a worker: for housekeeping. */
void recent_logins_look_after(struct recent_logins *r, struct job_runner *runner);

#endif
