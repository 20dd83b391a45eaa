#include "support/store_variants.h"

#include "store/ram_store.h"

static const struct store_ops *variant_ram(void)
{
	return &store_ram_ops;
}

static const struct store_ops *variant_ram_slow(void)
{
	return &store_ram_slow_ops;
}

static const struct store_ops *variant_checked_ram(void)
{
	return store_checked(&store_ram_ops);
}

static const struct store_ops *variant_checked_ram_slow(void)
{
	return store_checked(&store_ram_slow_ops);
}

static const struct store_ops *variant_journal(void)
{
	return &store_journal_ops;
}

static const struct store_ops *variant_checked_journal(void)
{
	return store_checked(&store_journal_ops);
}

const struct store_variant store_variants[] = {
	{"ram", variant_ram, false},
	{"ram-slow", variant_ram_slow, false},
	{"checked(ram)", variant_checked_ram, false},
	{"checked(ram-slow)", variant_checked_ram_slow, false},
	{"journal", variant_journal, true},
	{"checked(journal)", variant_checked_journal, true},
};
const size_t store_variant_count = sizeof(store_variants) / sizeof(store_variants[0]);
