#include <stdio.h>
#include <unistd.h>

#include "app/cli_commands.h"
#include "app/system.h"
#include "base/log.h"
#include "options.h"

static int cli_version(struct cli *cli)
{
	(void)cli;
	dprintf(STDOUT_FILENO, "surel " SUREL_VERSION "\n");
	return EXIT_OK;
}
const struct cli_command tool_version = {"version", cli_version, "version", CLI_PLAIN};

static bool daemon_port(struct cli *cli, const char *name, uint16_t max, uint16_t *port)
{
	const char *value = cli_value(cli, name);
	uint64_t number = 0;
	if (value && slice_u64(slice_str(value), max, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool daemon_addresses(struct cli *cli, struct appliance_options *o)
{
	const char *value;
	struct net_address address;
	while ((value = cli_value(cli, "--listen"))) {
		if (o->listen_count == LISTEN_ADDRESSES_MAX)
			return false;
		if (net_address_parse(value, 0, &address)) {
			cli_complain("--listen %s: not an address, such as 192.0.2.1 or ::1",
				     value);
			return false;
		}
		o->listen[o->listen_count++] = value;
	}
	return true;
}

static int cli_daemon(struct cli *cli)
{
	struct appliance_options o = {.data_dir = cli->data_dir,
				      .config_path = cli->config_path,
				      .system_dir = cli_value(cli, "--system"),
				      .is_rescue = cli_flag(cli, "--rescue")};
	cli_flag(cli, "--foreground"); /* it always stays; supervisors want it so */
	if (cli_flag(cli, "--syslog"))
		log_open(LOG_TO_SYSLOG, LOG_LEVEL_INFO);
	if (!daemon_port(cli, "--port-base", 64000, &o.port_base) ||
	    !daemon_port(cli, "--page-port", UINT16_MAX, &o.page_port) ||
	    !daemon_port(cli, "--page-tls-port", UINT16_MAX, &o.page_tls_port) ||
	    !daemon_addresses(cli, &o) || cli->count != 1 || (o.is_rescue && !o.system_dir) ||
	    (o.system_dir && !system_is_built_in))
		return cli_usage(cli);
	enum err err = appliance_run(&o);
	/* A board has nobody who reads its log: a page says what is wrong. */
	if (err && o.failed_at && o.system_dir && !o.is_rescue) {
		o.is_rescue = true;
		err = appliance_run(&o);
	}
	return err ? EXIT_FAILED : EXIT_OK;
}
const struct cli_command tool_daemon = {
	"daemon", cli_daemon,
	"daemon --data DIR [--port-base N] [--page-port N] [--page-tls-port N]\n"
	"             [--listen ADDR]... [--config FILE] [--foreground] [--syslog]\n"
	"             [--system DIR [--rescue]]",
	CLI_PLAIN};
