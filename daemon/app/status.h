/* status - how the appliance is doing, as one model for `surel status --json`, /api/status and the
 * page. Numbers and names only: words are the page's. */
#ifndef APP_STATUS_H
#define APP_STATUS_H

#include "app/model.h"

#include "app/admin.h"

/* NULL: no memory. A tool alone has no members of a running daemon. */
struct model *status_model(struct appliance *a);
const char *status_service_name(enum service service); /* "imap" */

/* Answers with it (or that this build has none). */
void status_json(struct appliance *a, struct admin_reply *reply);

struct user_figures {
	uint64_t bytes, messages, quota_bytes, quota_messages;
	bool is_known; /* his account could be opened at once */
};
struct user_figures status_user(struct appliance *a, const struct user *user);

#endif
