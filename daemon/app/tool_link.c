#include "app/tool_link.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINK_PIECE_BYTES = 16 * 1024, LINK_IN_MAX_BYTES = ADMIN_TEXT_MAX_BYTES + 64 * 1024 };

static enum err link_gone(const struct tool_link *link)
{
	if (!link->own)
		cli_complain("the daemon has gone away");
	return ERR_CLOSED;
}

/* --- a daemon of our own ------------------------------------------------------------------------ */

static void own_run(const struct cli *cli, bool needs_store, pid_t tool, int fd)
{
	struct appliance_options options = {.data_dir = cli->data_dir,
					    .config_path = cli->config_path,
					    .is_tool = true,
					    .tool_fd = fd,
					    .without_store = !needs_store};
	enum err err = ERR_CLOSED;
	/* A tool that is killed takes it along. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == tool)
		err = appliance_run(&options);
	_exit(err ? EXIT_FAILED : EXIT_OK);
}

static enum err own_start(const struct cli *cli, bool needs_store, struct tool_link *link)
{
	int pair[2];
	pid_t tool = getpid();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return ERR_IO;
	link->fd = pair[0];
	pid_t own = fork();
	if (own == 0) {
		close(pair[0]);
		fcntl(pair[1], F_SETFL, O_NONBLOCK);
		own_run(cli, needs_store, tool, pair[1]);
	}
	close(pair[1]);
	link->own = own > 0 ? own : 0;
	return own > 0 ? ERR_NONE : ERR_NOMEM;
}

/* --- either ------------------------------------------------------------------------------------- */

enum err link_send(struct tool_link *link, struct slice bytes)
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

enum err link_send_netstring(struct tool_link *link, struct slice text)
{
	struct buf out;
	buf_init(&out, (size_t)2 * LINK_PIECE_BYTES);
	enum err err = netstring_add(&out, text);
	if (!err)
		err = link_send(link, buf_view(&out));
	buf_wipe(&out);
	return err;
}

enum err link_open(const struct cli *cli, const struct admin_request *request,
		   struct tool_link *link)
{
	char count[16];
	*link = (struct tool_link){.is_open = true};
	buf_init(&link->in, LINK_IN_MAX_BYTES);
	enum err err = control_connect(cli->data_dir, &link->fd);
	if (err)
		err = own_start(cli, admin_needs_store(request), link);
	snprintf(count, sizeof(count), "%zu", request->count);
	if (!err)
		err = link_send_netstring(link, slice_str(count));
	for (size_t i = 0; i < request->count && !err; i++)
		err = link_send_netstring(link, slice_str(request->args[i]));
	return err ? link_gone(link) : ERR_NONE;
}

enum err link_receive(struct tool_link *link, struct slice *text_out)
{
	buf_consume(&link->in, link->taken);
	link->taken = 0;
	for (;;) {
		struct slice rest = buf_view(&link->in);
		uint8_t *room;
		enum step step = netstring_take(&rest, ADMIN_TEXT_MAX_BYTES, text_out);
		link->taken = link->in.len - rest.len;
		if (step == STEP_DONE)
			return ERR_NONE;
		if (step == STEP_BAD || buf_reserve(&link->in, LINK_PIECE_BYTES, &room))
			return link_gone(link);
		ssize_t got = recv(link->fd, room, LINK_PIECE_BYTES, 0);
		if (got == 0 || (got < 0 && errno != EINTR))
			return link_gone(link);
		buf_commit(&link->in, got > 0 ? (size_t)got : 0);
	}
}

void link_close(struct tool_link *link)
{
	if (!link->is_open)
		return;
	link->is_open = false;
	buf_wipe(&link->in);
	close(link->fd);
	/* What was acknowledged is durable; it still has to let go of the store. */
	if (link->own && kill(link->own, SIGTERM) == 0)
		waitpid(link->own, NULL, 0);
}
