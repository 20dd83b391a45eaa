/* store_call - how the common part brackets every call of a hook.
 *
 * While a call is on the stack nobody is woken and no listener may call back in (store_wake). */
#ifndef STORE_STORE_CALL_H
#define STORE_STORE_CALL_H

#include "store/store_backend.h"

static inline void store_enter(struct store *st)
{
	st->depth++;
}
static inline void store_leave(struct store *st)
{
	st->depth--;
}

#endif
