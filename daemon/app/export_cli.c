#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/archive_link.h"
#include "app/cli_commands.h"
#include "app/export_box.h"

/* An export is a backup, read as it comes. */
struct export_run {
	struct tool_link link;
	struct export_box *box;
	struct tar_reader tar;
	char user[USER_NAME_MAX_BYTES + 1], mailbox[MAILBOX_NAME_MAX_BYTES + 1];
	unsigned long messages;
	bool is_open; /* a message: until it is whole, and the next entry does not call it broken */
	bool is_whole; /* the archive */
};

static enum err export_settle(struct export_run *run, bool is_broken)
{
	if (!run->is_open)
		return ERR_NONE;
	run->is_open = false;
	run->messages += !is_broken;
	return is_broken ? export_drop(run->box) : export_keep(run->box);
}

static enum err export_enter(struct export_run *run, const struct backup_entry *e)
{
	if (slice_eq_str(e->user, run->user) && slice_eq_str(e->mailbox, run->mailbox))
		return ERR_NONE;
	enum err err = slice_to_str(e->user, run->user, sizeof(run->user));
	if (!err)
		err = slice_to_str(e->mailbox, run->mailbox, sizeof(run->mailbox));
	return err ? err : export_mailbox(run->box, e->user, e->mailbox);
}

static enum err export_entry(struct export_run *run)
{
	struct backup_entry e;
	enum err err = backup_entry_read(&run->tar, &e);
	if (!err)
		err = export_settle(run, e.kind == BACKUP_IS_BROKEN);
	if (!err && ((e.kind == BACKUP_IS_BOX && e.exists) || e.kind == BACKUP_IS_MESSAGE))
		err = export_enter(run, &e);
	if (!err && e.kind == BACKUP_IS_MESSAGE) {
		err = export_begin(run->box, &e);
		run->is_open = !err;
	}
	return err;
}

static enum err export_piece(struct export_run *run, struct slice piece)
{
	enum err err = ERR_NONE;
	struct slice data;
	while (!err) {
		switch (tar_next(&run->tar, &piece, &data)) {
		case TAR_MORE: return ERR_NONE;
		case TAR_ENTRY: err = export_entry(run); break;
		case TAR_DATA: err = run->is_open ? export_write(run->box, data) : ERR_NONE; break;
		case TAR_CLOSE: break;
		case TAR_END: run->is_whole = true; return export_settle(run, false);
		case TAR_BAD: return ERR_SYNTAX;
		}
	}
	return err;
}

static enum err export_all(struct export_run *run)
{
	struct slice piece;
	enum step step;
	while ((step = archive_read(&run->link, &piece)) == STEP_MORE) {
		enum err err = export_piece(run, piece);
		if (err)
			return err;
	}
	if (step == STEP_BAD)
		return ERR_CLOSED; /* it has said why */
	return run->is_whole ? ERR_NONE : ERR_SYNTAX;
}

static int export_run_all(struct export_run *run, const char *dir)
{
	errno = 0;
	tar_reader_init(&run->tar);
	enum err err = export_all(run);
	tar_reader_free(&run->tar);
	if (err && err != ERR_CLOSED)
		cli_complain("%s: %s", dir,
			     err == ERR_IO && errno ? strerror(errno) : err_text(err));
	printf("%lu messages exported\n", run->messages);
	return err ? EXIT_FAILED : EXIT_OK;
}

static int cli_export(struct cli *cli)
{
	const char *user = cli_value(cli, "--user");
	struct export_run run = {.is_open = false};
	int exit_code = EXIT_FAILED;
	bool is_mbox = cli->count == 3 && strcmp(cli->args[1], "mbox") == 0;
	if (cli->count != 3 || (!is_mbox && strcmp(cli->args[1], "maildir") != 0))
		return cli_usage(cli);
	const char *dir = cli->args[2];
	enum err err = export_new(is_mbox ? EXPORT_MBOX : EXPORT_MAILDIR, dir, &run.box);
	if (err)
		cli_complain("%s: %s", dir,
			     err == ERR_EXISTS ? "not an empty directory" : err_text(err));
	if (!err && !archive_open(cli, user, &run.link))
		exit_code = export_run_all(&run, dir);
	link_close(&run.link);
	export_free(&run.box);
	return exit_code;
}
const struct cli_command tool_export = {"export", cli_export,
					"export mbox|maildir DIR [--user NAME]", CLI_TAKES_DATA};
