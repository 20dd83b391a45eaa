#include "store/journal_record.h"
#include "store/store_tool.h"

extern const struct store_tool journal_tool; /* named by the generated table */
const struct store_tool journal_tool = {
	.backend = "journal", .format = JOURNAL_VERSION, .check = journal_check};
