/* summary_format - bits of the blob that summary.h describes. Private to summary.c and
 * summary_build.c. */
#ifndef MAIL_SUMMARY_FORMAT_H
#define MAIL_SUMMARY_FORMAT_H

enum {
	SUMMARY_REDUCED = 1 << 0,
	SUMMARY_HAS_8BIT = 1 << 1,
	SUMMARY_HAS_NUL = 1 << 2,
	SUMMARY_FLAGS_KNOWN = 7,
};

enum {
	PART_KIND_MASK = 3, /* enum mime_kind */
	PART_IS_TEXT = 1 << 2,
	PART_HAS_TYPE = 1 << 3,
	PART_IS_DIGEST = 1 << 4,
	PART_SAME_FIELDS = 1 << 5, /* as the part before: no bytes follow */
	PART_IS_TRIMMED = 1 << 6,
	PART_IS_OPAQUE = 1 << 7,
};

#endif
