#include "app/archive_link.h"

enum err archive_open(const struct cli *cli, const char *user, struct tool_link *link)
{
	struct admin_request request = {.args = {"backup", user ? user : ""}, .count = 2};
	return link_open(cli, &request, link);
}

enum step archive_read(struct tool_link *link, struct slice *piece_out)
{
	if (link_receive(link, piece_out))
		return STEP_BAD;
	uint8_t kind = piece_out->len ? piece_out->ptr[0] : 'E';
	*piece_out = slice_from(*piece_out, 1);
	if (kind == 'D')
		return STEP_MORE;
	if (kind == '.')
		return STEP_DONE;
	cli_complain(SLICE_FMT, SLICE_ARG(*piece_out));
	return STEP_BAD;
}
