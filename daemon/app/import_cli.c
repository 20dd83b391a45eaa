#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli_commands.h"
#include "app/import_source.h"
#include "app/tool_link.h"
#include "base/codec.h"

struct import_options {
	const char *path, *user, *mailbox;
	bool is_mbox, is_mboxrd;
};

struct import_run {
	struct tool_link link;
	struct import_source *source;
	unsigned long fresh, old;
	char why[256]; /* what the daemon said when it refused; "" when it did not */
};

static bool import_options_parse(struct cli *cli, struct import_options *o)
{
	const char *mailbox = cli_value(cli, "--mailbox");
	o->user = cli_value(cli, "--user");
	o->mailbox = mailbox ? mailbox : "INBOX";
	o->is_mboxrd = cli_flag(cli, "--mboxrd");
	if (cli->count != 3 || !o->user)
		return false;
	o->is_mbox = strcmp(cli->args[1], "mbox") == 0;
	o->path = cli->args[2];
	return o->is_mbox || strcmp(cli->args[1], "maildir") == 0;
}

static const char *import_open_complaint(const struct import_options *o, enum err err)
{
	if (err == ERR_UNSUPPORTED)
		return "not a file; a Maildir is taken by `surel import maildir`";
	if (err == ERR_SYNTAX)
		return o->is_mbox ? "not an mbox: it does not begin with a From line"
				  : "not a Maildir: there is no cur and no new in it";
	return err_text(err);
}

static enum err import_open(const struct import_options *o, struct import_source **source_out)
{
	struct slice mailbox = slice_str(o->mailbox);
	enum err err = o->is_mbox ? import_source_mbox(o->path, mailbox, o->is_mboxrd, source_out)
				  : import_source_maildir(o->path, mailbox, source_out);
	if (err)
		cli_complain("%s: %s", o->path, import_open_complaint(o, err));
	return err;
}

/* --- one message after the other ---------------------------------------------------------------- */

/* ERR_NONE: the daemon says the one or the other. */
static enum err import_answer(struct import_run *run, const char *yes, const char *no,
			      bool *is_yes_out)
{
	struct slice answer;
	const struct slice error = SLICE_LIT("error ");
	if (link_receive(&run->link, &answer))
		return ERR_CLOSED;
	*is_yes_out = slice_eq_str(answer, yes);
	if (*is_yes_out || slice_eq_str(answer, no))
		return ERR_NONE;
	if (slice_starts(answer, error))
		answer = slice_from(answer, error.len);
	snprintf(run->why, sizeof(run->why), SLICE_FMT, SLICE_ARG(answer));
	return ERR_DENIED;
}

static enum err import_offer(struct import_run *run, const struct import_message *m)
{
	struct buf text;
	buf_init(&text, 4096);
	enum err err = buf_addf(&text, "%llu %llu %u %d ",
				(unsigned long long)(m->internal_date > 0 ? m->internal_date : 0),
				(unsigned long long)m->size, m->flags, m->is_forwarded);
	if (!err)
		err = hex_add(&text, slice_of(m->sha256, sizeof(m->sha256)));
	if (!err)
		err = buf_addf(&text, " " SLICE_FMT, SLICE_ARG(m->mailbox));
	if (!err)
		err = link_send_netstring(&run->link, buf_view(&text));
	buf_free(&text);
	return err;
}

/* The daemon that refuses in the middle of a message closes; why stands in what it sent before. */
static enum err import_message(struct import_run *run, const struct import_message *m)
{
	struct slice piece = SLICE_LIT(".");
	bool is_wanted = false;
	enum err err = import_offer(run, m);
	if (!err)
		err = import_answer(run, "want", "have", &is_wanted);
	while (!err && is_wanted && piece.len) {
		err = import_source_read(run->source, &piece);
		if (!err && link_send(&run->link, piece))
			return import_answer(run, "", "", &is_wanted);
	}
	if (!err)
		*(is_wanted ? &run->fresh : &run->old) += 1;
	return err;
}

static enum err import_all(struct import_run *run)
{
	bool is_tty = isatty(STDERR_FILENO), is_done;
	struct import_message m;
	enum err err;
	while (!(err = import_source_next(run->source, &m))) {
		err = import_message(run, &m);
		if (err)
			return err;
		if (is_tty)
			fprintf(stderr, "\r%lu imported, %lu there already", run->fresh, run->old);
	}
	if (err == ERR_NOT_FOUND) /* that was the last one */
		err = link_send_netstring(&run->link, SLICE_EMPTY);
	return err ? err : import_answer(run, "done", "done", &is_done);
}

static int import_report(const struct import_run *run, enum err err)
{
	unsigned skipped = import_source_skipped(run->source);
	bool has_begun = run->fresh + run->old > 0;
	if (isatty(STDERR_FILENO) && has_begun)
		fputc('\n', stderr);
	if (has_begun || !err)
		printf("%lu imported, %lu there already", run->fresh, run->old);
	if (skipped && (has_begun || !err))
		printf(", %u passed over", skipped);
	if (has_begun || !err)
		putchar('\n');
	if (err)
		cli_complain("import stopped: %s%s", *run->why ? run->why : err_text(err),
			     has_begun ? "; repeat it to go on" : "");
	return err || skipped ? EXIT_FAILED : EXIT_OK;
}

static int cli_import(struct cli *cli)
{
	struct import_options o;
	struct import_run run = {.fresh = 0};
	int exit_code = EXIT_FAILED;
	if (!import_options_parse(cli, &o))
		return cli_usage(cli);
	if (mailbox_name_check(slice_str(o.mailbox))) {
		cli_complain("%s cannot be the name of a mailbox", o.mailbox);
		return EXIT_USAGE;
	}
	struct admin_request request = {.args = {"import", o.user}, .count = 2};
	if (!import_open(&o, &run.source) && !link_open(cli, &request, &run.link))
		exit_code = import_report(&run, import_all(&run));
	import_source_close(&run.source);
	link_close(&run.link);
	return exit_code;
}
const struct cli_command tool_import = {
	"import", cli_import, "import mbox|maildir PATH --user NAME [--mailbox MAILBOX] [--mboxrd]",
	CLI_TAKES_DATA};
