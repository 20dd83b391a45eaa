/* journal_box - accounts and mailboxes as the log's records make them.
 *
 * The tables are always in memory; they hold what was logged, durable or not. box_apply is the one
 * place that changes them, for the running store and for recovery alike. */
#ifndef STORE_JOURNAL_BOX_H
#define STORE_JOURNAL_BOX_H

#include "store/journal.h"

struct jbox *box_find(const struct journal *j, uint32_t number);
struct jaccount *jaccount_find(const struct journal *j, uint32_t number);
struct jaccount *jaccount_find_name(const struct journal *j, struct slice name);
void boxes_free(struct journal *j);

/* Set aside before a unit is logged, so that applying it cannot fail: a mailbox (or account) that
 * RECORD_BOX will fill in. box_forget undoes it. */
MUST_CHECK enum err box_make(struct journal *j, uint32_t number, struct slice name,
                             struct jbox **box_out);
void box_forget(struct journal *j, struct jbox *box);
MUST_CHECK enum err jaccount_make(struct journal *j, uint32_t number, struct slice name);
void jaccount_forget(struct journal *j, uint32_t number);

/* Does what one record says. `number` is its group's. ERR_SYNTAX: it cannot be true. */
MUST_CHECK enum err box_apply(struct journal *j, const struct record *r, uint64_t number);

/* A message more in the counters; the next UID stays. */
void tally_add(struct tally *t, const struct message *m);

/* Definitions, as records. */
void pack_box(struct pack *p, const struct jbox *box);
/* A new mod-sequence, the tally's, for messages first..last. */
void pack_raise(struct pack *p, const struct jbox *box, const struct tally *tally, uint32_t first,
                uint32_t last);
void pack_account(struct pack *p, const struct jaccount *a);
void pack_keywords(struct pack *p, const struct jbox *box, const struct keywords *k, uint32_t from);

/* --- chunks ------------------------------------------------------------------------------------ */
/* And pins its segment; chunks_free unpins them all. */
MUST_CHECK enum err chunks_add(struct journal *j, struct chunks *c, const struct chunk *chunk);
void chunks_free(struct journal *j, struct chunks *c);

#endif
