#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/cli_commands.h"
#include "app/control.h"
#include "app/import_source.h"
#include "base/codec.h"

/* Where the messages go: over the control socket, or straight into the store. */
struct import_sink {
	int fd; /* the daemon's; -1: none runs */
	struct cli_place *place;
	struct import_target *target;
};

struct import_options {
	const char *kind, *path, *user, *mailbox;
	bool is_mboxrd;
};

/* --- straight into the store -------------------------------------------------------------------- */

/* Without a daemon nothing waits for long: a turn of the store moves it on. */
#define UNTIL_READY(sink, err, call)          \
	while (((err) = (call)) == ERR_AGAIN) \
	store_turn((sink)->place->place.store, false)

static enum err local_open(struct import_sink *sink, const struct cli *cli,
			   const struct import_options *o)
{
	struct account *account = NULL;
	enum err err = cli_place_open(cli, true, &sink->place);
	if (err)
		return err;
	struct user *user = users_find(sink->place->place.users, slice_str(o->user));
	if (!user) {
		fprintf(stderr, "surel: no user %s\n", o->user);
		return ERR_NOT_FOUND;
	}
	UNTIL_READY(sink, err,
		    account_open(sink->place->place.store, slice_str(user->name), true, &account,
				 NULL, NULL));
	return err ? err : import_target_new(account, &sink->target);
}

static enum err local_put(struct import_sink *sink, struct import_source *source,
			  const struct import_message *m, bool *taken_out)
{
	struct slice piece;
	enum err err = ERR_NONE;
	UNTIL_READY(sink, err, import_target_offer(sink->target, m, taken_out, NULL));
	if (err || !*taken_out)
		return err;
	for (;;) {
		err = import_source_read(source, &piece);
		if (err || piece.len == 0)
			break;
		UNTIL_READY(sink, err, import_target_write(sink->target, piece, NULL));
		if (err)
			break;
	}
	if (!err)
		UNTIL_READY(sink, err, import_target_finish(sink->target, NULL));
	return err;
}

static enum err local_done(struct import_sink *sink)
{
	enum err err = ERR_NONE;
	UNTIL_READY(sink, err, import_target_wait(sink->target, NULL));
	return err;
}

/* --- over the control socket -------------------------------------------------------------------- */

static enum err remote_send(int fd, struct slice bytes)
{
	while (bytes.len) {
		ssize_t put = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
		if (put < 0 && errno != EINTR)
			return ERR_CLOSED;
		if (put > 0)
			bytes = slice_from(bytes, (size_t)put);
	}
	return ERR_NONE;
}

static enum err remote_send_netstring(int fd, struct slice text)
{
	struct buf out;
	buf_init(&out, 4096);
	enum err err = netstring_add(&out, text);
	if (!err)
		err = remote_send(fd, buf_view(&out));
	buf_free(&out);
	return err;
}

/* One short netstring; `answer` gets it as a string. */
static enum err remote_receive(int fd, char *answer, size_t size)
{
	uint8_t bytes[256];
	size_t n = 0;
	for (;;) {
		struct slice rest = slice_of(bytes, n), text;
		enum step step = netstring_take(&rest, sizeof(bytes) - 16, &text);
		if (step == STEP_DONE)
			return slice_to_str(text, answer, size);
		if (step == STEP_BAD || n == sizeof(bytes))
			return ERR_SYNTAX;
		/* Answers come one by one, so an octet at a time loses nothing. */
		ssize_t got = recv(fd, bytes + n, 1, 0);
		if (got == 0 || (got < 0 && errno != EINTR))
			return ERR_CLOSED;
		n += got > 0 ? 1 : 0;
	}
}

static enum err remote_answer(int fd, const char *yes, const char *no, bool *is_yes_out)
{
	char answer[256];
	enum err err = remote_receive(fd, answer, sizeof(answer));
	if (err) {
		fprintf(stderr, "surel: the daemon has gone away\n");
		return err;
	}
	*is_yes_out = strcmp(answer, yes) == 0;
	if (*is_yes_out || strcmp(answer, no) == 0)
		return ERR_NONE;
	fprintf(stderr, "surel: %s\n", answer);
	return ERR_DENIED;
}

static enum err remote_open(struct import_sink *sink, const struct import_options *o)
{
	enum err err = remote_send_netstring(sink->fd, SLICE_LIT("2"));
	if (!err)
		err = remote_send_netstring(sink->fd, SLICE_LIT("import"));
	return err ? err : remote_send_netstring(sink->fd, slice_str(o->user));
}

static enum err remote_offer(struct import_sink *sink, const struct import_message *m)
{
	struct buf text;
	buf_init(&text, 4096);
	enum err err = buf_addf(&text, "%llu %llu %u %d ",
				(unsigned long long)(m->internal_date > 0 ? m->internal_date : 0),
				(unsigned long long)m->size, m->flags, m->is_forwarded);
	if (!err)
		err = hex_add(&text, slice_of(m->sha256, sizeof(m->sha256)));
	if (!err)
		err = buf_add_byte(&text, ' ');
	if (!err)
		err = buf_add_slice(&text, m->mailbox);
	if (!err)
		err = remote_send_netstring(sink->fd, buf_view(&text));
	buf_free(&text);
	return err;
}

static enum err remote_put(struct import_sink *sink, struct import_source *source,
			   const struct import_message *m, bool *taken_out)
{
	struct slice piece = SLICE_EMPTY;
	enum err err = remote_offer(sink, m);
	if (!err)
		err = remote_answer(sink->fd, "want", "have", taken_out);
	while (!err && *taken_out) {
		err = import_source_read(source, &piece);
		if (piece.len == 0)
			break;
		if (!err)
			err = remote_send(sink->fd, piece);
	}
	return err;
}

static enum err remote_done(struct import_sink *sink)
{
	bool is_done = false;
	enum err err = remote_send_netstring(sink->fd, SLICE_EMPTY);
	return err ? err : remote_answer(sink->fd, "done", "done", &is_done);
}

/* --- the command -------------------------------------------------------------------------------- */

static enum err sink_open(struct import_sink *sink, const struct cli *cli,
			  const struct import_options *o)
{
	if (control_connect(cli->data_dir, &sink->fd) == ERR_NONE)
		return remote_open(sink, o);
	return local_open(sink, cli, o);
}

static void sink_close(struct import_sink *sink)
{
	import_target_free(&sink->target);
	cli_place_close(&sink->place);
	if (sink->fd >= 0)
		close(sink->fd);
}

static enum err import_all(struct import_sink *sink, struct import_source *source,
			   unsigned long *new_out, unsigned long *old_out)
{
	bool is_tty = isatty(STDERR_FILENO);
	for (;;) {
		struct import_message m;
		bool taken = false;
		enum err err = import_source_next(source, &m);
		if (err)
			return err == ERR_NOT_FOUND ? ERR_NONE : err;
		err = sink->fd >= 0 ? remote_put(sink, source, &m, &taken)
				    : local_put(sink, source, &m, &taken);
		if (err)
			return err;
		*(taken ? new_out : old_out) += 1;
		if (is_tty)
			fprintf(stderr, "\r%lu imported, %lu there already", *new_out, *old_out);
	}
}

static bool import_options_parse(const struct cli *cli, struct import_options *o)
{
	*o = (struct import_options){.mailbox = "INBOX"};
	if (cli->count < 3)
		return false;
	o->kind = cli->args[1];
	o->path = cli->args[2];
	for (size_t i = 3; i < cli->count; i++) {
		const char *value = i + 1 < cli->count ? cli->args[i + 1] : NULL;
		if (strcmp(cli->args[i], "--mboxrd") == 0) {
			o->is_mboxrd = true;
			continue;
		}
		const char **option = strcmp(cli->args[i], "--user") == 0      ? &o->user
				      : strcmp(cli->args[i], "--mailbox") == 0 ? &o->mailbox
									       : NULL;
		if (!option || !value)
			return false;
		*option = value;
		i++;
	}
	return o->user && (strcmp(o->kind, "mbox") == 0 || strcmp(o->kind, "maildir") == 0);
}

int cli_import(const struct cli *cli)
{
	struct import_options o;
	struct import_source *source = NULL;
	struct import_sink sink = {.fd = -1};
	unsigned long fresh = 0, old = 0;
	if (!import_options_parse(cli, &o))
		return cli_usage(cli);
	if (mailbox_name_check(slice_str(o.mailbox))) {
		fprintf(stderr, "surel: %s cannot be the name of a mailbox\n", o.mailbox);
		return EXIT_USAGE;
	}
	enum err err =
		strcmp(o.kind, "mbox") == 0
			? import_source_mbox(o.path, slice_str(o.mailbox), o.is_mboxrd, &source)
			: import_source_maildir(o.path, slice_str(o.mailbox), &source);
	if (err) {
		fprintf(stderr, "surel: %s: %s\n", o.path,
			err == ERR_SYNTAX ? "not an mbox: it does not begin with a From line"
					  : err_text(err));
		return EXIT_FAILED;
	}
	err = sink_open(&sink, cli, &o);
	if (!err)
		err = import_all(&sink, source, &fresh, &old);
	/* What was taken before an error shall be safe, too. */
	enum err last = sink.fd >= 0  ? (err ? ERR_NONE : remote_done(&sink))
			: sink.target ? local_done(&sink)
				      : ERR_NONE;
	if (!err)
		err = last;
	if (isatty(STDERR_FILENO) && fresh + old)
		fputc('\n', stderr);
	printf("%lu imported, %lu there already\n", fresh, old);
	if (err)
		fprintf(stderr, "surel: import stopped: %s; repeat it to go on\n", err_text(err));
	import_source_close(&source);
	sink_close(&sink);
	return err ? EXIT_FAILED : EXIT_OK;
}
