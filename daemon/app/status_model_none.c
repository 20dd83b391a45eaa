#include "app/status.h"

/* In place of status_model.c, for people who read the text. */
void status_json(const struct admin_place *place, struct admin_reply *reply)
{
	(void)place;
	admin_fail(reply, EXIT_FAILED, "status: this build has no --json\n");
}
