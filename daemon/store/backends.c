#include "store/store_ops.h"
#include "store/store_tool.h"

const struct store_ops *store_backend_find(const char *name)
{
	for (const struct store_ops *const *ops = store_backends; *ops; ops++)
		if (strcmp((*ops)->name, name) == 0)
			return *ops;
	return NULL;
}

const struct store_tool *store_tool_find(const char *backend)
{
	for (const struct store_tool *const *tool = store_tools; *tool; tool++)
		if (strcmp((*tool)->backend, backend) == 0)
			return *tool;
	return NULL;
}
