/* admin_password - the administrator's password: a verifier in DATA/admin, for the page alone.
 *
 * Without one the box is not set up, and the page lets whoever is near set it. So a file that is
 * there and cannot be read is an error at start, never the same as none. */
#ifndef APP_ADMIN_PASSWORD_H
#define APP_ADMIN_PASSWORD_H

#include "app/appliance.h"

bool admin_password_is_set(const struct appliance *a);
/* For app/password_check.h. No password fits while none is set. */
const struct scram_verifier *admin_password_verifier(const struct appliance *a);
/* Saves it durably, and uses it from now on. */
MUST_CHECK enum err admin_password_put(struct appliance *a, const struct scram_verifier *v);

#endif
