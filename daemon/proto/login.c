#include <stdlib.h>

#include "proto/host.h"

static bool device_char_is_legal(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '.' || c == '_' || c == '-';
}

enum err device_label_fold(struct slice text, char label[DEVICE_LABEL_MAX_BYTES + 1])
{
	enum err err =
		text.len ? slice_to_str(text, label, DEVICE_LABEL_MAX_BYTES + 1) : ERR_SYNTAX;
	for (char *c = label; !err && *c; c++) {
		*c = (char)ascii_lower((uint8_t)*c);
		if (!device_char_is_legal((uint8_t)*c))
			err = ERR_SYNTAX;
	}
	if (err)
		*label = '\0';
	return err;
}

struct slice login_take_recent(struct slice typed, bool *is_recent_out)
{
	*is_recent_out = slice_starts_nocase(typed, "recent:");
	return *is_recent_out ? slice_from(typed, 7) : typed;
}

/* Where "folder=NAME" begins: at the front, or behind the device and its '+'. */
static size_t detail_folder_at(struct slice detail)
{
	size_t plus = slice_find_byte(detail, '+');
	if (slice_starts_nocase(detail, "folder="))
		return 0;
	if (plus != SIZE_MAX && slice_starts_nocase(slice_from(detail, plus + 1), "folder="))
		return plus + 1;
	return SIZE_MAX;
}

void login_split_detail(struct slice detail, char device[DEVICE_LABEL_MAX_BYTES + 1],
			struct slice *folder_out)
{
	size_t at = detail_folder_at(detail);
	struct slice label = slice_upto(detail, at == SIZE_MAX ? detail.len : at ? at - 1 : 0);
	*folder_out = at == SIZE_MAX ? SLICE_EMPTY : slice_from(detail, at + 7);
	enum err err = device_label_fold(label, device);
	(void)err; /* what is no label names no device */
}

static const char *login_text(char **at, struct slice s)
{
	char *text = *at;
	if (s.len)
		memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	*at += s.len + 1;
	return text;
}

enum err login_new(struct account *account, struct slice user, struct slice detail,
		   struct login **login_out)
{
	struct login *login = malloc(sizeof(*login) + user.len + 2 * detail.len + 3);
	struct slice folder;
	*login_out = login;
	if (!login) {
		account_close(&account);
		return ERR_NOMEM;
	}
	char *at = (char *)(login + 1);
	*login = (struct login){
		.account = account,
		.policy = {.pop3_show_again = true, .imap_access = true},
		.refs = 1,
		.pop3_expire_days = POLICY_EXPIRE_NEVER,
	};
	login_split_detail(detail, login->device, &folder);
	login->user = login_text(&at, user);
	login->detail = login_text(&at, detail);
	login->folder = login_text(&at, folder);
	return ERR_NONE;
}

void login_set_policy(struct login *login, const struct policy *policy)
{
	login->policy = *policy;
	login->pop3_expire_days = policy_expire_days(policy);
	login->pop3_login_delay_s = (uint32_t)policy->pop3_login_delay_s;
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
