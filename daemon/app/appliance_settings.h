/* appliance_settings - what the settings bring about in a running daemon: between the files of app/
 * that start it and change it. appliance_change and its kin (app/appliance.h) are here, too. */
#ifndef APP_APPLIANCE_SETTINGS_H
#define APP_APPLIANCE_SETTINGS_H

#include "app/appliance.h"

/* At start: reads the file; a broken one is an error, with line and reason in the log. */
MUST_CHECK enum err appliance_load(struct appliance *a);
/* What the file says now, or the defaults; likewise. The caller's. */
MUST_CHECK enum err appliance_read(struct appliance *a, struct conf *fresh);
/* Puts all of a->settings and a->overrides in force that needs no restart. */
void appliance_apply(struct appliance *a);
/* Of these, the name of the box and its time zone. */
void appliance_apply_place(struct appliance *a);

/* --- appliance_change.c: while it runs ---------------------------------------------------------- */

/* The file again (SIGHUP). A broken one changes nothing: line and reason go to the log. */
void appliance_reload(struct appliance *a);
/* In the log: who has settings and is no user. */
void appliance_warn_of_strangers(struct appliance *a);
/* The user was removed: his values, his last logins. */
MUST_CHECK enum err appliance_forget(struct appliance *a, const char *user);
/* Writes down where "from now on" begins for whom that was said while it could not be done: by hand
 * in the file, or with no daemon running. After the store was opened. */
void appliance_begin_windows(struct appliance *a);

#endif
