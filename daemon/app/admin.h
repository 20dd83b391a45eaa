/* admin - the commands of `surel`, carried out where the data is.
 *
 * Inside the daemon when one runs (app/control.h brings the request), else in the tool itself on
 * the files. Both use the same functions, so they cannot differ. Nothing here blocks for long:
 * passwords are stretched by the tool before it asks. */
#ifndef APP_ADMIN_H
#define APP_ADMIN_H

#include "app/appliance.h"

enum {
	ADMIN_ARGS_MAX = 16,
	ADMIN_ARG_MAX_BYTES = 2048,
	ADMIN_TEXT_MAX_BYTES = 384 * 1024, /* `surel status --json` of USERS_MAX users */
};

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Where the command works. */
struct admin_place {
	struct users *users;
	struct settings *settings;
	struct overrides *overrides;
	struct store *store;
	const char *config_path;
	struct appliance *app; /* NULL: no daemon */
	const char *data_dir;
};

static inline struct admin_place appliance_place(struct appliance *a)
{
	return (struct admin_place){.users = a->users,
				    .settings = &a->settings,
				    .overrides = &a->overrides,
				    .store = a->host.store,
				    .config_path = a->config_path,
				    .app = a,
				    .data_dir = a->data_dir};
}

struct admin_request {
	const char *args[ADMIN_ARGS_MAX]; /* "user", "add", "bob", "SCRAM-SHA-256$..." */
	size_t count;
};

struct admin_reply {
	struct buf out, errors; /* what goes to standard output and standard error */
	int exit_code;
	uint64_t ticket;        /* the answer is true once this is durable */
};
void admin_reply_init(struct admin_reply *r);
void admin_reply_free(struct admin_reply *r);

void admin_run(const struct admin_place *place, const struct admin_request *request,
               struct admin_reply *reply);

/* False: place->store may be NULL for this one. */
bool admin_needs_store(const struct admin_request *request);

/* admin_setting.c */
void admin_set(const struct admin_place *p, const struct admin_request *q, struct admin_reply *r);
void admin_get(const struct admin_place *p, const struct admin_request *q, struct admin_reply *r);
/* admin_device.c */
void admin_user_device(const struct admin_place *p, const struct admin_request *q,
                       struct admin_reply *r);
void admin_admin_passwd(const struct admin_place *p, const struct admin_request *q,
                        struct admin_reply *r);
/* status.c */
void admin_status(const struct admin_place *place, bool as_json, struct admin_reply *reply);

void admin_say(struct admin_reply *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A complaint; sets the exit code. */
void admin_fail(struct admin_reply *r, int exit_code, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
