/* app_part - what a build may leave out of the application, started and stopped with the rest.
 *
 * The table `app_parts` is generated from the options chosen (daemon/tables.sh), so that the
 * appliance needs not ask. All calls happen on the loop. Any hook may be NULL. */
#ifndef APP_APP_PART_H
#define APP_APP_PART_H

#include "app/appliance.h"

struct app_part {
	const char *what;                       /* "prepare the page": for the log */
	bool in_rescue;                         /* wanted without users and store, too */
	enum err (*start)(struct appliance *a); /* before the listeners are opened */
	void (*ready)(struct appliance *a);     /* all is up, and said so */
	void (*look_after)(struct appliance *a); /* every minute */
	void (*stop)(struct appliance *a);      /* sessions are gone; also when start failed */
};

extern const struct app_part *const app_parts[]; /* closed by NULL */

#endif
