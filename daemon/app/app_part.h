/* app_part - what a build may leave out of the application, started and stopped with the rest.
 *
 * The table `app_parts` is generated from the options chosen (daemon/tables.sh), so that the
 * appliance needs not ask. All calls happen on the loop, in the table's order. Any hook may be NULL. */
#ifndef APP_APP_PART_H
#define APP_APP_PART_H

#include "app/appliance.h"

enum app_moment {
	APP_READY,  /* all is up, and said so */
	APP_MINUTE, /* every minute */
	APP_RELOAD, /* SIGHUP: what the files say may have changed */
	APP_HUSH,   /* no new work is taken: the sessions are about to be ended */
	APP_STOP,   /* sessions are gone; also when start failed */
	APP_MOMENTS
};

struct app_part {
	const char *what;                       /* "prepare the page": for the log */
	bool in_rescue;                         /* wanted without users and store, too */
	bool in_tool;                           /* wanted in a tool's own daemon, too */
	enum err (*load)(struct appliance *a);  /* reads files; the store is as it was left */
	enum err (*start)(struct appliance *a); /* before the listeners are opened */
	void (*at[APP_MOMENTS])(struct appliance *a);
};

extern const struct app_part *const app_parts[]; /* closed by NULL */

#endif
