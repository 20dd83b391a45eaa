#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli_commands.h"
#include "app/import_sink.h"

struct import_options {
	const char *kind, *path, *user, *mailbox;
	bool is_mboxrd;
};

struct import_tally {
	unsigned long fresh, old;
};

static bool import_is_mbox(const struct import_options *o)
{
	return strcmp(o->kind, "mbox") == 0;
}

static bool import_options_parse(const struct cli *cli, struct import_options *o)
{
	*o = (struct import_options){.mailbox = "INBOX"};
	if (cli->count < 3)
		return false;
	o->kind = cli->args[1];
	o->path = cli->args[2];
	for (size_t i = 3; i < cli->count; i++) {
		const char *value = i + 1 < cli->count ? cli->args[i + 1] : NULL;
		if (strcmp(cli->args[i], "--mboxrd") == 0) {
			o->is_mboxrd = true;
			continue;
		}
		const char **option = strcmp(cli->args[i], "--user") == 0      ? &o->user
				      : strcmp(cli->args[i], "--mailbox") == 0 ? &o->mailbox
									       : NULL;
		if (!option || !value)
			return false;
		*option = value;
		i++;
	}
	return o->user && (import_is_mbox(o) || strcmp(o->kind, "maildir") == 0);
}

static const char *import_open_complaint(const struct import_options *o, enum err err)
{
	if (err == ERR_UNSUPPORTED)
		return "not a file; a Maildir is taken by `surel import maildir`";
	if (err == ERR_SYNTAX)
		return import_is_mbox(o) ? "not an mbox: it does not begin with a From line"
					 : "not a Maildir: there is no cur and no new in it";
	return err_text(err);
}

static enum err import_open(const struct import_options *o, struct import_source **source_out)
{
	struct slice mailbox = slice_str(o->mailbox);
	enum err err = import_is_mbox(o)
			       ? import_source_mbox(o->path, mailbox, o->is_mboxrd, source_out)
			       : import_source_maildir(o->path, mailbox, source_out);
	if (err)
		fprintf(stderr, "surel: %s: %s\n", o->path, import_open_complaint(o, err));
	return err;
}

static enum err import_all(struct import_sink *sink, struct import_source *source,
			   struct import_tally *tally)
{
	bool is_tty = isatty(STDERR_FILENO);
	for (;;) {
		struct import_message m;
		bool taken = false;
		enum err err = import_source_next(source, &m);
		if (err)
			return err == ERR_NOT_FOUND ? import_sink_done(sink) : err;
		err = import_sink_put(sink, source, &m, &taken);
		if (err)
			return err;
		*(taken ? &tally->fresh : &tally->old) += 1;
		if (is_tty)
			fprintf(stderr, "\r%lu imported, %lu there already", tally->fresh,
				tally->old);
	}
}

static int import_report(const struct import_sink *sink, const struct import_source *source,
			 const struct import_tally *tally, enum err err)
{
	unsigned skipped = import_source_skipped(source);
	bool has_begun = tally->fresh + tally->old > 0;
	if (isatty(STDERR_FILENO) && has_begun)
		fputc('\n', stderr);
	if (has_begun || !err)
		printf("%lu imported, %lu there already", tally->fresh, tally->old);
	if (skipped && (has_begun || !err))
		printf(", %u passed over", skipped);
	if (has_begun || !err)
		putchar('\n');
	if (err)
		fprintf(stderr, "surel: import stopped: %s%s\n",
			*import_sink_why(sink) ? import_sink_why(sink) : err_text(err),
			has_begun ? "; repeat it to go on" : "");
	return err || skipped ? EXIT_FAILED : EXIT_OK;
}

static int cli_import(const struct cli *cli)
{
	struct import_options o;
	struct import_source *source = NULL;
	struct import_sink *sink = NULL;
	struct import_tally tally = {0, 0};
	int exit_code = EXIT_FAILED;
	if (!import_options_parse(cli, &o))
		return cli_usage(cli);
	if (mailbox_name_check(slice_str(o.mailbox))) {
		fprintf(stderr, "surel: %s cannot be the name of a mailbox\n", o.mailbox);
		return EXIT_USAGE;
	}
	if (!import_open(&o, &source) && !import_sink_open(cli, o.user, &sink))
		exit_code = import_report(sink, source, &tally, import_all(sink, source, &tally));
	import_source_close(&source);
	import_sink_close(&sink);
	return exit_code;
}
const struct cli_command tool_import = {
	"import", cli_import, "import mbox|maildir PATH --user NAME [--mailbox MAILBOX] [--mboxrd]",
	true};
