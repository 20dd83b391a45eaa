/* override - what a user has set for himself, against the house's default.
 *
 * One entry for each user with a value of his own, by name (folded to lower case); a user need not
 * exist to have one. Only rows of SETTING_USER. The file surel.conf keeps them in sections
 * [user NAME] (app/conf_file.h). */
#ifndef APP_OVERRIDE_H
#define APP_OVERRIDE_H

#include "app/user.h"
#include "base/name_map.h"

enum { OVERRIDES_MAX = USERS_MAX };

struct override {
	char name[USER_NAME_MAX_BYTES + 1];
	struct policy policy;             /* good where a bit of `own` is set */
	uint64_t own[SETTINGS_MAX / 64];  /* by place in setting_table */
};

struct overrides { /* zeroed: nobody has any */
	struct name_map by_name;
};
void overrides_free(struct overrides *o); /* empty afterwards */
/* ERR_NOMEM leaves *to empty. */
MUST_CHECK enum err overrides_copy(const struct overrides *from, struct overrides *to);

struct override *overrides_find(const struct overrides *o, struct slice user); /* or NULL */
/* In name order; the first for NULL; NULL at the end. */
struct override *overrides_next(const struct overrides *o, const struct override *own);
bool override_has(const struct override *own, const struct setting *row);      /* NULL: has none */
/* ERR_SYNTAX, ERR_LIMIT with a sentence in `why` (may be NULL), as setting_set; ERR_DENIED when the
 * row is the house's, with a sentence too; ERR_LIMIT without one: too many users. */
MUST_CHECK enum err overrides_set(struct overrides *o, struct slice user, const struct setting *row,
                                  struct slice value, enum lang lang, struct buf *why);
void overrides_unset(struct overrides *o, struct slice user, const struct setting *row);
void overrides_forget(struct overrides *o, struct slice user); /* all of them */

/* What counts for this user; one without values of his own has the house's. */
void overrides_policy(const struct overrides *o, const struct settings *house, struct slice user,
                      struct policy *policy_out);

/* For whoever opens an account, as it may just be loaded. */
static inline void policy_set_quota(const struct policy *policy, struct account *account)
{
	account->quota_bytes = policy->quota_mib * 1024 * 1024;
	account->quota_messages = policy->quota_messages;
}

#endif
