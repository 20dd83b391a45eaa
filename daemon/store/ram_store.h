/* ram_store - the simplest complete backend: plain arrays, gone when the store is closed.
 *
 * It is the oracle that other backends are compared with, so it shares no data structure with them.
 * Accounts survive being unloaded. store_ram_ops (store_ops.h) never waits: every change is durable
 * and visible when its call returns. */
#ifndef STORE_RAM_STORE_H
#define STORE_RAM_STORE_H

#include "store/store_ops.h"

/* The same, made slow to test callers: every other call that may wait says ERR_AGAIN and wakes its
 * waiter in the next store_turn, in which tickets become durable and mail visible, too. */
extern const struct store_ops store_ram_slow_ops;

/* From now on bodies may take so many octets together: beyond it ERR_FULL. 0: no limit. */
void ram_store_set_capacity(struct store *st, uint64_t bytes);

#endif
