/* quota - octets and messages per account, checked before anything changes.
 *
 * What is charged is what was accepted, visible or not. A message for two mailboxes of one account
 * counts twice. Only what adds is checked: an account above its quota can still be tidied up. */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include "store/store.h"

/* ERR_QUOTA when so much more does not fit. */
MUST_CHECK enum err quota_check(const struct account *a, uint64_t bytes, uint64_t messages);
/* The same for every account among the targets of some appends, whatever their order. With
 * expected_bytes the sizes are taken from there instead of from the appends. */
MUST_CHECK enum err quota_check_appends(struct append *const *appends, size_t count);
MUST_CHECK enum err quota_check_targets(const struct append_target *targets, size_t count,
                                        uint64_t expected_bytes);
/* The same for CHANGE_COPY and CHANGE_MOVE of messages of `box`. ERR_UNSUPPORTED: this build cannot. */
MUST_CHECK enum err quota_check_copy(struct mailbox *box, const struct msg_change *change);

#endif
