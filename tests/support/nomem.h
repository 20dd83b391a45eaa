/* nomem - allocation that fails on demand, for the programs in tests/nomem.
 *
 * They are linked so that malloc, calloc, realloc, strdup and strndup, called by the daemon, by the
 * test or by a library linked statically, come through here. Only what happens inside the C library
 * itself does not. A test lets the first allocation fail, then the second, and so on until a run
 * gets through without a failure:
 *
 *	bool has_failed = true;
 *	for (unsigned n = 1; has_failed; n++) {
 *		nomem_fail_from(n);
 *		enum err err = the_work();
 *		has_failed = nomem_disarm();
 *		ck_assert(!has_failed || err == ERR_NOMEM);
 *	}
 *
 * Leaks on the way are found by LeakSanitizer. The counters belong to the process: not for tests
 * that allocate on several threads at once. */
#pragma once

#include <stdbool.h>

/* The n-th allocation from now (1 is the next) fails and later ones succeed: a passing shortage. */
void nomem_fail_once(unsigned n);
/* The n-th allocation from now and all that follow fail: memory is used up. */
void nomem_fail_from(unsigned n);
/* Allocations succeed again. Returns true when one has failed since the shortage was asked for. */
bool nomem_disarm(void);
