/* failing_malloc.h - memory that runs out at the n-th request.
 *
 * Programs below tests/nomem/ are linked so that malloc, calloc, realloc, strdup and strndup come
 * here; the C library's own requests do not. Check's do, for it is linked in: while a failure is
 * armed a test claims by `if (...) ck_abort_msg(...)`, which asks for nothing when all is well.
 * A test runs its work again and again, each time with the next request failing, until a run gets
 * through without a failure:
 *
 *	for (unsigned long n = 1; failing_malloc_arm(n); n++)
 *		work(...);
 */
#pragma once

#include <stdbool.h>

/* The n-th request from now on fails, and no other. Ends the run before; false when in that run
 * nothing failed: the loop is over, and nothing is armed. The first call says true for any n. */
bool failing_malloc_arm(unsigned long n);
void failing_malloc_disarm(void);    /* no request fails until the next arm; fired stays */
bool failing_malloc_has_fired(void); /* in this run */
