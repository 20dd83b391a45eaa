#include "support/system_kit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"

static void must(bool holds)
{
	if (!holds)
		abort();
}

static const char *kit_path(struct system_kit *k, const char *name)
{
	static char path[128];
	must(!file_join(path, sizeof(path), k->dir, name));
	return path;
}

void system_kit_write(struct system_kit *k, const char *name, struct slice bytes)
{
	must(!file_replace(kit_path(k, name), bytes, 0600));
}

void system_kit_open(struct system_kit *k, const char *running)
{
	*k = (struct system_kit){.dir = "/tmp/surel-system-XXXXXX"};
	must(mkdtemp(k->dir) != NULL);
	k->system.dir = k->dir;
	system_kit_write(k, "board", SLICE_LIT("box\n"));
	system_kit_write(k, "running", slice_str(running));
	struct slice key = update_kit_key();
	system_kit_write(k, "update.pub", slice_upto(key, key.len - 1));
	system_kit_write(k, "slot-a", SLICE_EMPTY);
	system_kit_write(k, "slot-b", SLICE_EMPTY);
	must(!truncate(kit_path(k, "slot-a"), SYSTEM_KIT_SLOT_BYTES));
	must(!truncate(kit_path(k, "slot-b"), SYSTEM_KIT_SLOT_BYTES));
}

void system_kit_close(struct system_kit *k)
{
	static const char *const names[] = {"board",  "running",  "update.pub", "slot-a",
					    "slot-b", "problems", "request"};
	worker_pool_free(&k->system.writer);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(kit_path(k, names[i]));
	rmdir(k->dir);
}

struct slot_view system_kit_look(struct system_kit *k, enum system_slot slot)
{
	struct slot_view view;
	system_slot_look(k->dir, slot, &view);
	return view;
}

void system_kit_set(struct system_kit *k, enum system_slot slot, enum slot_state state,
		    uint32_t order)
{
	struct update_medium m;
	uint8_t sector[UPDATE_SLOT_RECORD_BYTES];
	slot_record_print((struct slot_record){state, order}, sector);
	must(!system_slot_open(k->dir, slot, true, &m));
	must(!m.ops->write(&m, 0, slice_of(sector, sizeof(sector))));
	update_medium_close(&m);
}
