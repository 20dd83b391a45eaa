/* Asking the daemon, and printing what it says. */
#include <stdio.h>

#include "app/cli_commands.h"
#include "app/tool_link.h"

static enum err cli_exchange(const struct cli *cli, const struct admin_request *request,
			     struct admin_reply *reply, struct tool_link *link)
{
	struct slice text;
	uint32_t code = 0;
	enum err err = link_open(cli, request, link);
	if (!err)
		err = link_receive(link, &text);
	if (!err)
		err = slice_u32(text, &code);
	if (!err)
		err = link_receive(link, &text);
	if (!err)
		err = buf_add_slice(&reply->out, text);
	if (!err)
		err = link_receive(link, &text);
	reply->exit_code = (int)code;
	return err ? err : buf_add_slice(&reply->errors, text);
}

int cli_ask(const struct cli *cli, const struct admin_request *request, struct admin_reply *reply)
{
	struct tool_link link;
	if (cli_exchange(cli, request, reply, &link))
		reply->exit_code = EXIT_FAILED;
	link_close(&link);
	if (reply->errors.len)
		fprintf(stderr, "surel: " SLICE_FMT, SLICE_ARG(buf_view(&reply->errors)));
	return reply->exit_code;
}

int cli_run(const struct cli *cli, const struct admin_request *request)
{
	struct admin_reply reply;
	admin_reply_init(&reply);
	int exit_code = cli_ask(cli, request, &reply);
	if (reply.out.len)
		fwrite(reply.out.bytes, 1, reply.out.len, stdout);
	if (exit_code == EXIT_USAGE)
		cli_usage(cli);
	admin_reply_free(&reply);
	return exit_code;
}

int cli_forward(struct cli *cli)
{
	struct admin_request q = {.count = cli->count};
	if (cli->count > ADMIN_ARGS_MAX)
		return cli_usage(cli);
	for (size_t i = 0; i < cli->count; i++) {
		q.args[i] = cli->args[i];
		if (strlen(q.args[i]) > ADMIN_ARG_MAX_BYTES) {
			cli_complain("word %zu of the command is too long", i + 1);
			return EXIT_USAGE;
		}
	}
	return cli_run(cli, &q);
}
