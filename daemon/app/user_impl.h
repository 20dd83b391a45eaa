/* user_impl - what the files of user.h share: the table, its file, its devices. */
#ifndef APP_USER_IMPL_H
#define APP_USER_IMPL_H

#include "app/user.h"
#include "base/name_map.h"

struct users {
	struct name_map by_name;
	char *path;
	uint8_t key[32]; /* of this process: recalled passwords and made-up verifiers */
};

/* In memory only. ERR_SYNTAX, ERR_LIMIT. */
MUST_CHECK enum err users_add(struct users *users, struct slice name,
                              const struct scram_verifier *v);
MUST_CHECK enum err user_add_device(struct user *user, struct slice label,
                                    const struct scram_verifier *v, int64_t created_s);
void user_free(struct user *user); /* wiped; not in the table any more */

/* user_file.c */
MUST_CHECK enum err users_load(struct users *users); /* ERR_CORRUPT with line number in the log */
MUST_CHECK enum err users_save(struct users *users);

#endif
