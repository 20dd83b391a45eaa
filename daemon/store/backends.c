#include "store/store_ops.h"

const struct store_ops *store_backend_find(const char *name)
{
	for (const struct store_ops *const *ops = store_backends; *ops; ops++)
		if (strcmp((*ops)->name, name) == 0)
			return *ops;
	return NULL;
}
