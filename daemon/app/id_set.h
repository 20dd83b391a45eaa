/* id_set - which messages are there already, by their permanent ids. Grows by doubling; 8 octets for
 * each place, at most two thirds full. Ids are random, so half of their octets tell them apart. */
#ifndef APP_ID_SET_H
#define APP_ID_SET_H

#include "store/store.h"

struct id_set {
	uint64_t *keys; /* 0: free */
	size_t count, cap;
};

MUST_CHECK enum err id_set_add(struct id_set *set, const struct msg_id *id); /* twice is fine */
bool id_set_has(const struct id_set *set, const struct msg_id *id);
void id_set_free(struct id_set *set); /* empty again */

#endif
