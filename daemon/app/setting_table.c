#include "app/setting_rows.h"

const struct setting setting_table[] = {SETTING_ROWS(SETTING_ROW, SETTING_ROW)};
const size_t setting_count = sizeof(setting_table) / sizeof(setting_table[0]);
const bool setting_table_is_whole = true;
