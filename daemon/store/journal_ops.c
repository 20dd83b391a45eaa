#include "store/journal_hooks.h"

const struct store_ops store_journal_ops = JOURNAL_HOOKS;
