/* store_variants.h - the backends, and wraps of them, that the store's contract is tested on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/store_ops.h"

struct store_variant {
	const char *name;
	const struct store_ops *(*ops)(void);
	bool is_persistent; /* mail survives store_close and store_open of the same directory */
};

extern const struct store_variant store_variants[];
extern const size_t store_variant_count;
