#include "app/import_sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/control.h"
#include "base/codec.h"

struct import_sink {
	int fd; /* the daemon's; -1: none runs */
	struct cli_place *place;
	struct import_target *target;
	char why[256];
};

/* --- straight into the store -------------------------------------------------------------------- */

/* Without a daemon nothing waits for long: a turn of the store moves it on. */
#define UNTIL_READY(sink, err, call)          \
	while (((err) = (call)) == ERR_AGAIN) \
	store_turn((sink)->place->place.store, false)

static enum err local_open(struct import_sink *sink, const struct cli *cli, const char *name)
{
	struct account *account = NULL;
	enum err err = cli_place_open(cli, true, &sink->place);
	if (err)
		return err;
	struct user *user = users_find(sink->place->place.users, slice_str(name));
	if (!user) {
		fprintf(stderr, "surel: no user %s\n", name);
		return ERR_NOT_FOUND;
	}
	UNTIL_READY(sink, err,
		    account_open(sink->place->place.store, slice_str(user->name), true, &account,
				 NULL, NULL));
	if (!err) {
		struct policy policy;
		overrides_policy(&sink->place->conf.overrides, &sink->place->conf.settings,
				 slice_str(user->name), &policy);
		policy_set_quota(&policy, account);
		err = import_target_new(account, &sink->target);
	}
	if (err)
		fprintf(stderr, "surel: the mailboxes of %s cannot be opened: %s\n", name,
			err_text(err));
	return err;
}

static enum err local_put(struct import_sink *sink, struct import_source *source,
			  const struct import_message *m, bool *taken_out)
{
	struct slice piece;
	enum err err = ERR_NONE;
	enum import_verdict verdict;
	do
		UNTIL_READY(sink, err, import_target_offer(sink->target, m, &verdict, NULL));
	while (!err && verdict == IMPORT_UNDECIDED);
	*taken_out = !err && verdict == IMPORT_WANTED;
	if (!*taken_out)
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

static enum err remote_answer(struct import_sink *sink, const char *yes, const char *no,
			      bool *is_yes_out)
{
	char answer[256];
	enum err err = remote_receive(sink->fd, answer, sizeof(answer));
	if (err) {
		snprintf(sink->why, sizeof(sink->why), "the daemon has gone away");
		return err;
	}
	*is_yes_out = strcmp(answer, yes) == 0;
	if (*is_yes_out || strcmp(answer, no) == 0)
		return ERR_NONE;
	bool is_error = strncmp(answer, "error ", 6) == 0;
	snprintf(sink->why, sizeof(sink->why), "%s", answer + (is_error ? 6 : 0));
	return ERR_DENIED;
}

static enum err remote_open(struct import_sink *sink, const char *user)
{
	enum err err = remote_send_netstring(sink->fd, SLICE_LIT("2"));
	if (!err)
		err = remote_send_netstring(sink->fd, SLICE_LIT("import"));
	return err ? err : remote_send_netstring(sink->fd, slice_str(user));
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

/* The daemon that refuses in the middle of a message closes; why stands in what it sent before. */
static enum err remote_put(struct import_sink *sink, struct import_source *source,
			   const struct import_message *m, bool *taken_out)
{
	struct slice piece = SLICE_EMPTY;
	bool has_answered = false;
	enum err err = remote_offer(sink, m);
	if (!err)
		err = remote_answer(sink, "want", "have", taken_out);
	has_answered = err && *sink->why;
	while (!err && *taken_out) {
		err = import_source_read(source, &piece);
		if (err)
			return err;
		if (piece.len == 0)
			break;
		err = remote_send(sink->fd, piece);
	}
	if (err && !has_answered)
		err = remote_answer(sink, "", "", &has_answered);
	return err;
}

static enum err remote_done(struct import_sink *sink)
{
	bool is_done = false;
	enum err err = remote_send_netstring(sink->fd, SLICE_EMPTY);
	return err ? err : remote_answer(sink, "done", "done", &is_done);
}

/* --- either -------------------------------------------------------------------------------------- */

enum err import_sink_open(const struct cli *cli, const char *user, struct import_sink **sink_out)
{
	struct import_sink *sink = calloc(1, sizeof(*sink));
	*sink_out = sink;
	if (!sink) {
		fputs("surel: out of memory\n", stderr);
		return ERR_NOMEM;
	}
	enum err err;
	if (control_connect(cli->data_dir, &sink->fd))
		err = local_open(sink, cli, user);
	else if ((err = remote_open(sink, user)))
		fputs("surel: the daemon has gone away\n", stderr);
	if (err)
		import_sink_close(sink_out);
	return err;
}

enum err import_sink_put(struct import_sink *sink, struct import_source *source,
			 const struct import_message *m, bool *taken_out)
{
	return sink->fd >= 0 ? remote_put(sink, source, m, taken_out)
			     : local_put(sink, source, m, taken_out);
}

enum err import_sink_done(struct import_sink *sink)
{
	return sink->fd >= 0 ? remote_done(sink) : local_done(sink);
}

const char *import_sink_why(const struct import_sink *sink)
{
	return sink->why;
}

void import_sink_close(struct import_sink **sink)
{
	struct import_sink *s = *sink;
	*sink = NULL;
	if (!s)
		return;
	import_target_free(&s->target);
	cli_place_close(&s->place);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}
