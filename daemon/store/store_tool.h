/* store_tool - what a backend offers to people who look after a store that nobody has open.
 *
 * Kept apart from store_ops: a running store needs none of it. The table is generated from the options
 * chosen (daemon/tables.sh). */
#ifndef STORE_STORE_TOOL_H
#define STORE_STORE_TOOL_H

#include "store/journal_check.h"

struct store_tool {
	const char *backend;
	uint32_t format; /* what it writes; what is older cannot read that */
	/* See journal_check. */
	enum err (*check)(const struct store_config *config, bool repair,
			  void (*say)(void *arg, const char *line), void *arg,
			  struct journal_check *found_out);
};

extern const struct store_tool *const store_tools[];      /* closed by NULL */
const struct store_tool *store_tool_find(const char *backend); /* NULL: it has none */

#endif
