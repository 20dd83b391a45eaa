#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli_commands.h"
#include "app/control.h"
#include "base/file.h"
#include "store/store_tool.h"

static void check_say(void *arg, const char *line)
{
	(void)arg;
	puts(line);
}

static void check_print(const struct journal_check *found)
{
	printf("%llu accounts, %llu mailboxes, %llu messages, %llu KiB in %llu segments\n",
	       (unsigned long long)found->accounts, (unsigned long long)found->mailboxes,
	       (unsigned long long)found->messages, (unsigned long long)found->bytes / 1024,
	       (unsigned long long)found->segments);
	unsigned long long damage = found->damaged_mailboxes + found->damaged_messages +
				    found->damaged_segments + found->lost_groups;
	if (damage == 0 && !found->was_lost)
		puts("all whole");
	else if (found->is_repaired)
		printf("%llu findings, all dealt with\n", damage + found->was_lost);
	else
		printf("%llu findings; --repair salvages what is whole\n",
		       damage + found->was_lost);
}

static bool check_is_clean(const struct journal_check *f)
{
	return f->is_repaired || (!f->damaged_mailboxes && !f->damaged_messages &&
				  !f->damaged_segments && !f->lost_groups && !f->was_lost);
}

static int check_fail(const struct cli *cli, enum err err)
{
	switch (err) {
	case ERR_IN_USE: return cli_complain("%s is in use by another process", cli->data_dir);
	case ERR_CORRUPT:
		return cli_complain("the store cannot be read; try `surel check --repair`");
	case ERR_NOT_FOUND: return cli_complain("%s holds no mail", cli->data_dir);
	default: return cli_complain("%s: %s", cli->data_dir, err_text(err));
	}
}

/* The store as the settings have it. */
static enum err check_store(const struct cli *cli, bool repair, struct journal_check *found)
{
	struct conf conf;
	struct buf why;
	char path[1024];
	conf_init(&conf);
	buf_init(&why, 1024);
	enum err err = file_join(path, sizeof(path), cli->data_dir, "surel.conf");
	if (!err)
		err = conf_load(cli->config_path ? cli->config_path : path, &conf, &why);
	if (why.len)
		cli_complain(SLICE_FMT, SLICE_ARG(buf_view(&why)));
	buf_free(&why);
	const struct store_tool *tool = store_tool_find(settings_backend(&conf.settings));
	if (!err)
		err = tool ? file_join(path, sizeof(path), cli->data_dir, "mail") : ERR_UNSUPPORTED;
	struct store_config config = {.path = path, .runner = &job_inline};
	if (!err)
		err = tool->check(&config, repair, check_say, NULL, found);
	conf_free(&conf);
	return err;
}

static int check_files(const struct cli *cli, bool repair)
{
	struct journal_check found;
	enum err err = check_store(cli, repair, &found);
	if (err)
		return check_fail(cli, err);
	check_print(&found);
	return check_is_clean(&found) ? EXIT_OK : EXIT_FAILED;
}

static int cli_check(struct cli *cli)
{
	bool repair = cli_flag(cli, "--repair");
	int fd = -1;
	if (cli->count > 1)
		return cli_usage(cli);
	if (control_connect(cli->data_dir, &fd))
		return check_files(cli, repair);
	close(fd);
	if (!repair)
		return cli_forward(cli);
	return cli_complain("the daemon is running; stop it before --repair");
}
const struct cli_command tool_check = {"check", cli_check, "check [--repair]", CLI_TAKES_DATA};
