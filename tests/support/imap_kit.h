/* imap_kit - summaries and IMAP output for tests of what is written about a message. */
#pragma once

#include <check.h>

#include "mail/summary.h"
#include "proto/imap/imap_write.h"

struct imap_kit {
	struct buf blob, written;
	struct summary summary;
	struct arena arena;
	struct imap_out out;
	char text[16384]; /* what imap_kit_text returns */
};

void imap_kit_open(struct imap_kit *k, struct slice message); /* fed to the summary by single octets */
void imap_kit_close(struct imap_kit *k);
/* All written so far, as a string, CR and LF shown as "\r\n"; and forgets it. */
const char *imap_kit_text(struct imap_kit *k);
