/* What a board's C library has instead of musl's own (board/common), beside what this machine's does. */
#include "base/err.h"
#include "support/suite.h"

#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define vsnprintf board_vsnprintf
#define vfprintf  board_vfprintf
#define qsort     board_qsort
int board_vsnprintf(char *restrict dst, size_t size, const char *restrict format, va_list args);
int board_vfprintf(FILE *restrict file, const char *restrict format, va_list args);
void board_qsort(void *base, size_t count, size_t width,
		 int (*compare)(const void *, const void *));
#include "../../../board/common/printf.c"
#include "../../../board/common/qsort.c"
#undef vsnprintf
#undef vfprintf
#undef qsort

/* By both, into a buffer of `size` octets: the same text and the same length. */
PRINTF_LIKE(2, 3) static void check_same(size_t size, const char *format, ...)
{
	char ours[128], theirs[128];
	va_list args, again;
	memset(ours, '#', sizeof(ours));
	memset(theirs, '#', sizeof(theirs));
	va_start(args, format);
	va_copy(again, args);
	int n = board_vsnprintf(ours, size, format, args),
	    want = vsnprintf(theirs, size, format, again);
	va_end(again);
	va_end(args);
	ck_assert_int_eq(n, want);
	ck_assert_mem_eq(ours, theirs, sizeof(ours));
}

static int board_snprintf(char *dst, size_t size, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = board_vsnprintf(dst, size, format, args);
	va_end(args);
	return n;
}

START_TEST(numbers_and_texts_are_printed)
{
	check_same(128, "%d %i %u %x %X", -1, INT_MIN, UINT_MAX, 0xabcdu, 0xabcdu);
	check_same(128, "%ld %lu %lx|%lld %llu %llx", LONG_MIN, ULONG_MAX, ULONG_MAX, LLONG_MIN,
		   ULLONG_MAX, ULLONG_MAX);
	check_same(128, "%zu %zd %zx %td %jd %ju", SIZE_MAX, (ssize_t)-7, SIZE_MAX, (ptrdiff_t)-8,
		   INTMAX_MIN, UINTMAX_MAX);
	check_same(128, "%hu %hhu %hd", (unsigned short)65535, (unsigned char)255, (short)-3);
	check_same(128, "%5d|%-5d|%05d|%5u|%02d|%02x|%04X|%08llx|%010u", -42, -42, -42, 7u, 123,
		   10u, 10u, 0xfeedfaceull, 17u);
	check_same(128, "%*d|%-*d|%0*d|%*s", 6, 1, 6, 2, 6, 3, 4, "ab");
	check_same(128, "%s|%10s|%-10s|%.2s|%.*s|%.0s|%5.1s|", "abc", "abc", "abc", "abc", 1, "abc",
		   "abc", "abc");
	check_same(128, "%c%%%c%3c|%-3c|", 'a', '\0', 'b', 'c');
	check_same(128, "%p", (void *)check_same);
	check_same(128, "no field, and a lone end");
}
END_TEST

START_TEST(what_does_not_fit_is_counted)
{
	for (size_t size = 0; size < 24; size++) {
		check_same(size, "%s %d %s", "abc", -123456, "wxyz");
		check_same(size, "%12d|%-6s", 1, "x");
	}
	ck_assert_int_eq(board_snprintf(NULL, 0, "%s", "four"), 4);
	/* Not a string: its end is where the precision says. */
	char open_end[3] = {'a', 'b', 'c'}, text[8];
	ck_assert_int_eq(board_snprintf(text, sizeof(text), "%.*s", 3, open_end), 3);
	ck_assert_str_eq(text, "abc");
	ck_assert_int_eq(board_snprintf(text, sizeof(text), "%s", NULL), 6);
	ck_assert_str_eq(text, "(null)");
}
END_TEST

START_TEST(what_is_not_known_is_refused)
{
	static const char *const formats[] = {"%f",  "%g",  "%o",   "%n", "%#x",
					      "%+d", "% d", "%.3d", "a%", "%m"};
	char text[16];
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		ck_assert_int_eq(board_snprintf(text, sizeof(text), formats[i], 1), -1);
}
END_TEST

PRINTF_LIKE(2, 3) static int print_to(FILE *file, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = board_vfprintf(file, format, args);
	va_end(args);
	return n;
}

START_TEST(a_file_gets_all_of_it)
{
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(print_to(file, "%s=%d\n", "answer", 42), 10);
	fclose(file);
	ck_assert_str_eq(text, "answer=42\n");
	free(text);
}
END_TEST

struct odd { /* of a size that no instruction moves at once */
	uint8_t key, rest[6];
};

static int odd_order(const void *a, const void *b)
{
	return ((const struct odd *)a)->key - ((const struct odd *)b)->key;
}

START_TEST(whatever_order_it_was_it_is_sorted)
{
	for (size_t n = 0; n < 40; n++) {
		for (unsigned seed = 0; seed < 40; seed++) {
			struct odd rows[40];
			unsigned sum = 0, sorted_sum = 0;
			for (size_t i = 0; i < n; i++) {
				/* Rising, falling, few values, many. */
				unsigned key = seed == 0   ? (unsigned)i
					       : seed == 1 ? 200 - (unsigned)i
							   : (unsigned)(i * 7919 * seed + seed) %
								     (seed * 5);
				rows[i].key = (uint8_t)key;
				memset(rows[i].rest, (uint8_t)key, sizeof(rows[i].rest));
				sum += rows[i].key;
			}
			board_qsort(rows, n, sizeof(rows[0]), odd_order);
			for (size_t i = 0; i < n; i++) {
				ck_assert(i == 0 || rows[i - 1].key <= rows[i].key);
				ck_assert_uint_eq(rows[i].rest[5], rows[i].key);
				sorted_sum += rows[i].key;
			}
			ck_assert_uint_eq(sorted_sum, sum);
		}
	}
}
END_TEST

SUITE_MAIN("board_libc", numbers_and_texts_are_printed, what_does_not_fit_is_counted,
	   what_is_not_known_is_refused, a_file_gets_all_of_it, whatever_order_it_was_it_is_sorted)
