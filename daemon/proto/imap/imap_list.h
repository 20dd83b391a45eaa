/* imap_list - LIST in all its forms, and LSUB (RFC 9051 6.3.9, RFC 5258, RFC 5819, RFC 6154).
 *
 * imap_list.c reads the arguments, imap_list_walk.c goes through the account's names. The walk
 * remembers the last name only, so names may come and go while it pauses. */
#ifndef PROTO_IMAP_LIST_H
#define PROTO_IMAP_LIST_H

#include "proto/imap/imap_pattern.h"
#include "proto/imap/imap_session.h"

enum { LIST_PATTERNS_MAX = 64 };

enum list_select { /* selection options */
	LIST_SUBSCRIBED = 1,
	LIST_SPECIAL_USE = 2,
	LIST_RECURSIVEMATCH = 4,
	LIST_REMOTE = 8, /* there are none */
};

struct imap_list {
	const char *verb;     /* "LIST" or "LSUB" */
	bool is_extended;     /* some option was given */
	unsigned select;      /* bits of enum list_select */
	bool returns_children, returns_subscribed, returns_special_use;
	unsigned status_items; /* RETURN (STATUS ...); 0: none */
	struct imap_pattern *patterns;
	size_t count;
	/* Progress. */
	char last[MAILBOX_NAME_MAX_BYTES + 1];
	size_t last_len;
	bool has_last, wants_status; /* of the mailbox `last` */
};

/* Answers with all matching names. STEP_MORE: call again. */
enum step imap_list_walk(struct imap_session *s, struct imap_list *list);

#endif
