/* appliance - the running daemon: owns everything, starts and stops it in order.
 *
 * Order of start: settings, users, loop, workers, store, certificate, listeners. Stop is the
 * reverse; sessions say goodbye first, and the store makes durable what it can. The struct is
 * open to the other files of app/, which answer the protocols' questions (proto/host.h). */
#ifndef APP_APPLIANCE_H
#define APP_APPLIANCE_H

#include "app/conf_file.h"
#include "app/delivery_log.h"
#include "app/errand.h"
#include "app/recent_logins.h"
#include "app/throttle.h"
#include "app/user.h"
#include "net/listener.h"
#include "net/timer.h"
#include "net/worker.h"
#include "proto/session.h"

enum { LISTEN_ADDRESSES_MAX = 8, LISTENERS_MAX = 64 };

struct appliance_options {
	const char *data_dir;
	const char *config_path;                 /* NULL: DATA/surel.conf */
	const char *listen[LISTEN_ADDRESSES_MAX]; /* numeric; none: all */
	size_t      listen_count;
	uint16_t    port_base;                   /* added to every well-known port */
	uint16_t    page_port, page_tls_port;    /* the page's; 0: as the others */
	const char *system_dir;                  /* app/system.h; NULL: not the board's own image */
	bool        is_rescue;                   /* the page alone: there is no data directory */
	bool        is_tool;                     /* for one link of the tool alone (app/tool_link.h) */
	bool        without_store;               /* which asks for nothing that needs it */
	int         tool_fd;                     /* a socket, taken over */
	const char *failed_at;                   /* what the start could not do; NULL: nothing */
};

struct expiry;
struct history;
struct protocol;
struct quota_mark;
struct restore;
struct restore_report;
struct system;
struct protocol_port;
struct service_counters {
	uint64_t connections, logins, failures;
	uint32_t open;
};

/* What is large stands last: what is near is reached by shorter instructions. */
struct appliance {
	struct host host; /* first: hooks get from it to here */
	struct loop *loop;
	struct worker_pool *workers;  /* one thread: passwords */
	struct worker_pool *syncer;   /* two threads: the store's writes, its cold reads */
	struct users *users;
	struct recent_logins *logins;
	struct conn_table *connections, *page_connections; /* the page's are part of all */
	struct list sessions;
	struct list errands;          /* struct errand */
	struct history *history;      /* app/history.c */
	struct expiry *expiry;        /* app/expiry.c */
	struct web *web;              /* app/web_visit.h: who has logged in to the page */
	struct system *system;        /* app/system.h; NULL: the software is somebody else's */
	struct name_map quota_marks;  /* app/quota_watch.c */
	const struct restore *restoring; /* app/restore.c: one at a time, others wait */
	const struct restore_report *restore_report; /* of it; NULL: there is none */
	struct list restore_waiters;  /* zeroed: nobody yet */
	uint64_t import_ticket;       /* of the last change that an import made */
	uint64_t started_ms, delivered, certificate_looked_ms;
	uint32_t connections_max, per_address_max, per_user_max;
	uint32_t control_count;       /* connections of the tool */
	enum { HOUSE_CA_UNKNOWN, HOUSE_CA_IN_USE, HOUSE_CA_NOT_IN_USE } house_ca;
	bool is_read_only;            /* the data directory, or its disk, was at start: mail can be read */
	bool listening;               /* mail ports are open: there is a user */
	bool clock_was_sane, has_system_zone, stopping;
	struct watch control;         /* app/control.c */
	struct timer store_timer, housekeeping;
	struct deferred store_soon;
	struct scram_verifier admin;  /* is_real: the page has a password (app/admin_password.h) */
	struct service_counters services[SERVICE_COUNT];
	struct appliance_options options;
	struct overrides overrides;   /* what users have for themselves */
	struct settings settings;     /* in force */
	char hostname[SETTING_TEXT_MAX];
	char system_zone[SETTING_TEXT_MAX]; /* TZ as it was at start */
	char data_dir[SETTING_TEXT_MAX * 4], config_path[SETTING_TEXT_MAX * 4];
	char path[SETTING_TEXT_MAX * 4 + 32]; /* appliance_path */
	struct open_port {
		struct appliance *app;
		const struct protocol *protocol;
		const struct protocol_port *port;
		const char *address;      /* NULL: all */
		enum service service;
		struct listener *listener; /* NULL: a free place */
	} ports[LISTENERS_MAX];
	struct delivery_log deliveries;
	struct throttle throttle;
};

static inline struct appliance *appliance_of(struct host *host)
{
	return (struct appliance *)(void *)host;
}

/* Runs until told to stop by a signal or `surel stop`. Says why on the log when it cannot start. */
MUST_CHECK enum err appliance_run(struct appliance_options *options); /* fills in failed_at */
/* All or none, one durable save, in force at once: ports open and close, and open sessions that
 * the change concerns are ended (GOODBYE_SWITCHED). user NULL: the house. On refusal `why` gets a
 * sentence in `lang`, *which_out the place of the change; either may be NULL. */
MUST_CHECK enum err appliance_change(struct appliance *a, const char *user,
                                     const struct setting_change *changes, size_t n, enum lang lang,
                                     struct buf *why, size_t *which_out);
/* "DATA/name", good until the next call. */
const char *appliance_path(struct appliance *a, const char *name);
/* What counts for this user: his own values, else the house's. */
void appliance_policy(struct appliance *a, const char *user, struct policy *policy_out);
bool appliance_overrides(struct appliance *a, const char *user, const struct setting *row);
/* Opens the mail ports once there is somebody to serve, and the page's (app/ports.h). Harmless when
 * they are open. */
MUST_CHECK enum err appliance_listen(struct appliance *a);
/* Ends all sessions of a user (removed, new password). */
void appliance_drop_user(struct appliance *a, struct slice name, enum goodbye why);
/* Ends those of one device of his: its app password was revoked. Nor does POP3 wait for it any more
 * before it takes away what all devices have. */
void appliance_drop_device(struct appliance *a, struct slice name, struct slice label);

/* Of the sessions of this service, and of this user unless he is NULL: the one that has been idle for
 * longest, NULL when all are busy; and how many there are. */
struct session *appliance_oldest_idle(struct appliance *a, enum service service, const char *user,
                                      uint32_t *count_out);
/* What the settings allow its owner: for whoever opens an account, as it may just be loaded. */
void appliance_set_quota(struct appliance *a, struct account *account);

extern const struct host_ops host_ops; /* app/host.c */

#endif
