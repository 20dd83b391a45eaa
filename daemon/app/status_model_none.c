#include "app/status.h"

/* In place of status_model.c, for people who read the text. */
void status_json(struct appliance *a, struct admin_reply *reply)
{
	(void)a;
	admin_fail(reply, EXIT_FAILED, "status: this build has no --json");
}
