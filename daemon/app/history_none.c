#include "app/history.h"

/* In place of history.c where nobody asks what was written. */
void history_wear(struct appliance *a, struct wear *wear_out)
{
	(void)a;
	*wear_out = (struct wear){0};
}
