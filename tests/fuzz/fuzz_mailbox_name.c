/* Names of mailboxes and keywords from anywhere: what passes the check keeps the rules. */
#include <stdlib.h>

#include "store/flags.h"
#include "store/mailbox_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
	if (!claim)
		abort();
}

static void try_name(struct slice name)
{
	struct mailbox_name folded, again;
	if (mailbox_name_fold(&folded, name)) {
		must(name.len > MAILBOX_NAME_MAX_BYTES);
		return;
	}
	struct slice view = mailbox_name_view(&folded);
	must(slice_eq_nocase(view, name));
	must(!mailbox_name_fold(&again, view));
	must(slice_eq(mailbox_name_view(&again), view));
	must(mailbox_name_check(name) == mailbox_name_check(view));
	if (mailbox_name_check(name))
		return;
	unsigned levels = 0;
	for (struct slice up = view; up.len; up = mailbox_name_superior(up)) {
		must(!mailbox_name_check(up));
		must(up.len == view.len || mailbox_name_is_inferior(view, up));
		levels++;
	}
	must(levels >= 1 && levels <= MAILBOX_DEPTH_MAX);
}

static void try_keyword(struct slice name)
{
	struct keywords k = {.count = 0};
	flags_t flag = 0;
	if (keywords_add(&k, name, &flag) == ERR_NONE) {
		must(keywords_find(&k, name) == flag);
		must(slice_eq_str(name, flags_name(&k, flag)));
	}
	keywords_free(&k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice name = slice_of(data, size);
	try_name(name);
	try_keyword(name);
	return 0;
}
