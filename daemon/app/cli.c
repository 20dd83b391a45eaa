#include "app/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/cli_commands.h"
#include "app/control.h"
#include "app/help.h"
#include "base/file.h"
#include "base/log.h"
#include "options.h"
#include "store/store_ops.h"

#define DEFAULT_DATA_DIR "/var/lib/surel"

enum { HELP_COLUMNS = 90 };

static const struct cli_command *cli_find(const char *name)
{
	const struct cli_command *const *c = cli_commands;
	while (*c && strcmp((*c)->name, name) != 0)
		c++;
	return *c;
}

enum lang cli_language(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return slice_starts(slice_str(value), SLICE_LIT("id")) ? LANG_ID : LANG_EN;
	}
	return LANG_EN;
}

static void cli_print_wrapped(struct slice text)
{
	int column = 0;
	while (text.len) {
		struct slice word = slice_word(&text);
		bool is_next = column + (int)word.len >= HELP_COLUMNS;
		printf("%s" SLICE_FMT, !column ? "" : is_next ? "\n" : " ", SLICE_ARG(word));
		column = (is_next ? 0 : column + 1) + (int)word.len;
	}
	putchar('\n');
}

static int cli_explain(const struct cli_command *c)
{
	const char *help = help_text(cli_language(), "command", c->name);
	printf("usage: surel %s\n", c->usage);
	if (*help) {
		putchar('\n');
		cli_print_wrapped(slice_str(help));
	}
	if (c->has_options)
		puts("\nOptions: --data DIR (default " DEFAULT_DATA_DIR
		     ", or $SUREL_DATA), --config FILE");
	return EXIT_OK;
}

static int cli_help(const struct cli *cli)
{
	const struct cli_command *c = cli->count > 1 ? cli_find(cli->args[1]) : NULL;
	if (c)
		return cli_explain(c);
	puts("Surel " SUREL_VERSION ", a mail appliance: POP3 and IMAP from flash.\n");
	for (const struct cli_command *const *known = cli_commands; *known; known++)
		printf("  surel %s\n", (*known)->usage);
	puts("\n`surel help COMMAND` explains one. Commands take --data DIR; "
	     "default " DEFAULT_DATA_DIR ",\nor what the variable SUREL_DATA says.");
	return cli->count > 1 ? EXIT_USAGE : EXIT_OK;
}
const struct cli_command tool_help = {"help", cli_help, "help [COMMAND]", false};

/* --- the files, without a daemon --------------------------------------------------------------- */

static enum err place_open_store(const struct cli *cli, struct cli_place *p)
{
	char path[1024];
	enum err err = file_join(path, sizeof(path), cli->data_dir, "mail");
	if (!err)
		err = file_make_dir(path, 0700);
	if (err)
		return err;
	struct store_config config = {.path = path,
				      .runner = &job_inline,
				      .read_only = file_is_read_only(cli->data_dir),
				      .deflate = (int)p->conf.settings.store_deflate};
	const struct store_ops *ops = store_backend_find(settings_backend(&p->conf.settings));
	return ops ? store_open(ops, &config, &p->place.store) : ERR_UNSUPPORTED;
}

static enum err place_open(const struct cli *cli, bool with_store, struct cli_place *p,
			   struct buf *why)
{
	char users[1024];
	enum err err = file_make_dir(cli->data_dir, 0700);
	if (!err && cli->config_path)
		err = slice_to_str(slice_str(cli->config_path), p->config_path,
				   sizeof(p->config_path));
	else if (!err)
		err = file_join(p->config_path, sizeof(p->config_path), cli->data_dir,
				"surel.conf");
	if (!err)
		err = conf_load(p->config_path, &p->conf, why);
	if (!err)
		err = file_join(users, sizeof(users), cli->data_dir, "users");
	if (!err)
		err = users_open(users, &p->place.users);
	return err || !with_store ? err : place_open_store(cli, p);
}

enum err cli_place_open(const struct cli *cli, bool with_store, struct cli_place **place_out)
{
	struct cli_place *p = calloc(1, sizeof(*p));
	struct buf why;
	*place_out = p;
	if (!p)
		return ERR_NOMEM;
	buf_init(&why, 1024);
	conf_init(&p->conf);
	p->place.settings = &p->conf.settings;
	p->place.overrides = &p->conf.overrides;
	p->place.config_path = p->config_path;
	p->place.data_dir = cli->data_dir;
	enum err err = place_open(cli, with_store, p, &why);
	if (err && why.len)
		fprintf(stderr, "surel: %s: " SLICE_FMT "\n", p->config_path,
			SLICE_ARG(buf_view(&why)));
	else if (err == ERR_IN_USE)
		fprintf(stderr, "surel: %s is in use by another process\n", cli->data_dir);
	else if (err)
		fprintf(stderr, "surel: %s: %s\n", cli->data_dir, err_text(err));
	buf_free(&why);
	if (err)
		cli_place_close(place_out);
	return err;
}

void cli_place_close(struct cli_place **place)
{
	struct cli_place *p = *place;
	*place = NULL;
	if (!p)
		return;
	if (p->place.store)
		store_close(&p->place.store);
	users_close(&p->place.users);
	conf_free(&p->conf);
	free(p);
}

static void run_offline(const struct cli *cli, const struct admin_request *q,
			struct admin_reply *reply)
{
	struct cli_place *p = NULL;
	if (cli_place_open(cli, admin_needs_store(q), &p)) {
		reply->exit_code = EXIT_FAILED;
		return;
	}
	admin_run(&p->place, q, reply);
	enum err err = ERR_NONE;
	while (p->place.store &&
	       (err = store_wait(p->place.store, reply->ticket, NULL)) == ERR_AGAIN)
		store_turn(p->place.store, false);
	if (err)
		admin_fail(reply, EXIT_FAILED, "not saved: %s\n", err_text(err));
	cli_place_close(&p);
}

int cli_ask(const struct cli *cli, const struct admin_request *request, struct admin_reply *reply)
{
	int fd = -1;
	if (control_connect(cli->data_dir, &fd) == ERR_NONE) {
		enum err err = control_ask(fd, request, reply);
		close(fd);
		if (err)
			admin_fail(reply, EXIT_FAILED, "the daemon does not answer: %s\n",
				   err_text(err));
	} else {
		run_offline(cli, request, reply);
	}
	return reply->exit_code;
}

int cli_run(const struct cli *cli, const struct admin_request *request)
{
	struct admin_reply reply;
	admin_reply_init(&reply);
	cli_ask(cli, request, &reply);
	if (reply.out.len)
		fwrite(reply.out.bytes, 1, reply.out.len, stdout);
	if (reply.errors.len) {
		fputs("surel: ", stderr);
		fwrite(reply.errors.bytes, 1, reply.errors.len, stderr);
	}
	int exit_code = reply.exit_code;
	admin_reply_free(&reply);
	return exit_code;
}

/* --- options ------------------------------------------------------------------------------------ */

/* Takes "--name VALUE" or "--name=VALUE" at args[*at]; moves *at to its last word. */
static bool option_take(const char *name, int argc, char **argv, int *at, const char **value_out)
{
	struct slice arg = slice_str(argv[*at]), option = slice_str(name);
	if (slice_eq(arg, option) && *at + 1 < argc) {
		*value_out = argv[++*at];
		return true;
	}
	if (slice_starts(arg, option) && arg.len > option.len && arg.ptr[option.len] == '=') {
		*value_out = argv[*at] + option.len + 1;
		return true;
	}
	return false;
}

static int cli_dispatch(const struct cli *cli)
{
	const struct cli_command *c = cli_find(cli->args[0]);
	if (!c) {
		fprintf(stderr, "surel: no command %s; `surel help` lists them\n", cli->args[0]);
		return EXIT_USAGE;
	}
	bool wants_help = false;
	for (size_t i = 1; i < cli->count; i++)
		wants_help |= strcmp(cli->args[i], "--help") == 0;
	if (wants_help && c != &tool_set)
		return cli_explain(c);
	return c->run(cli);
}

int cli_usage(const struct cli *cli)
{
	const struct cli_command *c = cli_find(cli->args[0]);
	fprintf(stderr, "usage: surel %s\n", c ? c->usage : "help");
	return EXIT_USAGE;
}

int cli_main(int argc, char **argv)
{
	const char *env = getenv("SUREL_DATA"), *slash = strrchr(argv[0], '/');
	const char *args[64];
	struct cli cli = {.data_dir = env && *env ? env : DEFAULT_DATA_DIR, .args = args};
	if (strcmp(slash ? slash + 1 : argv[0], "sureld") == 0)
		args[cli.count++] = "daemon";
	for (int i = 1; i < argc; i++) {
		if (option_take("--data", argc, argv, &i, &cli.data_dir) ||
		    option_take("--config", argc, argv, &i, &cli.config_path))
			continue;
		if (strcmp(argv[i], "--data") == 0 || strcmp(argv[i], "--config") == 0) {
			fprintf(stderr, "surel: %s needs a path behind it\n", argv[i]);
			return EXIT_USAGE;
		}
		if (cli.count == sizeof(args) / sizeof(args[0])) {
			fputs("surel: too many arguments\n", stderr);
			return EXIT_USAGE;
		}
		args[cli.count++] = argv[i];
	}
	if (cli.count && strcmp(args[0], "--version") == 0)
		return tool_version.run(&cli);
	if (cli.count == 0 || strcmp(args[0], "--help") == 0 || strcmp(args[0], "-h") == 0) {
		cli.count = cli.count ? 1 : 0;
		cli_help(&cli);
		return cli.count ? EXIT_OK : EXIT_USAGE;
	}
	log_open(LOG_TO_STDERR, strcmp(args[0], "daemon") == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARN);
	return cli_dispatch(&cli);
}
