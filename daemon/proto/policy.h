/* policy - what the protocols may do with one owner's mailboxes, and what happens to mail that POP3
 * has downloaded.
 *
 * Each member is a row of the settings table (app/setting.c): the house's default, which a section
 * [user NAME] of surel.conf may replace for one owner. The values of an enum stand in the order of
 * the row's choices; the first is the default. A login carries its owner's policy as it was at
 * login: a session whose policy changes is ended (GOODBYE_SWITCHED), so nobody goes on by old
 * rules. Pure data and decisions: nothing here does any work. */
#ifndef PROTO_POLICY_H
#define PROTO_POLICY_H

#include "base/slice.h"

enum { POLICY_TEXT_MAX = 128 };

enum pop3_access {       /* pop3.access */
	POP3_ALL_MAIL,
	POP3_FROM_NOW_ON, /* what arrived before "now" is not shown: pop3_state keeps the watermark */
	POP3_OFF,         /* logins are refused */
};
enum pop3_after {        /* pop3.after_download */
	POP3_AFTER_KEEP,
	POP3_AFTER_MARK_READ,
	POP3_AFTER_ARCHIVE,
	POP3_AFTER_TRASH,
	POP3_AFTER_DELETE,
};
enum pop3_dele {         /* pop3.client_delete */
	POP3_DELE_DELETE,
	POP3_DELE_FOLLOW, /* as if it had been downloaded: pop3.after_download */
	POP3_DELE_HIDE,   /* stays for everybody else, is not shown to this POP3 client again */
};
enum pop3_devices {      /* pop3.devices */
	POP3_DEVICES_SHARED,
	/* NAME+device: what is downloaded or hidden is noted for each device by itself; what takes a
	 * message out of the mailbox waits until all known devices have it. */
	POP3_DEVICES_OWN,
};
enum pop3_shows {        /* pop3.shows */
	POP3_SHOWS_INBOX,
	POP3_SHOWS_JUNK_TOO,
	POP3_SHOWS_FOLDER, /* pop3.folder */
};
enum pop3_delete_since { /* pop3.delete_since */
	POP3_SINCE_DOWNLOAD,
	POP3_SINCE_ARRIVAL,
};
enum imap_last_copy {    /* imap.last_copy: where the last copy of an expunged message goes */
	LAST_COPY_GONE,
	LAST_COPY_TRASH,
	LAST_COPY_ARCHIVE,
};

struct policy {
	uint32_t pop3_access, pop3_after, pop3_dele, pop3_devices, pop3_shows, pop3_delete_since;
	bool     pop3_show_again;    /* false: as Gmail, what was downloaded is not listed any more */
	char     pop3_folder[POLICY_TEXT_MAX];
	uint64_t pop3_from_s;        /* date of the watermark, for people; 0: none */
	uint64_t pop3_delete_days;   /* downloaded mail goes after so many days; 0: never */
	uint64_t pop3_login_delay_s; /* 0: none */
	bool     imap_access;
	bool     imap_auto_expunge;  /* what is marked \Deleted is expunged at once */
	uint32_t imap_last_copy;
	uint64_t imap_folder_limit;  /* newest messages shown; 0: all. Hides, never deletes */
	char     imap_hide[POLICY_TEXT_MAX]; /* capabilities not announced, separated by spaces */
	uint64_t trash_days, junk_days;      /* emptied of what lay there so long; 0: never */
	uint64_t quota_mib, quota_messages;  /* 0: none */
};

enum { POLICY_EXPIRE_NEVER = UINT32_MAX };
/* RFC 2449 6.6: for how many days at least a downloaded message stays to be seen by POP3 under
 * this policy; 0: it may be gone after the session. */
uint32_t policy_expire_days(const struct policy *policy);
uint32_t policy_days_min(uint32_t days, uint64_t other); /* the shorter; 0 as other: never */
/* What IMAP announces and a policy may hide, in the order of the announcement; closed by NULL. */
extern const char *const policy_capabilities[];
/* True when the first word of `line` is one of the capabilities not to be announced; "AUTH=PLAIN",
 * "EXPIRE 30". */
bool policy_hides(const struct policy *policy, const char *line);

#endif
