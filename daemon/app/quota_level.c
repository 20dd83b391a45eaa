#include "app/quota_watch.h"

unsigned quota_percent(uint64_t used, uint64_t quota)
{
	if (!quota)
		return 0;
	if (used >= quota)
		return 100;
	return (unsigned)(quota > UINT64_MAX / 100 ? used / (quota / 100) : used * 100 / quota);
}

unsigned quota_level(uint64_t used, uint64_t quota)
{
	unsigned percent = quota_percent(used, quota);
	return percent >= 95 ? 95 : percent >= 90 ? 90 : percent >= 80 ? 80 : 0;
}
