/* host - the questions that protocols ask of the application above them.
 *
 * The application fills in one struct host; every session has a pointer to it. Nothing here names
 * a protocol's words: results are enum err, and the protocol chooses its reply. All calls happen
 * on the loop. Calls with a waiter may say ERR_AGAIN: call again after the wake. */
#ifndef PROTO_HOST_H
#define PROTO_HOST_H

#include "net/stream.h"
#include "proto/policy.h"
#include "store/store.h"

struct session;
struct host;
struct scram_verifier;
struct http_site; /* proto/http/http.h */

enum service {
	SERVICE_IMAP,
	SERVICE_POP3,
	SERVICE_SMTP,       /* port 25: LAN devices, or the Internet as MX; local recipients only */
	SERVICE_SUBMISSION, /* 587 and 465: authenticated users */
	SERVICE_LMTP,
	SERVICE_HTTP,       /* the page; has no logins of mailboxes */
	SERVICE_COUNT
};

enum { DEVICE_LABEL_MAX_BYTES = 32 };

/* An authenticated user. Shared by reference; the account stays open while it lives. */
struct login {
	struct account *account;
	const char *user;   /* canonical name, as in the user list */
	const char *detail; /* what stood behind '+' in the login name, or "" */
	/* The device: of the app password, or of the detail, in lower case; "" when it did not say.
	 * POP3: the mailbox of a detail "folder=NAME"; "" for what the policy shows. "recent:" before
	 * the name: the last 30 days, whatever was downloaded; nothing is noted. */
	char device[DEVICE_LABEL_MAX_BYTES + 1];
	const char *folder;
	bool is_recent;
	struct policy policy; /* as it was at login */
	uint32_t refs;
	/* What POP3 tells in CAPA (RFC 2449 6.6, 6.7): days, UINT32_MAX is NEVER; seconds. */
	uint32_t pop3_expire_days, pop3_login_delay_s;
};
/* A login that owns one open_count of the account from here on, in all cases; strings are copied.
 * Whoever checked the credentials makes it. Never expires, no delay, until told otherwise. */
MUST_CHECK enum err login_new(struct account *account, struct slice user, struct slice detail,
                              struct login **login_out);
/* The policy, and what POP3 tells of it. */
void login_set_policy(struct login *login, const struct policy *policy);
struct login *login_ref(struct login *login);
void          login_unref(struct login **login); /* stores NULL */

/* Login names: [recent:]NAME[+device][+folder=MAILBOX]. recent: counts for POP3 only; who resolves
 * names takes it off first. The detail is what stands behind the first '+'. A label of a device is
 * made of a-z, digits and . _ -; device_label_fold gives it in lower case, or "" and ERR_SYNTAX,
 * ERR_LIMIT. What is no label names no device. folder_out is borrowed; empty: none was named. */
struct slice login_take_recent(struct slice typed, bool *is_recent_out);
void login_split_detail(struct slice detail, char device[DEVICE_LABEL_MAX_BYTES + 1],
                        struct slice *folder_out);
MUST_CHECK enum err device_label_fold(struct slice text, char label[DEVICE_LABEL_MAX_BYTES + 1]);

/* One attempt to log in. Embedded in the session; the slices must stay valid until it is over. */
struct auth_request {
	struct session *session;
	struct slice user;       /* as typed, before SASLprep; may hold +detail */
	struct slice authzid;    /* empty, or must be the same user */
	struct slice password;   /* for a check by password */
	bool is_verified;        /* SCRAM has proved it: only open the account */
	/* With is_verified: what the proof was for. It must still be one of the user's. */
	const struct scram_verifier *verifier;
	struct waiter *waiter;   /* woken when the answer is there */
	enum err result;         /* ERR_AGAIN while pending; ERR_DENIED: wrong, after its delay */
	struct login *login_out; /* with ERR_NONE; the caller's reference */
	void *backend;           /* the host's */
};

/* What a SCRAM server needs to know of a user (RFC 5802, RFC 7677). Unknown users get a stable
 * made-up one, so that an attacker cannot tell. */
struct scram_verifier {
	uint8_t  salt[16];
	uint32_t iterations;
	uint8_t  stored_key[32], server_key[32];
	bool     is_real;
};

/* One message on its way to local users. */
struct envelope {
	struct session *session;
	struct slice mail_from;        /* without <>; empty: the null sender */
	const struct slice *rcpt_to;   /* as accepted by rcpt_check; canonical or not */
	size_t rcpt_count;
	uint64_t size;                 /* SIZE= of MAIL, 0 unknown */
	struct slice helo;
	const char *with;              /* "ESMTPSA", "LMTP", ...: RFC 3848, for Received */
};
struct delivery {
	enum err *results;             /* one per recipient, valid after delivery_finish */
	size_t rcpt_count;
};

struct host_ops {
	/* A session begins and ends; it may be told to say goodbye at any time between. */
	void (*session_opened)(struct host *host, struct session *s);
	void (*session_closed)(struct host *host, struct session *s);
	/* The client has said what it is (IMAP ID, RFC 2971): for the list of last logins. NULL: nobody
	 * wants to know. */
	void (*client_named)(struct host *host, struct session *s, struct slice text);

	/* Starts a login. Always answers through the waiter, also at once. Delays failures per address
	 * prefix and account; refuses with ERR_LIMIT when too many attempts wait, ERR_UNSUPPORTED when
	 * the service is switched off for this user, ERR_IN_USE when the account is locked, ERR_TIMEOUT
	 * when this user must wait before the next login (POP3 LOGIN-DELAY). */
	void (*auth_start)(struct host *host, struct auth_request *request);
	void (*auth_cancel)(struct host *host, struct auth_request *request); /* harmless when over */
	void (*scram_verifier)(struct host *host, struct slice user, struct scram_verifier *v_out);
	/* A SASL exchange failed by itself (wrong proof): counts, and answers through the waiter after
	 * the delay with ERR_DENIED. */
	void (*auth_failed)(struct host *host, struct auth_request *request);

	/* May this recipient get mail here? ERR_NONE; ERR_NOT_FOUND: no such user (550); ERR_DENIED: not
	 * local, no relaying (550); ERR_QUOTA (452 4.2.2) when size cannot fit; ERR_AGAIN. */
	enum err (*rcpt_check)(struct host *host, const struct envelope *e, struct slice rcpt,
	                       struct waiter *w);
	enum err (*delivery_begin)(struct host *host, const struct envelope *e, struct delivery **out);
	enum err (*delivery_write)(struct delivery *d, struct slice bytes, struct waiter *w);
	/* ERR_AGAIN until every recipient's result is known and durable. Then ERR_NONE, and the
	 * results tell; or one error for all. Only LMTP can tell its client of different results: for
	 * every other service the delivery is all or nothing. ERR_STATE: the message runs in circles. */
	enum err (*delivery_finish)(struct delivery *d, struct waiter *w);
	void     (*delivery_end)(struct delivery **d); /* forgets what was not finished */
};

struct host {
	const struct host_ops *ops;
	struct loop *loop;
	struct store *store;
	struct tls_context *tls;        /* for STARTTLS; NULL: none */
	const char *hostname;           /* "surel.local": greetings, Received, Message-IDs */
	const char *version;            /* "0.1.0" */
	uint64_t message_max_bytes;     /* SIZE, APPENDLIMIT */
	bool     allow_plaintext_lan;   /* passwords in clear from private addresses too */
	uint32_t idle_keepalive_ms;     /* IMAP IDLE: "* OK Still here" */
	uint32_t imap_idle_timeout_ms, pop3_idle_timeout_ms, smtp_idle_timeout_ms;
	uint32_t login_timeout_ms;
	uint32_t rcpt_max;              /* recipients of one message */
	/* POP3 before login (RFC 2449 6.5, 6.7): the strictest value of any user. UINT32_MAX:
	 * NEVER; 0: no delay. */
	uint32_t pop3_expire_min_days, pop3_login_delay_max_s;
	const struct http_site *site; /* the page; NULL: none */
	struct list maildrops; /* POP3 sessions that hold a maildrop; proto/pop3's, zeroed */
};

#endif
