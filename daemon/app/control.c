#include "app/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/long_session.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"

enum {
	CONTROL_CONNECTIONS_MAX = 8,
	CONTROL_TIMEOUT_MS = 30000,
	CONTROL_IN_MAX_BYTES = 64 * 1024,
};

struct control {
	struct watch watch;
	struct appliance *app;
	struct list connections;
	uint32_t count;
};

struct control_connection {
	struct stream_user user; /* first */
	struct list link;
	struct control *control;
	struct stream *stream;
	struct timer deadline;
	struct waiter durable;
	struct admin_reply reply;
	struct buf text; /* what of the answer is still to be sent */
	bool is_answered;
};

/* --- the socket -------------------------------------------------------------------------------- */

/* A path of any length fits into sun_path by way of an open directory. */
static enum err control_address(const char *data_dir, int *dir_out, struct sockaddr_un *sun)
{
	*sun = (struct sockaddr_un){.sun_family = AF_UNIX};
	*dir_out = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir_out < 0)
		return ERR_NOT_FOUND;
	snprintf(sun->sun_path, sizeof(sun->sun_path), "/proc/self/fd/%d/control", *dir_out);
	return ERR_NONE;
}

static int control_socket(const char *data_dir, bool to_listen)
{
	struct sockaddr_un sun;
	int dir = -1;
	if (control_address(data_dir, &dir, &sun))
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | (to_listen ? SOCK_NONBLOCK : 0), 0);
	const struct sockaddr *address = (const void *)&sun;
	int rc = -1;
	if (fd >= 0 && to_listen) {
		/* The store's lock says that no other daemon is alive: what lies there is stale. */
		unlinkat(dir, "control", 0);
		mode_t mask = umask(0177);
		rc = bind(fd, address, sizeof(sun)) || listen(fd, CONTROL_CONNECTIONS_MAX) ? -1 : 0;
		umask(mask);
	} else if (fd >= 0) {
		rc = connect(fd, address, sizeof(sun));
	}
	close(dir);
	if (rc != 0 && fd >= 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* --- the daemon's side ------------------------------------------------------------------------- */

static void connection_close(struct control_connection *c)
{
	timer_cancel(&c->deadline);
	waiter_cancel(&c->durable);
	list_remove(&c->link);
	c->control->count--;
	admin_reply_free(&c->reply);
	buf_free(&c->text);
	if (c->stream)
		stream_close(&c->stream);
	free(c);
}

/* Exit code, standard output, standard error. */
static enum err reply_encode(const struct admin_reply *reply, struct buf *text)
{
	char code[16];
	snprintf(code, sizeof(code), "%d", reply->exit_code);
	enum err err = netstring_add(text, slice_str(code));
	if (!err)
		err = netstring_add(text, buf_view(&reply->out));
	return err ? err : netstring_add(text, buf_view(&reply->errors));
}

void control_answer(struct stream *stream, const struct admin_reply *reply)
{
	struct buf text;
	buf_init(&text, STREAM_SLACK_BYTES);
	enum err err = reply_encode(reply, &text);
	if (!err)
		err = stream_add(stream, buf_view(&text));
	if (err)
		log_warn(0, "control: %s", err_text(err));
	buf_free(&text);
}

/* As much as there is room for; the rest when STREAM_ROOM comes. */
static void connection_send(struct control_connection *c)
{
	enum err err = ERR_NONE;
	size_t room;
	while (!err && c->text.len && (room = stream_room(c->stream)) > 0) {
		struct slice piece = slice_upto(buf_view(&c->text), room);
		err = stream_add(c->stream, piece);
		buf_consume(&c->text, piece.len);
	}
	if (err || !c->text.len)
		connection_close(c);
}

static void connection_answer(struct control_connection *c, enum err err)
{
	c->is_answered = true;
	if (err)
		admin_fail(&c->reply, EXIT_FAILED, "not saved: %s\n", err_text(err));
	err = reply_encode(&c->reply, &c->text);
	if (err) {
		log_warn(0, "control: %s", err_text(err));
		buf_clear(&c->text);
	}
	connection_send(c);
}

static void connection_wait(struct control_connection *c)
{
	struct store *store = c->control->app->host.store; /* NULL: a tool that needs none */
	enum err err = store ? store_wait(store, c->reply.ticket, &c->durable) : ERR_NONE;
	if (err != ERR_AGAIN)
		connection_answer(c, err);
}

static void connection_on_durable(struct waiter *w)
{
	connection_wait(list_owner(w, struct control_connection, durable));
}

static enum step request_parse(struct slice whole, struct arena *arena, struct admin_request *q,
			       size_t *used_out)
{
	struct slice input = whole;
	struct slice field;
	uint64_t count = 0;
	enum step step = netstring_take(&input, 16, &field);
	if (step != STEP_DONE)
		return step;
	if (slice_u64(field, ADMIN_ARGS_MAX, &count))
		return STEP_BAD;
	for (q->count = 0; q->count < count; q->count++) {
		step = netstring_take(&input, CONTROL_IN_MAX_BYTES, &field);
		if (step != STEP_DONE)
			return step;
		q->args[q->count] = arena_str(arena, field);
		if (!q->args[q->count])
			return STEP_BAD;
	}
	*used_out = whole.len - input.len;
	return STEP_DONE;
}

/* --- long commands ------------------------------------------------------------------------------ */

/* They have a session of their own: the stream is theirs from here on, with what follows the request
 * still in it. */
static bool connection_hand_over(struct control_connection *c, const struct admin_request *request,
				 size_t used)
{
	struct stream *stream = c->stream;
	const struct long_command *const *command = long_commands;
	if (!request->count)
		return false;
	while (*command && (request->count != (*command)->words ||
			    !slice_eq_str(slice_str(request->args[0]), (*command)->verb)))
		command++;
	if (!*command)
		return false;
	c->stream = NULL;
	stream_consume(stream, used);
	long_session_start(*command, c->control->app, stream,
			   request->count > 1 ? request->args[1] : "");
	connection_close(c);
	return true;
}

static void connection_run(struct control_connection *c)
{
	struct arena arena;
	struct admin_request request = {0};
	size_t used = 0;
	arena_init(&arena, CONTROL_IN_MAX_BYTES * 2);
	enum step step = request_parse(stream_input(c->stream), &arena, &request, &used);
	if (step == STEP_DONE && connection_hand_over(c, &request, used)) {
		arena_reset(&arena);
		return;
	}
	if (step == STEP_DONE) {
		c->is_answered = true;
		admin_run(c->control->app, &request, &c->reply);
	}
	arena_reset(&arena);
	bool is_too_long = stream_input(c->stream).len >= CONTROL_IN_MAX_BYTES;
	if (step == STEP_DONE) {
		connection_wait(c);
	} else if (step == STEP_MORE && is_too_long) {
		admin_fail(&c->reply, EXIT_USAGE, "the command is too long\n");
		connection_answer(c, ERR_NONE);
	} else if (step == STEP_BAD || stream_at_eof(c->stream))
		connection_close(c);
}

static void connection_on_stream(struct stream_user *user, enum stream_event event)
{
	struct control_connection *c = (struct control_connection *)(void *)user;
	if (event == STREAM_DEAD)
		connection_close(c);
	else if (!c->is_answered)
		connection_run(c);
	else if (c->text.len)
		connection_send(c);
}

static void connection_on_deadline(struct timer *t)
{
	connection_close(list_owner(t, struct control_connection, deadline));
}

static void control_accept(struct control *control, int fd)
{
	struct appliance *app = control->app;
	struct control_connection *c = calloc(1, sizeof(*c));
	if (!c || control->count >= CONTROL_CONNECTIONS_MAX) {
		close(fd);
		free(c);
		return;
	}
	if (stream_new_fd(app->loop, fd, NULL, CONTROL_IN_MAX_BYTES, &c->stream)) {
		free(c);
		return;
	}
	c->user.on_stream = connection_on_stream;
	c->control = control;
	admin_reply_init(&c->reply);
	buf_init(&c->text, ADMIN_TEXT_MAX_BYTES + 8192);
	waiter_init(&c->durable, connection_on_durable);
	timer_init(&c->deadline, app->loop, connection_on_deadline);
	timer_set(&c->deadline, CONTROL_TIMEOUT_MS);
	list_add_tail(&control->connections, &c->link);
	control->count++;
	stream_set_user(c->stream, &c->user);
}

static void control_on_ready(struct watch *w, unsigned ready)
{
	(void)ready;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		control_accept(list_owner(w, struct control, watch), fd);
}

enum err control_open(struct appliance *a)
{
	struct control *control = calloc(1, sizeof(*control));
	if (!control)
		return ERR_NOMEM;
	control->app = a;
	a->control = control;
	list_init(&control->connections);
	control->watch =
		(struct watch){.fd = -1, .interest = WATCH_READ, .on_ready = control_on_ready};
	if (a->options.is_tool) {
		control_accept(control, a->options.tool_fd);
		return ERR_NONE;
	}
	control->watch.fd = control_socket(a->data_dir, true);
	enum err err = control->watch.fd < 0 ? ERR_IO : watch_add(a->loop, &control->watch);
	if (err)
		control_close(a);
	return err;
}

void control_close(struct appliance *a)
{
	struct control *control = a->control;
	a->control = NULL;
	if (!control)
		return;
	list_for_each (node, &control->connections)
		connection_close(list_owner(node, struct control_connection, link));
	watch_remove(&control->watch);
	if (control->watch.fd >= 0) {
		char path[sizeof(a->data_dir) + 16];
		close(control->watch.fd);
		if (!file_join(path, sizeof(path), a->data_dir, "control"))
			unlink(path);
	}
	free(control);
}

enum err control_connect(const char *data_dir, int *fd_out)
{
	*fd_out = control_socket(data_dir, false);
	return *fd_out < 0 ? ERR_NOT_FOUND : ERR_NONE;
}
