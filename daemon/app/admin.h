/* admin - the commands of `surel`, carried out where the data is: inside the daemon, which is the
 * tool's own when none runs (app/tool_link.h). Nothing here blocks for long: passwords are stretched
 * by the tool before it asks. */
#ifndef APP_ADMIN_H
#define APP_ADMIN_H

#include "app/appliance.h"

enum {
	ADMIN_ARGS_MAX = 16,
	ADMIN_ARG_MAX_BYTES = 2048,
	ADMIN_TEXT_MAX_BYTES = 384 * 1024, /* `surel status --json` of USERS_MAX users */
};

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define ADMIN_WRONG_USE "wrong use" /* the tool tells what is right */

struct admin_request {
	const char *args[ADMIN_ARGS_MAX]; /* "user", "add", "bob", "SCRAM-SHA-256$..." */
	size_t count;
};

struct admin_reply {
	struct buf out, errors; /* what goes to standard output and standard error */
	int exit_code;
	uint64_t ticket;        /* the answer is true once this is durable */
};
/* admin_reply.c */
void admin_reply_init(struct admin_reply *r);
void admin_reply_free(struct admin_reply *r);
void admin_say(struct admin_reply *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A complaint, without its line end; sets the exit code. */
void admin_fail(struct admin_reply *r, int exit_code, const char *fmt, ...) PRINTF_LIKE(3, 4);

void admin_run(struct appliance *a, const struct admin_request *request,
               struct admin_reply *reply);

/* False: the store may be closed for this one. */
bool admin_needs_store(const struct admin_request *request);

/* admin_setting.c */
void admin_set(struct appliance *a, const struct admin_request *q, struct admin_reply *r);
void admin_get(struct appliance *a, const struct admin_request *q, struct admin_reply *r);
/* admin_device.c */
void admin_user_device(struct appliance *a, const struct admin_request *q,
                       struct admin_reply *r);
void admin_admin_passwd(struct appliance *a, const struct admin_request *q,
                        struct admin_reply *r);
/* status.c */
void admin_status(struct appliance *a, bool as_json, struct admin_reply *reply);

#endif
