/* system - what the board's own image tells the daemon, and what it may ask of it.
 *
 * The image's start script makes a directory in memory (daemon --system DIR), so its files are read
 * on the loop whenever they are wanted:
 *
 *	board           "qemu-aarch64"
 *	running         "a", "b" or "factory"
 *	slot-a, slot-b  links to the slots' devices; missing where a board has none
 *	update.pub      the public key of updates, PEM
 *	problems        a line each, KEY or KEY=DETAIL: what the page must tell (texts problem.KEY)
 *	request         a FIFO that a service of root reads: a line each, "restart" or, from the
 *	                rescue page alone, "wipe": the data partition is made anew, then restart
 *
 * Without --system the board's software is somebody else's business, and the page says so. */
#ifndef APP_SYSTEM_H
#define APP_SYSTEM_H

#include "app/model.h"

#include "app/appliance.h"
#include "app/update_slot.h"

enum system_slot { SYSTEM_SLOT_A, SYSTEM_SLOT_B, SYSTEM_SLOTS, SYSTEM_FACTORY = SYSTEM_SLOTS };

struct system_facts {
	char board[UPDATE_WORD_MAX_BYTES + 1]; /* "" when nobody says */
	enum system_slot running;
};
void system_facts_read(const char *dir, struct system_facts *facts_out);
const char *system_slot_name(enum system_slot slot); /* "a", "b", "factory"; static */
/* Blocks. What lies in a slot; not is_there when it cannot be read. */
void system_slot_look(const char *dir, enum system_slot slot, struct slot_view *view_out);
MUST_CHECK enum err system_slot_open(const char *dir, enum system_slot slot, bool for_writing,
                                     struct update_medium *medium_out);
/* The key with a NUL behind it, appended. */
MUST_CHECK enum err system_key_read(const char *dir, struct buf *dst);

enum { SYSTEM_PROBLEMS_MAX_BYTES = 2048 };
/* The file, appended; nothing when there is none. system_problem_next takes a line off the front;
 * false at the end. Both parts are printable ASCII. */
void system_problems_read(const char *dir, struct buf *dst);
bool system_problem_next(struct slice *rest, struct slice *key_out, struct slice *detail_out);

/* Does not block. ERR_CLOSED: nobody listens to requests; ERR_NOT_FOUND, ERR_IO. */
MUST_CHECK enum err system_request(const char *dir, const char *word);
/* "keep-mail" or "all": written durably for the next start's script to obey, and restarts. Nothing is
 * asked for unless both are possible. */
MUST_CHECK enum err system_reset(struct appliance *a, const char *word);

/* Of the daemon: a->system, NULL without --system. */
struct update;
struct system {
	const char *dir;
	struct update *update;     /* the one on its way, app/update.h */
	struct worker_pool *writer; /* NULL before the first one */
	struct slot_view slots[SYSTEM_SLOTS]; /* as the page saw them last */
};

/* {board, running, problems: [{key, detail}], update: {bytes}}, added to the model of the status. */
void system_put_status(struct model *o, const struct appliance *a);

struct http_site;
extern const struct http_site *const rescue_site; /* web_system_rescue.c */
extern const bool system_is_built_in;

#endif
