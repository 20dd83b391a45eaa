/* must - what cannot be otherwise unless there is a bug of ours: checked in every build.
 *
 * Going on would do harm, so the process ends, and whoever restarts it finds the last durable state.
 * The place is told as an address, for `addr2line -e surel.debug`: a text for each is not worth its
 * bytes. */
#ifndef BASE_MUST_H
#define BASE_MUST_H

#include <stdbool.h>

_Noreturn void must_fail(void);

static inline void must(bool is_so)
{
	if (!is_so)
		must_fail();
}

#endif
