#include "app/size_text.h"

#include <stdio.h>

void size_text(enum lang lang, uint64_t bytes, char dst[SIZE_TEXT_BYTES])
{
	static const char *const units[] = {"KB", "MB", "GB", "TB"};
	uint64_t tenths = bytes * 10 / 1024;
	size_t unit = 0;
	if (bytes > UINT64_MAX / 10)
		tenths = UINT64_MAX / 1024;
	if (bytes < 1024) {
		snprintf(dst, SIZE_TEXT_BYTES, "%llu B", (unsigned long long)bytes);
		return;
	}
	while (tenths >= 10240 && unit < 3) {
		tenths /= 1024;
		unit++;
	}
	if (tenths >= 1000 || tenths % 10 == 0)
		snprintf(dst, SIZE_TEXT_BYTES, "%llu %s", (unsigned long long)tenths / 10,
			 units[unit]);
	else
		snprintf(dst, SIZE_TEXT_BYTES, "%llu%c%llu %s", (unsigned long long)tenths / 10,
			 lang == LANG_ID ? ',' : '.', (unsigned long long)tenths % 10, units[unit]);
}

void count_text(enum lang lang, uint64_t count, char dst[32])
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
	size_t at = 0;
	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			dst[at++] = lang == LANG_ID ? '.' : ',';
		dst[at++] = digits[i];
	}
	dst[at] = '\0';
}
