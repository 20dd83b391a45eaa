/* web_policy - the page that steers POP3 and IMAP, /mail and /mail/NAME: its parts among
 * themselves.
 *
 * web_policy.c takes requests, web_policy_rows.c makes the controls of the rows, web_policy_words.c
 * says in words what a policy does, web_policy_owner.c shows an owner's space, folders, devices. */
#ifndef APP_WEB_POLICY_H
#define APP_WEB_POLICY_H

#include "app/web.h"
#include "app/web_row.h"
#include "store/store.h"

struct policy_page {
	struct row_form *form;
	struct account *account; /* of the owner; NULL: the house, or no mail yet */
	const char *example;     /* a login name for examples */
};

/* Every row of the table that an owner may have for himself stands in exactly one section: by its
 * key, or, when no section names it, in the last one. The id is the text mail.ID. */
struct policy_section {
	const char *id;
	const char *const *keys; /* closed by NULL */
};
enum { POLICY_SECTIONS = 5 };
extern const struct policy_section policy_sections[POLICY_SECTIONS];

/* The rows of a section as the array "rows" of its model. */
void policy_add_rows(const struct policy_page *page, const struct policy_section *section,
                     struct model *model);
/* Sentences and warnings: arrays "says" and "warns" of the model. is_new: not saved yet. */
void policy_add_words(const struct policy_page *page, bool is_new, struct model *model);
/* The owner's usage bar and POP3 devices; nothing for the house. */
void policy_add_owner(const struct policy_page *page, struct model *model);


#endif
