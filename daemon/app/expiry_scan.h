/* expiry_scan - one look at the mail of everybody, or of one user: for expiry.c and the preview. */
#ifndef APP_EXPIRY_SCAN_H
#define APP_EXPIRY_SCAN_H

#include "app/expiry.h"
#include "app/expiry_rule.h"
#include "app/mail_walk.h"

enum { EXPIRY_BATCH = 64 };

struct expiry_scan {
	bool is_preview;        /* counts only */
	const struct settings *house; /* whose policy holds for who has none of his own */
	struct policy policy;   /* of the user in hand */
	struct expiry_rule rule;
	uint64_t due_bytes;
	size_t due_count;
	struct expiry_count in_box, all;
	int64_t next_s;         /* when something of the user in hand can be due */
	/* When to look at this user again (now when it is time), and what came of it. */
	int64_t (*when)(struct expiry_scan *scan, const char *user);
	void (*looked)(struct expiry_scan *scan, const char *user, int64_t next_s);
	uint32_t due[EXPIRY_BATCH];
	struct mail_walk walk;  /* its only_user: only this one, by `policy` */
};

/* Everybody, by the settings in force. */
void expiry_scan_init(struct expiry_scan *s, struct appliance *app);
/* A part of it. STEP_MORE: call again; at once when the waiter is not waiting. STEP_DONE: everybody
 * was looked at. STEP_BAD: the store does not let anything be deleted. */
enum step expiry_scan_run(struct expiry_scan *s, struct waiter *w);
void expiry_scan_close(struct expiry_scan *s); /* lets go of what is open; the next run goes on */

#endif
