/* Dialogues of POP3: tests/dialog/pop3. */
#include "support/dialog.h"

static void start(struct host *host, struct stream *stream, enum service service, bool over_limit)
{
	(void)service;
	pop3_session_start(host, stream, over_limit);
}

int main(int argc, char **argv)
{
	static const struct dialog_service services[] = {{"pop3", SERVICE_POP3, start}};
	return dialog_main(argc, argv, services, 1);
}
