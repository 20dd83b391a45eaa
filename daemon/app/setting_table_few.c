#include "app/setting_rows.h"

/* In place of setting_table.c where POP3 is all that is served. */
const struct setting setting_table[] = {SETTING_ROWS(SETTING_ROW, SETTING_NO_ROW)};
const size_t setting_count = sizeof(setting_table) / sizeof(setting_table[0]);
const bool setting_table_is_whole = false;
