#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/archive_link.h"
#include "app/cli_commands.h"

enum { ARCHIVE_FILE_CHUNK_BYTES = 64 * 1024, ARCHIVE_PATH_MAX = 4096 };

static bool is_dash(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int archive_complain(const char *path)
{
	fprintf(stderr, "surel: %s: %s\n", path, strerror(errno));
	return EXIT_FAILED;
}

/* --- backup ------------------------------------------------------------------------------------- */

static int backup_copy(struct archive_link *link, FILE *file, const char *path)
{
	struct slice piece;
	do {
		if (archive_read(link, &piece))
			return EXIT_FAILED;
		if (piece.len && fwrite(piece.ptr, 1, piece.len, file) != piece.len)
			return archive_complain(path);
	} while (piece.len);
	return fflush(file) ? archive_complain(path) : EXIT_OK;
}

/* Under another name until it is whole: an old backup is worth more than half of a new one. */
static int backup_to_file(struct archive_link *link, const char *path)
{
	char part[ARCHIVE_PATH_MAX];
	int n = snprintf(part, sizeof(part), "%s.part", path);
	int fd = n > 0 && (size_t)n < sizeof(part)
			 ? open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
			 : -1;
	FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
	if (!file) {
		int exit_code = archive_complain(path);
		if (fd >= 0)
			close(fd);
		return exit_code;
	}
	int exit_code = backup_copy(link, file, path);
	if (!exit_code && fsync(fd) != 0)
		exit_code = archive_complain(path);
	if (fclose(file) != 0 && !exit_code)
		exit_code = archive_complain(path);
	if (!exit_code && rename(part, path) != 0)
		exit_code = archive_complain(path);
	if (exit_code)
		unlink(part);
	return exit_code;
}

static int cli_backup(const struct cli *cli)
{
	bool has_user = cli->count == 4 && strcmp(cli->args[2], "--user") == 0;
	struct archive_link *link = NULL;
	int exit_code = EXIT_FAILED;
	if (cli->count != 2 && !has_user)
		return cli_usage(cli);
	if (is_dash(cli->args[1]) && isatty(STDOUT_FILENO)) {
		fputs("surel: a terminal is no place for an archive\n", stderr);
		return EXIT_USAGE;
	}
	if (!archive_open_backup(cli, has_user ? cli->args[3] : NULL, &link))
		exit_code = is_dash(cli->args[1]) ? backup_copy(link, stdout, "standard output")
						  : backup_to_file(link, cli->args[1]);
	if (!exit_code)
		fprintf(stderr, "%s\n", archive_summary(link));
	archive_close(&link);
	return exit_code;
}
const struct cli_command tool_backup = {"backup", cli_backup, "backup FILE|- [--user NAME]", true};

/* --- restore ------------------------------------------------------------------------------------ */

static int restore_from(struct archive_link *link, int fd, const char *path)
{
	static uint8_t chunk[ARCHIVE_FILE_CHUNK_BYTES];
	ssize_t got;
	do {
		got = read(fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			archive_complain(path);
		if (got > 0 && archive_write(link, slice_of(chunk, (size_t)got)))
			break;
	} while (got > 0 || (got < 0 && errno == EINTR));
	return archive_finish(link);
}

static int cli_restore(const struct cli *cli)
{
	bool with_settings = cli->count == 3 && strcmp(cli->args[2], "--settings") == 0;
	struct archive_link *link = NULL;
	int exit_code = EXIT_FAILED;
	if (cli->count != 2 && !with_settings)
		return cli_usage(cli);
	bool is_stdin = is_dash(cli->args[1]);
	int fd = is_stdin ? STDIN_FILENO : open(cli->args[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return archive_complain(cli->args[1]);
	if (!archive_open_restore(cli, with_settings, &link))
		exit_code = restore_from(link, fd, cli->args[1]);
	archive_close(&link);
	if (!is_stdin)
		close(fd);
	return exit_code;
}
const struct cli_command tool_restore = {"restore", cli_restore, "restore FILE|- [--settings]",
					 true};
