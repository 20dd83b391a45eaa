#include "app/cli_commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/cli_password.h"
#include "app/system.h"
#include "base/log.h"
#include "base/secret.h"
#include "options.h"
#include "proto/sasl.h"

static int cli_version(const struct cli *cli)
{
	(void)cli;
	puts("surel " SUREL_VERSION);
	return EXIT_OK;
}
const struct cli_command tool_version = {"version", cli_version, "version", false};

int cli_forward(const struct cli *cli)
{
	struct admin_request q = {.count = cli->count};
	if (cli->count > ADMIN_ARGS_MAX)
		return cli_usage(cli);
	for (size_t i = 0; i < cli->count; i++) {
		q.args[i] = cli->args[i];
		if (strlen(q.args[i]) > ADMIN_ARG_MAX_BYTES) {
			fprintf(stderr, "surel: word %zu of the command is too long\n", i + 1);
			return EXIT_USAGE;
		}
	}
	return cli_run(cli, &q);
}

const struct cli_command tool_get = {"get", cli_forward, "get [KEY] [--user NAME]", true};
const struct cli_command tool_status = {"status", cli_forward, "status [--json]", true};

/* --- daemon ------------------------------------------------------------------------------------- */

static bool daemon_option(const struct cli *cli, size_t *at, struct appliance_options *o)
{
	const char *arg = cli->args[*at];
	const char *value = *at + 1 < cli->count ? cli->args[*at + 1] : NULL;
	uint64_t number = 0;
	if (strcmp(arg, "--foreground") == 0)
		return true; /* the daemon always stays; supervisors want it so */
	if (strcmp(arg, "--syslog") == 0) {
		log_open(LOG_TO_SYSLOG, LOG_LEVEL_INFO);
		return true;
	}
	if (strcmp(arg, "--rescue") == 0)
		return o->is_rescue = system_is_built_in;
	if (!value)
		return false;
	++*at;
	if (strcmp(arg, "--system") == 0) {
		o->system_dir = value;
		return system_is_built_in;
	}
	if (strcmp(arg, "--port-base") == 0) {
		if (slice_u64(slice_str(value), 64000, &number))
			return false;
		o->port_base = (uint16_t)number;
		return true;
	}
	if (strcmp(arg, "--listen") != 0 || o->listen_count == LISTEN_ADDRESSES_MAX)
		return false;
	struct net_address address;
	if (net_address_parse(value, 0, &address)) {
		fprintf(stderr, "surel: --listen %s: not an address, such as 192.0.2.1 or ::1\n",
			value);
		return false;
	}
	o->listen[o->listen_count++] = value;
	return true;
}

static int cli_daemon(const struct cli *cli)
{
	struct appliance_options o = {.data_dir = cli->data_dir, .config_path = cli->config_path};
	for (size_t i = 1; i < cli->count; i++)
		if (!daemon_option(cli, &i, &o))
			return cli_usage(cli);
	if (o.is_rescue && !o.system_dir)
		return cli_usage(cli);
	return appliance_run(&o) ? EXIT_FAILED : EXIT_OK;
}
const struct cli_command tool_daemon = {
	"daemon", cli_daemon,
	"daemon --data DIR [--port-base N] [--listen ADDR]... [--config FILE] [--foreground] "
	"[--syslog] [--system DIR [--rescue]]",
	false};

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

static enum err password_stretch(const struct cli *cli, const char *password, struct buf *text)
{
	uint8_t salt[16];
	struct scram_verifier v;
	secret_random(salt, sizeof(salt));
	enum err err = scram_make_verifier(slice_str(password), salt, password_iterations(cli), &v);
	if (!err)
		err = user_verifier_print(&v, text);
	if (!err)
		err = buf_add_byte(text, 0);
	secret_wipe(&v, sizeof(v));
	return err;
}

/* Asks for a password and passes its verifier on as the last word of the request. */
static int send_password(const struct cli *cli, struct admin_request *q)
{
	char password[PASSWORD_MAX_BYTES + 1];
	struct buf verifier;
	int exit_code = EXIT_FAILED;
	buf_init(&verifier, 512);
	if (password_ask(password)) {
		enum err err = password_stretch(cli, password, &verifier);
		q->args[q->count++] = (const char *)verifier.bytes;
		if (err == ERR_SYNTAX)
			fputs("surel: a password holds no control characters\n", stderr);
		else if (err)
			fprintf(stderr, "surel: %s\n", err_text(err));
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
	fprintf(stderr,
		"surel: %s: a user name is made of letters a-z, digits, . _ and -, optionally with "
		"@domain\n",
		cli->args[2]);
	return EXIT_USAGE;
}

static int cli_user(const struct cli *cli)
{
	const char *noun = cli->count > 1 ? cli->args[1] : "";
	if ((strcmp(noun, "add") == 0 || strcmp(noun, "passwd") == 0) && cli->count == 3)
		return user_with_password(cli);
	if (strcmp(noun, "device") == 0)
		return cli_user_device(cli);
	bool is_del = strcmp(noun, "del") == 0 && (cli->count == 3 || cli->count == 4);
	bool is_list = strcmp(noun, "list") == 0 && cli->count == 2;
	return is_del || is_list ? cli_forward(cli) : cli_usage(cli);
}
const struct cli_command tool_user = {"user", cli_user,
				      "user add NAME | passwd NAME | del NAME [--keep-mail] | "
				      "list | device add|del NAME LABEL |\n"
				      "             device list NAME",
				      true};

static int cli_admin(const struct cli *cli)
{
	struct admin_request q = {.args = {"admin", "passwd"}, .count = 2};
	bool is_passwd = cli->count == 2 && strcmp(cli->args[1], "passwd") == 0;
	return is_passwd ? send_password(cli, &q) : cli_usage(cli);
}
const struct cli_command tool_admin = {"admin", cli_admin, "admin passwd", true};

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

static int cli_set(const struct cli *cli)
{
	bool wants_help = cli->count > 1 && strcmp(cli->args[1], "--help") == 0;
	if (wants_help && cli->count == 3) {
		const struct setting *row = setting_find(slice_str(cli->args[2]));
		if (!row) {
			fprintf(stderr, "surel: no setting %s\n", cli->args[2]);
			return EXIT_FAILED;
		}
		set_explain(row);
		return EXIT_OK;
	}
	if (wants_help) {
		puts("usage: surel set KEY VALUE [--user NAME]\n");
		for (size_t i = 0; i < setting_count; i++)
			set_explain(&setting_table[i]);
		return EXIT_OK;
	}
	return cli->count >= 3 && cli->count <= 5 ? cli_forward(cli) : cli_usage(cli);
}
const struct cli_command tool_set = {
	"set", cli_set, "set KEY VALUE [--user NAME] | set --unset KEY [--user NAME]", true};
