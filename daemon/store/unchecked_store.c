#include "store/store_ops.h"

/* In place of checked_store.c where nobody asked for the checks. */
const struct store_ops *store_checked(const struct store_ops *inner)
{
	return inner;
}
