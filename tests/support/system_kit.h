/* system_kit.h - what a board's image would make: a directory with board, slots, key and problems, and
 * files that stand in for the slots' devices. */
#pragma once

#include "app/system.h"
#include "support/update_kit.h"

enum { SYSTEM_KIT_SLOT_BYTES = 256 * 1024 };

struct system_kit {
	char dir[64];
	struct system system;
};
/* Board "box", running what is said, empty slots, the key of support/update_kit.h. */
void system_kit_open(struct system_kit *k, const char *running);
void system_kit_close(struct system_kit *k); /* with all files */
void system_kit_write(struct system_kit *k, const char *name, struct slice bytes);
struct slot_view system_kit_look(struct system_kit *k, enum system_slot slot);
void system_kit_set(struct system_kit *k, enum system_slot slot, enum slot_state state,
                    uint32_t order);
