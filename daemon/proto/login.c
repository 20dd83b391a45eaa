#include <stdlib.h>

#include "proto/host.h"

enum err login_new(struct account *account, struct slice user, struct slice detail,
		   struct login **login_out)
{
	struct login *login = malloc(sizeof(*login) + user.len + detail.len + 2);
	*login_out = login;
	if (!login) {
		account_close(&account);
		return ERR_NOMEM;
	}
	char *text = (char *)(login + 1);
	memset(text, 0, user.len + detail.len + 2);
	memcpy(text, user.len ? user.ptr : (const uint8_t *)"", user.len);
	memcpy(text + user.len + 1, detail.len ? detail.ptr : (const uint8_t *)"", detail.len);
	*login = (struct login){
		.account = account,
		.user = text,
		.detail = text + user.len + 1,
		.device = "",
		.folder = "",
		.policy = {.pop3_show_again = true, .imap_access = true},
		.refs = 1,
		.pop3_expire_days = UINT32_MAX,
	};
	return ERR_NONE;
}

struct login *login_ref(struct login *login)
{
	login->refs++;
	return login;
}

void login_unref(struct login **login)
{
	struct login *gone = *login;
	*login = NULL;
	if (!gone || --gone->refs > 0)
		return;
	account_close(&gone->account);
	free(gone);
}
