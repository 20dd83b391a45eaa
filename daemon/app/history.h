/* history - what flash has had to bear, day by day, and the last time that was known.
 *
 * In memory, and in the small text file DATA/history: written when the daemon stops and once a day.
 * A file that cannot be read is ignored with a warning. The time in it is a floor for the clock of a
 * board without a battery (base/clock.h). */
#ifndef APP_HISTORY_H
#define APP_HISTORY_H

#include "app/appliance.h"

enum { HISTORY_CARD_TB = 10 }; /* what a usual card of 16 GB survives: for the projection */

struct wear {
	uint64_t today, month, last_month, total; /* octets written, by the store and by the settings */
	int64_t since_s;           /* when counting began */
	uint64_t month_projection; /* of this month, if it goes on so */
	uint64_t card_years;       /* until HISTORY_CARD_TB were written; at most 999 */
};
void history_wear(struct appliance *a, struct wear *wear_out);

/* The file's text, for tests. ERR_SYNTAX: *h is as it was. */
struct history_figures {
	int64_t saved_s, since_s;
	uint64_t total;
	char day[11], month[8];   /* 2026-11-27, 2026-11 */
	uint64_t day_bytes, month_bytes, last_month_bytes;
};
MUST_CHECK enum err history_parse(struct slice text, struct history_figures *h);
MUST_CHECK enum err history_print(const struct history_figures *h, struct buf *dst);
/* Some octets more, at this moment. */
void history_count(struct history_figures *h, uint64_t bytes, int64_t now_s);
void history_project(const struct history_figures *h, int64_t now_s, struct wear *wear_out);

#endif
