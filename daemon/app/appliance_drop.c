#include "app/appliance.h"
#include "app/pop3_window.h"
#include "base/log.h"

static void end_sessions(struct appliance *a, struct slice name, const struct slice *label,
			 enum goodbye why)
{
	list_for_each (node, &a->sessions) {
		struct session *s = list_owner(node, struct session, link);
		if (s->login && slice_eq_str_nocase(name, s->login->user) &&
		    (!label || slice_eq_str_nocase(*label, s->login->device)))
			session_end(s, why);
	}
}

void appliance_drop_user(struct appliance *a, struct slice name, enum goodbye why)
{
	end_sessions(a, name, NULL, why);
}

void appliance_drop_device(struct appliance *a, struct slice name, struct slice label)
{
	char user[USER_NAME_MAX_BYTES + 1], device[DEVICE_LABEL_MAX_BYTES + 1];
	end_sessions(a, name, &label, GOODBYE_SWITCHED);
	enum err err = slice_to_str(name, user, sizeof(user));
	if (!err)
		err = slice_to_str(label, device, sizeof(device));
	if (!err)
		err = pop3_device_forget(a, user, device);
	if (err)
		log_warn(0, "POP3 goes on waiting for a device that was revoked: %s",
			 err_text(err));
}
