/* Dialogues of SMTP, submission and LMTP: tests/dialog/{smtp,submission,lmtp}. */
#include "support/dialog.h"

int main(int argc, char **argv)
{
	static const struct dialog_service services[] = {
		{"smtp", SERVICE_SMTP, smtp_session_start},
		{"submission", SERVICE_SUBMISSION, smtp_session_start},
		{"lmtp", SERVICE_LMTP, smtp_session_start},
	};
	return dialog_main(argc, argv, services, sizeof(services) / sizeof(services[0]));
}
