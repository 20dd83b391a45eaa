/* Dialogues of IMAP: tests/dialog/imap. */
#include "support/dialog.h"

static void start(struct host *host, struct stream *stream, enum service service, bool over_limit)
{
	(void)service;
	imap_session_start(host, stream, over_limit);
}

int main(int argc, char **argv)
{
	static const struct dialog_service services[] = {{"imap", SERVICE_IMAP, start}};
	return dialog_main(argc, argv, services, 1);
}
