#include "app/archive_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/archive_session.h"
#include "app/backup.h"
#include "app/control.h"
#include "app/restore.h"

struct archive_link {
	int fd; /* the daemon's; -1: none runs */
	struct cli_place *place;
	struct backup *backup;
	struct restore *restore;
	struct buf in;  /* from the daemon */
	size_t to_drop; /* of it: what was handed out */
	enum err failure;
	char summary[160];
};

/* Without a daemon nothing waits for long: a turn of the store moves it on. */
#define UNTIL_READY(link, err, call)          \
	while (((err) = (call)) == ERR_AGAIN) \
	store_turn((link)->place->place.store, false)

static enum err link_new(const struct cli *cli, struct archive_link **link_out)
{
	struct archive_link *link = calloc(1, sizeof(*link));
	*link_out = link;
	if (!link) {
		fputs("surel: out of memory\n", stderr);
		return ERR_NOMEM;
	}
	buf_init(&link->in, (size_t)4 * ARCHIVE_PIECE_BYTES);
	if (!control_connect(cli->data_dir, &link->fd))
		return ERR_NONE;
	link->fd = -1;
	return cli_place_open(cli, true, &link->place);
}

/* --- over the control socket -------------------------------------------------------------------- */

static enum err link_send(struct archive_link *link, struct slice bytes)
{
	while (bytes.len) {
		ssize_t put = send(link->fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
		if (put < 0 && errno != EINTR)
			return ERR_CLOSED;
		if (put > 0)
			bytes = slice_from(bytes, (size_t)put);
	}
	return ERR_NONE;
}

static enum err link_send_netstring(struct archive_link *link, struct slice text)
{
	struct buf out;
	buf_init(&out, (size_t)2 * ARCHIVE_PIECE_BYTES);
	enum err err = netstring_add(&out, text);
	if (!err)
		err = link_send(link, buf_view(&out));
	buf_free(&out);
	return err;
}

static enum err link_ask(struct archive_link *link, const char *verb, const char *word)
{
	enum err err = link_send_netstring(link, SLICE_LIT("2"));
	if (!err)
		err = link_send_netstring(link, slice_str(verb));
	if (!err)
		err = link_send_netstring(link, slice_str(word));
	if (err)
		fputs("surel: the daemon has gone away\n", stderr);
	return err;
}

/* One netstring, good until the next call. */
static enum err link_receive(struct archive_link *link, struct slice *text_out)
{
	buf_consume(&link->in, link->to_drop);
	link->to_drop = 0;
	for (;;) {
		struct slice rest = buf_view(&link->in);
		enum step step = netstring_take(&rest, (size_t)2 * ARCHIVE_PIECE_BYTES, text_out);
		if (step == STEP_BAD)
			return ERR_SYNTAX;
		link->to_drop = step == STEP_DONE ? link->in.len - rest.len : 0;
		if (step == STEP_DONE)
			return ERR_NONE;
		uint8_t *room;
		enum err err = buf_reserve(&link->in, ARCHIVE_PIECE_BYTES, &room);
		if (err)
			return err;
		ssize_t got = recv(link->fd, room, ARCHIVE_PIECE_BYTES, 0);
		if (got == 0 || (got < 0 && errno != EINTR))
			return ERR_CLOSED;
		buf_commit(&link->in, got > 0 ? (size_t)got : 0);
	}
}

static enum err remote_read(struct archive_link *link, struct slice *piece_out)
{
	struct slice text;
	*piece_out = SLICE_EMPTY;
	if (link_receive(link, &text) || !text.len) {
		fputs("surel: the daemon has gone away\n", stderr);
		return ERR_CLOSED;
	}
	struct slice rest = slice_from(text, 1);
	if (text.ptr[0] == 'D') {
		*piece_out = rest;
		return ERR_NONE;
	}
	snprintf(link->summary, sizeof(link->summary), SLICE_FMT, SLICE_ARG(rest));
	if (text.ptr[0] == '.')
		return ERR_NONE;
	fprintf(stderr, "surel: %s\n", link->summary);
	return ERR_DENIED;
}

static int remote_finish(struct archive_link *link)
{
	struct slice text;
	/* A daemon that wants no more has answered already, and closed. */
	if (!link->failure && link_send_netstring(link, SLICE_EMPTY))
		link->failure = ERR_CLOSED;
	if (link_receive(link, &text) || text.len < 2) {
		fputs("surel: the daemon has gone away\n", stderr);
		return EXIT_FAILED;
	}
	printf(SLICE_FMT, SLICE_ARG(slice_from(text, 2)));
	return text.ptr[0] == '0' ? EXIT_OK : EXIT_FAILED;
}

/* --- straight from and into the store ----------------------------------------------------------- */

static enum err local_read(struct archive_link *link, struct slice *piece_out)
{
	enum err err;
	UNTIL_READY(link, err, backup_next(link->backup, piece_out, NULL));
	if (err) {
		fprintf(stderr, "surel: %s\n", err_text(err));
		return err;
	}
	if (!piece_out->len) {
		struct backup_count count;
		backup_count(link->backup, &count);
		snprintf(link->summary, sizeof(link->summary), "%llu messages of %llu users%s",
			 (unsigned long long)count.messages, (unsigned long long)count.users,
			 count.broken ? "; some could not be read" : "");
	}
	return ERR_NONE;
}

static enum err local_write(struct archive_link *link, struct slice bytes)
{
	while (bytes.len && !link->failure) {
		UNTIL_READY(link, link->failure, restore_write(link->restore, &bytes, NULL));
	}
	return link->failure ? ERR_CLOSED : ERR_NONE;
}

static int local_finish(struct archive_link *link)
{
	const struct restore_report *report = restore_report(link->restore);
	struct buf text;
	enum err err;
	UNTIL_READY(link, err, restore_finish(link->restore, NULL));
	if (!link->failure)
		link->failure = err;
	buf_init(&text, 2048);
	if (!restore_describe(report, &text))
		printf(SLICE_FMT, SLICE_ARG(buf_view(&text)));
	if (link->failure && !report->why)
		printf("not restored to the end: %s\n", err_text(link->failure));
	buf_free(&text);
	return link->failure ? EXIT_FAILED : EXIT_OK;
}

/* --- either ------------------------------------------------------------------------------------- */

enum err archive_open_backup(const struct cli *cli, const char *user,
			     struct archive_link **link_out)
{
	struct backup_options options = {.form = BACKUP_TAR, .user = user};
	enum err err = link_new(cli, link_out);
	if (!err && (*link_out)->fd >= 0)
		return link_ask(*link_out, "backup", user ? user : "");
	if (!err) {
		err = backup_new(&(*link_out)->place->place, &options, &(*link_out)->backup);
		if (err)
			fprintf(stderr, "surel: %s\n",
				err == ERR_NOT_FOUND ? "no such user" : err_text(err));
	}
	return err;
}

enum err archive_read(struct archive_link *link, struct slice *piece_out)
{
	return link->fd >= 0 ? remote_read(link, piece_out) : local_read(link, piece_out);
}

enum err archive_open_restore(const struct cli *cli, bool with_settings,
			      struct archive_link **link_out)
{
	struct restore_options options = {.settings = with_settings};
	enum err err = link_new(cli, link_out);
	if (!err && (*link_out)->fd >= 0)
		return link_ask(*link_out, "restore", with_settings ? "settings" : "");
	return err ? err : restore_new(&(*link_out)->place->place, &options, &(*link_out)->restore);
}

enum err archive_write(struct archive_link *link, struct slice bytes)
{
	if (link->fd < 0)
		return local_write(link, bytes);
	while (bytes.len && !link->failure) {
		struct slice piece = slice_upto(bytes, ARCHIVE_PIECE_BYTES);
		bytes = slice_from(bytes, piece.len);
		link->failure = link_send_netstring(link, piece);
	}
	return link->failure ? ERR_CLOSED : ERR_NONE;
}

int archive_finish(struct archive_link *link)
{
	return link->fd >= 0 ? remote_finish(link) : local_finish(link);
}

const char *archive_summary(const struct archive_link *link)
{
	return link->summary;
}

void archive_close(struct archive_link **link_in)
{
	struct archive_link *link = *link_in;
	*link_in = NULL;
	if (!link)
		return;
	backup_free(&link->backup);
	restore_free(&link->restore);
	cli_place_close(&link->place);
	buf_free(&link->in);
	if (link->fd >= 0)
		close(link->fd);
	free(link);
}
