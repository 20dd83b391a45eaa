#include "base/must.h"

#include <stdlib.h>

#include "base/log.h"

_Noreturn void must_fail(void)
{
	log_error(0, "a bug in surel, at %p", __builtin_return_address(0));
	abort();
}
