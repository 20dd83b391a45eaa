#include <stdio.h>
#include <unistd.h>

#include "app/cli_commands.h"
#include "app/system.h"
#include "base/file.h"
#include "options.h"

enum { KEY_MAX_BYTES = 4096 };

struct verify_words {
	const char *path, *key, *board;
	uint64_t offset;
};

static bool verify_words_read(struct cli *cli, struct verify_words *w)
{
	const char *offset = cli_value(cli, "--offset");
	w->key = cli_value(cli, "--key");
	w->board = cli_value(cli, "--board");
	w->path = cli->count == 3 ? cli->args[2] : NULL;
	return w->path && w->key && w->board &&
	       (!offset || !slice_u64(slice_str(offset), INT64_MAX / 2, &w->offset));
}

static void verify_print(const struct update_head *h, uint64_t offset)
{
	uint64_t kernel = offset + UPDATE_HEAD_BYTES;
	printf("version=%s\nstore_format=%u\n", h->version, (unsigned)h->store_format);
	printf("kernel_offset=%llu\nkernel_size=%u\nroot_offset=%llu\nroot_size=%u\n",
	       (unsigned long long)kernel, (unsigned)h->kernel_size,
	       (unsigned long long)kernel + h->kernel_size, (unsigned)h->root_size);
}

static int system_verify(struct cli *cli)
{
	struct verify_words w = {0};
	struct update_head head;
	struct buf key;
	if (!verify_words_read(cli, &w))
		return cli_usage(cli);
	buf_init(&key, KEY_MAX_BYTES);
	enum update_fault fault = UPDATE_NO_KEY;
	if (file_read(w.key, &key) == ERR_NONE && buf_add_byte(&key, 0) == ERR_NONE) {
		struct update_trust trust = {.key_pem = buf_view(&key), .board = w.board};
		struct update_medium medium;
		fault = UPDATE_UNREADABLE;
		if (update_medium_open(w.path, false, &medium) == ERR_NONE)
			fault = update_verify(&medium, w.offset, &trust, &head);
		update_medium_close(&medium);
	}
	buf_free(&key);
	if (fault)
		cli_complain("%s: %s", w.path, update_fault_text(fault));
	else
		verify_print(&head, w.offset);
	return fault ? EXIT_FAILED : EXIT_OK;
}

/* --- how it stands ------------------------------------------------------------------------------ */

static void status_print(const char *dir)
{
	struct system_facts facts;
	struct slot_view view;
	struct slice rest, key, detail;
	struct buf problems;
	system_facts_read(dir, &facts);
	printf("board=%s\nversion=" SUREL_VERSION "\nrunning=%s\n", facts.board,
	       system_slot_name(facts.running));
	for (int slot = 0; slot < SYSTEM_SLOTS; slot++) {
		system_slot_look(dir, (enum system_slot)slot, &view);
		if (view.is_there)
			printf("slot-%s=%s %s\n", system_slot_name((enum system_slot)slot),
			       slot_state_name(view.record.state),
			       view.has_head ? view.head.version : "-");
	}
	buf_init(&problems, SYSTEM_PROBLEMS_MAX_BYTES);
	system_problems_read(dir, &problems);
	rest = buf_view(&problems);
	while (system_problem_next(&rest, &key, &detail))
		printf("problem=" SLICE_FMT " " SLICE_FMT "\n", SLICE_ARG(key), SLICE_ARG(detail));
	buf_free(&problems);
}

static int system_status(struct cli *cli)
{
	const char *dir = cli_value(cli, "--system");
	if (!dir)
		dir = "/run/system";
	if (cli->count != 1)
		return cli_usage(cli);
	if (access(dir, R_OK) != 0) {
		return cli_complain("%s cannot be read: this is no board's own system", dir);
	}
	status_print(dir);
	return EXIT_OK;
}

static int cli_system(struct cli *cli)
{
	if (cli->count > 1 && strcmp(cli->args[1], "verify") == 0)
		return system_verify(cli);
	return system_status(cli);
}
const struct cli_command tool_system = {
	"system", cli_system,
	"system [--system DIR] | system verify FILE|DEVICE [--offset N] --key PEM --board NAME",
	CLI_PLAIN};
