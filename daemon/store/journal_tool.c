#include "store/store_tool.h"

extern const struct store_tool journal_tool; /* named by the generated table */
const struct store_tool journal_tool = {.backend = "journal", .check = journal_check};
