/* summary_fields - which header fields a summary keeps. Private to summary.c and summary_build.c.
 *
 * A name can only be added together with a new SUMMARY_VERSION: readers conclude from a name's
 * place in these lists that a field which is not in the blob is not in the message. */
#ifndef MAIL_SUMMARY_FIELDS_H
#define MAIL_SUMMARY_FIELDS_H

#include "base/slice.h"

bool summary_keeps_mime(struct slice name);     /* Content-*: of every part */
bool summary_keeps_envelope(struct slice name); /* of every message, also of those inside */
bool summary_keeps_listing(struct slice name);  /* of the outermost message: first-sync fields */

#endif
