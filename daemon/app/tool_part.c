/* What a daemon has for the tool: the socket, and settings that change while it runs. */
#include "app/app_part.h"
#include "app/appliance_settings.h"
#include "app/control.h"

static enum err tool_part_start(struct appliance *a)
{
	appliance_warn_of_strangers(a);
	if (!a->options.is_tool)
		appliance_begin_windows(a);
	enum err err = control_open(a);
	/* Its socket has no place on what cannot be written to; the page tells how things stand. */
	return a->is_read_only ? ERR_NONE : err;
}

const struct app_part tool_part = {.what = "open the control socket",
				   .in_tool = true,
				   .start = tool_part_start,
				   .at[APP_RELOAD] = appliance_reload,
				   .at[APP_HUSH] = control_close};
