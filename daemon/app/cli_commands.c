#include "app/cli_commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/cli_password.h"
#include "base/secret.h"

const struct cli_command tool_get = {"get", cli_forward, "get [KEY] [--user NAME]", CLI_TAKES_DATA};
const struct cli_command tool_status = {"status", cli_forward, "status [--json]", CLI_TAKES_DATA};

/* --- user --------------------------------------------------------------------------------------- */

/* What is set where the user is added: asked of the daemon, or read from the file. */
static uint32_t password_iterations(const struct cli *cli)
{
	struct admin_request q = {.args = {"get", "auth.iterations"}, .count = 2};
	struct admin_reply reply;
	struct settings defaults;
	uint32_t iterations = 0;
	settings_init(&defaults);
	admin_reply_init(&reply);
	if (cli_ask(cli, &q, &reply) || slice_u32(slice_trim(buf_view(&reply.out)), &iterations))
		iterations = (uint32_t)defaults.auth_iterations;
	admin_reply_free(&reply);
	return iterations;
}

/* Asks for a password and passes its verifier on as the last word of the request. */
static int send_password(const struct cli *cli, struct admin_request *q)
{
	char password[PASSWORD_MAX_BYTES + 1];
	struct buf verifier;
	int exit_code = EXIT_FAILED;
	buf_init(&verifier, 512);
	uint8_t salt[16];
	secret_random(salt, sizeof(salt));
	if (password_ask(password)) {
		enum err err =
			password_verifier(password, salt, password_iterations(cli), &verifier);
		q->args[q->count++] = (const char *)verifier.bytes;
		if (err == ERR_SYNTAX)
			cli_complain("a password holds no control characters");
		else if (err)
			cli_complain("%s", err_text(err));
		else
			exit_code = cli_run(cli, q);
	}
	secret_wipe(password, sizeof(password));
	buf_wipe(&verifier);
	return exit_code;
}

static int user_with_password(const struct cli *cli)
{
	struct admin_request q = {.args = {"user", cli->args[1], cli->args[2]}, .count = 3};
	if (!user_name_check(slice_str(cli->args[2])))
		return send_password(cli, &q);
	cli_complain(USER_NAME_RULE, cli->args[2], USER_NAME_MAX_BYTES);
	return EXIT_USAGE;
}

static bool cli_is(const struct cli *cli, size_t at, const char *word)
{
	return at < cli->count && strcmp(cli->args[at], word) == 0;
}

static int cli_user(struct cli *cli)
{
	if (cli->count == 3 && (cli_is(cli, 1, "add") || cli_is(cli, 1, "passwd")))
		return user_with_password(cli);
	if (cli->count == 5 && cli_is(cli, 1, "device") && cli_is(cli, 2, "add"))
		return cli_device_add(cli);
	return cli_forward(cli);
}
const struct cli_command tool_user = {"user", cli_user,
				      "user add NAME | passwd NAME | del NAME [--keep-mail] | "
				      "list | device add|del NAME LABEL |\n"
				      "             device list NAME",
				      CLI_TAKES_DATA};

static int cli_admin(struct cli *cli)
{
	struct admin_request q = {.args = {"admin", "passwd"}, .count = 2};
	return cli->count == 2 && cli_is(cli, 1, "passwd") ? send_password(cli, &q)
							   : cli_usage(cli);
}
const struct cli_command tool_admin = {"admin", cli_admin, "admin passwd", CLI_TAKES_DATA};

/* --- set ---------------------------------------------------------------------------------------- */

static void set_explain(const struct setting *row)
{
	enum lang lang = cli_language();
	const char *about = setting_help(row, lang);
	struct buf text;
	buf_init(&text, 1024);
	if (!setting_describe(row, lang, &text))
		printf("%s\n%s%s%s  " SLICE_FMT "%s%s\n", row->key, *about ? "  " : "", about,
		       *about ? ".\n" : "", SLICE_ARG(buf_view(&text)),
		       row->scope == SETTING_USER ? "; --user NAME" : "",
		       !row->needs_restart ? ""
		       : lang == LANG_ID   ? "; berlaku setelah Surel dijalankan ulang"
					   : "; takes effect at the next start");
	buf_free(&text);
}

static int cli_set(struct cli *cli)
{
	if (!cli_flag(cli, "--help"))
		return cli_forward(cli);
	if (cli->count == 1)
		puts("usage: surel set KEY VALUE [--user NAME]\n");
	bool is_found = false;
	for (size_t i = 0; i < setting_count; i++)
		if (cli->count == 1 || cli_is(cli, 1, setting_table[i].key)) {
			set_explain(&setting_table[i]);
			is_found = true;
		}
	if (!is_found)
		cli_complain("no setting %s", cli->args[1]);
	return is_found ? EXIT_OK : EXIT_FAILED;
}
const struct cli_command tool_set = {"set", cli_set,
				     "set KEY VALUE [--user NAME] | set --unset KEY [--user NAME]",
				     CLI_EXPLAINS_ITSELF};
