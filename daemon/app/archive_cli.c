#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/archive_link.h"
#include "app/archive_session.h"
#include "app/cli_commands.h"

enum { ARCHIVE_PATH_MAX = 4096 };

static bool is_dash(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int archive_complain(const char *path)
{
	return cli_complain("%s: %s", path, strerror(errno));
}

/* --- backup ------------------------------------------------------------------------------------- */

/* EXIT_OK: all of it is written, and *said_out is a line for people. */
static int backup_copy(struct tool_link *link, int fd, const char *path, struct slice *said_out)
{
	enum step step;
	while ((step = archive_read(link, said_out)) == STEP_MORE)
		for (struct slice rest = *said_out; rest.len;) {
			ssize_t put = write(fd, rest.ptr, rest.len);
			if (put < 0 && errno != EINTR)
				return archive_complain(path);
			rest = slice_from(rest, put > 0 ? (size_t)put : 0);
		}
	return step == STEP_DONE ? EXIT_OK : EXIT_FAILED;
}

/* Under another name until it is whole: an old backup is worth more than half of a new one. */
static int cli_backup(struct cli *cli)
{
	const char *user = cli_value(cli, "--user"), *path = cli->args[1];
	char part[ARCHIVE_PATH_MAX];
	struct tool_link link;
	struct slice said;
	if (cli->count != 2)
		return cli_usage(cli);
	bool is_file = !is_dash(path);
	if (!is_file && isatty(STDOUT_FILENO)) {
		cli_complain("a terminal is no place for an archive");
		return EXIT_USAGE;
	}
	int fd = STDOUT_FILENO;
	if (is_file)
		fd = snprintf(part, sizeof(part), "%s.part", path) < ARCHIVE_PATH_MAX
			     ? open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
			     : -1;
	if (fd < 0)
		return archive_complain(path);
	int exit_code =
		archive_open(cli, user, &link) ? EXIT_FAILED : backup_copy(&link, fd, path, &said);
	if (is_file && !exit_code && (fsync(fd) != 0 || rename(part, path) != 0))
		exit_code = archive_complain(path);
	if (is_file && exit_code)
		unlink(part);
	if (!exit_code)
		fprintf(stderr, SLICE_FMT "\n", SLICE_ARG(said));
	close(fd);
	link_close(&link);
	return exit_code;
}
const struct cli_command tool_backup = {"backup", cli_backup, "backup FILE|- [--user NAME]",
					CLI_TAKES_DATA};

/* --- restore ------------------------------------------------------------------------------------ */

static int restore_answer(struct tool_link *link)
{
	struct slice text;
	if (link_receive(link, &text) || text.len < 2)
		return EXIT_FAILED;
	printf(SLICE_FMT, SLICE_ARG(slice_from(text, 2)));
	return text.ptr[0] == '0' ? EXIT_OK : EXIT_FAILED;
}

static int restore_from(struct tool_link *link, int fd, const char *path)
{
	static uint8_t chunk[ARCHIVE_PIECE_BYTES];
	ssize_t got;
	do {
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			archive_complain(path);
		/* A daemon that wants no more has answered already, and closed. */
		if (link_send_netstring(link, slice_of(chunk, got > 0 ? (size_t)got : 0)))
			break;
	} while (got > 0 || (got < 0 && errno == EINTR));
	return restore_answer(link);
}

static int cli_restore(struct cli *cli)
{
	struct admin_request request = {
		.args = {"restore", cli_flag(cli, "--settings") ? "settings" : ""}, .count = 2};
	struct tool_link link;
	int exit_code = EXIT_FAILED;
	if (cli->count != 2)
		return cli_usage(cli);
	int fd = is_dash(cli->args[1]) ? STDIN_FILENO : open(cli->args[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return archive_complain(cli->args[1]);
	if (!link_open(cli, &request, &link))
		exit_code = restore_from(&link, fd, cli->args[1]);
	link_close(&link);
	close(fd);
	return exit_code;
}
const struct cli_command tool_restore = {"restore", cli_restore, "restore FILE|- [--settings]",
					 CLI_TAKES_DATA};
