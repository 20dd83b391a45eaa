#include "store/journal_hooks.h"

/* In place of hooks_any.c where there is but the journal on files. The program is compiled as a whole: calls of
 * hooks become direct, and what none of them asks for is left out. No table of hooks may be reached in
 * another way for that. */

const struct store_ops store_journal_ops = {.name = "journal", .open = journal_open};

const struct store_ops *store_hooks(const struct store *st)
{
	static const struct store_ops hooks = JOURNAL_HOOKS;
	(void)st;
	return &hooks;
}

const struct medium_ops *medium_hooks(const struct medium *m)
{
	(void)m;
	return &medium_file_ops;
}

void medium_file_bind(struct medium *m)
{
	(void)m;
}
