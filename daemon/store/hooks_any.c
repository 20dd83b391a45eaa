#include "store/medium.h"
#include "store/store_backend.h"

const struct store_ops *store_hooks(const struct store *st)
{
	return st->ops;
}

const struct medium_ops *medium_hooks(const struct medium *m)
{
	return m->ops;
}

void medium_file_bind(struct medium *m)
{
	m->ops = &medium_file_ops;
}
