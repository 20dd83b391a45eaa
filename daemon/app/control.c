#include "app/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/long_session.h"
#include "base/arena.h"
#include "base/log.h"

enum {
	CONTROL_CONNECTIONS_MAX = 8,
	CONTROL_TIMEOUT_MS = 30000,
	CONTROL_IN_MAX_BYTES = 64 * 1024,
};

/* A command that is over at once. */
struct plain_session {
	struct long_session base; /* first */
	struct admin_reply reply;
	bool is_asked, is_answered;
	struct buf text; /* what of the answer is still to be sent */
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

static struct plain_session *session_of(struct long_session *s)
{
	return (struct plain_session *)(void *)s;
}

static void plain_free(struct long_session *base)
{
	base->errand.app->control_count--;
	admin_reply_free(&session_of(base)->reply);
	buf_free(&session_of(base)->text);
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

/* A long command has a session of its own: the stream is its from here on, with what follows the request
 * still in it. */
static bool plain_hand_over(struct plain_session *p, const struct admin_request *request)
{
	const struct long_command *const *command = long_commands;
	struct stream *stream = p->base.stream;
	if (!request->count)
		return false;
	while (*command && (request->count != (*command)->words ||
			    strcmp(request->args[0], (*command)->verb) != 0))
		command++;
	if (!*command)
		return false;
	p->base.stream = NULL;
	long_session_start(*command, p->base.errand.app, stream,
			   request->count > 1 ? request->args[1] : "");
	return true;
}

static enum step plain_ask(struct plain_session *p)
{
	struct stream *stream = p->base.stream;
	struct arena arena;
	struct admin_request request = {0};
	size_t used = 0;
	arena_init(&arena, CONTROL_IN_MAX_BYTES * 2);
	enum step step = request_parse(stream_input(stream), &arena, &request, &used);
	if (step == STEP_DONE) {
		stream_consume(stream, used);
		if (plain_hand_over(p, &request))
			step = STEP_BAD;
		else
			admin_run(p->base.errand.app, &request, &p->reply);
	} else if (step == STEP_MORE && stream_input(stream).len >= CONTROL_IN_MAX_BYTES) {
		admin_fail(&p->reply, EXIT_USAGE, "the command is too long");
		step = STEP_DONE;
	}
	arena_reset(&arena);
	p->is_asked = step == STEP_DONE;
	return step;
}

static enum step plain_answer(struct plain_session *p)
{
	struct store *store = p->base.errand.app->host.store; /* NULL: a tool that needs none */
	enum err err =
		store ? store_wait(store, p->reply.ticket, &p->base.errand.waiter) : ERR_NONE;
	if (err == ERR_AGAIN)
		return STEP_MORE;
	if (err)
		admin_fail(&p->reply, EXIT_FAILED, "not saved: %s", err_text(err));
	p->is_answered = true;
	return reply_encode(&p->reply, &p->text) ? STEP_BAD : STEP_DONE;
}

static enum step plain_step(struct long_session *base)
{
	struct plain_session *p = session_of(base);
	if (!p->is_asked)
		return plain_ask(p);
	if (!p->is_answered)
		return plain_answer(p);
	struct slice piece = slice_upto(buf_view(&p->text), stream_room(base->stream));
	if (!piece.len)
		return p->text.len ? STEP_MORE : STEP_BAD;
	enum err err = stream_add(base->stream, piece);
	buf_consume(&p->text, piece.len);
	return err ? STEP_BAD : STEP_DONE;
}

static void plain_stop(struct long_session *base, const char *why)
{
	(void)base;
	(void)why; /* it is over at once, or nothing was asked yet */
}

static enum step plain_begin(struct long_session *base, const char *word)
{
	struct plain_session *p = session_of(base);
	(void)word;
	admin_reply_init(&p->reply);
	buf_init(&p->text, ADMIN_TEXT_MAX_BYTES + 8192);
	return ++base->errand.app->control_count > CONTROL_CONNECTIONS_MAX ? STEP_BAD : STEP_DONE;
}

static const struct long_command plain_command = {.verb = "control",
						  .bytes = sizeof(struct plain_session),
						  .idle_ms = CONTROL_TIMEOUT_MS,
						  .begin = plain_begin,
						  .step = plain_step,
						  .stop = plain_stop,
						  .free = plain_free};

static void control_accept(struct appliance *a, int fd)
{
	struct stream *stream;
	if (!stream_new_fd(a->loop, fd, NULL, CONTROL_IN_MAX_BYTES, &stream))
		long_session_start(&plain_command, a, stream, "");
}

static void control_on_ready(struct watch *w, unsigned ready)
{
	(void)ready;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		control_accept(list_owner(w, struct appliance, control), fd);
}

enum err control_open(struct appliance *a)
{
	if (a->options.is_tool) {
		control_accept(a, a->options.tool_fd);
		return ERR_NONE;
	}
	int fd = control_socket(a->data_dir, true);
	a->control = (struct watch){.fd = fd, .interest = WATCH_READ, .on_ready = control_on_ready};
	enum err err = fd < 0 ? ERR_IO : watch_add(a->loop, &a->control);
	if (err && fd >= 0)
		close(fd);
	return err;
}

void control_close(struct appliance *a)
{
	if (!a->control.loop)
		return;
	watch_remove(&a->control);
	close(a->control.fd);
	unlink(appliance_path(a, "control"));
}

enum err control_connect(const char *data_dir, int *fd_out)
{
	*fd_out = control_socket(data_dir, false);
	return *fd_out < 0 ? ERR_NOT_FOUND : ERR_NONE;
}
