/* The lexer, message sets, modified UTF-7 and patterns: every reader over every input. What was read
 * lies inside the input or is a copy; what was decoded encodes back to what it was. */
#include <stdlib.h>

#include "proto/imap/imap_gather.h"
#include "proto/imap/imap_lex.h"
#include "proto/imap/imap_pattern.h"
#include "proto/imap/imap_seqset.h"
#include "mail/imap_utf7.h"

static void expect(bool claim)
{
	if (!claim)
		abort();
}

/* Touches every octet, so that the sanitizer sees a slice that is too long. */
static unsigned touch(struct slice s)
{
	unsigned sum = 0;
	for (size_t i = 0; i < s.len; i++)
		sum += s.ptr[i];
	return sum;
}

static bool read_token(struct imap_lex *lex, uint8_t which)
{
	struct slice s = SLICE_EMPTY;
	struct imap_seqset set;
	uint64_t number;
	uint32_t nz;
	int64_t date;
	bool is_nil;
	bool ok = true;
	switch (which % 14) {
	case 0: ok = lex_atom(lex, &s); break;
	case 1: ok = lex_astring(lex, &s); break;
	case 2: ok = lex_string(lex, &s); break;
	case 3: ok = lex_nstring(lex, &is_nil, &s); break;
	case 4: ok = lex_list_mailbox(lex, &s); break;
	case 5: ok = lex_mailbox(lex, &s); break;
	case 6: ok = lex_number(lex, 1000, &number); break;
	case 7: ok = lex_nz_number(lex, &nz); break;
	case 8: ok = lex_seqset(lex, &set); break;
	case 9: ok = lex_flag(lex, &s); break;
	case 10: ok = lex_date_time(lex, &date); break;
	case 11: ok = lex_date(lex, &date); break;
	case 12: ok = lex_space(lex); break;
	default: ok = lex_try(lex, '(') || lex_try_word(lex, "NIL"); break;
	}
	touch(s);
	expect(ok || which % 14 == 13 || lex->err);
	return ok;
}

static void fuzz_tokens(struct slice input, struct arena *arena)
{
	struct imap_lex lex;
	struct slice plan = slice_upto(input, 8);
	lex_init(&lex, slice_from(input, 8), arena, plan.len && plan.ptr[0] & 128);
	for (size_t i = 0; i < plan.len && read_token(&lex, plan.ptr[i]); i++)
		;
	touch(lex.rest);
	lex_end(&lex);
}

static void fuzz_utf7(struct slice input, struct arena *arena)
{
	struct slice name;
	struct buf again;
	buf_init(&again, input.len * 8 + 8);
	if (!imap_utf7_decode(input, arena, &name)) {
		expect(slice_is_utf8(name));
		expect(!imap_utf7_encode(name, &again));
		expect(slice_eq(buf_view(&again), input));
	}
	buf_clear(&again);
	expect(!imap_utf7_encode(input, &again));
	expect(!imap_utf7_decode(buf_view(&again), arena, &name));
	buf_free(&again);
}

static void fuzz_set(struct slice input, struct arena *arena)
{
	struct imap_seqset set, reread;
	struct buf printed;
	if (imap_seqset_parse(slice_from(input, 1), arena, &set) || set.is_saved_result)
		return;
	uint32_t last = input.ptr[0];
	imap_seqset_resolve(&set, last);
	uint32_t members = 0;
	for (uint32_t n = imap_seqset_next(&set, 1); n; n = imap_seqset_next(&set, n + 1)) {
		expect(imap_seqset_contains(&set, n) && n <= last);
		members++;
	}
	expect(members <= last);
	buf_init(&printed, 1 << 20);
	expect(!imap_seqset_print(&set, &printed));
	if (set.count) {
		expect(!imap_seqset_parse(buf_view(&printed), arena, &reread));
		expect(reread.count == set.count);
	}
	buf_free(&printed);
}

/* The same question, answered the slow way. */
static bool glob(struct slice pattern, struct slice name, unsigned *steps)
{
	if (++*steps > 100000)
		return false;
	if (!pattern.len)
		return !name.len;
	uint8_t c = pattern.ptr[0];
	if (c != '*' && c != '%')
		return name.len && name.ptr[0] == c &&
		       glob(slice_from(pattern, 1), slice_from(name, 1), steps);
	if (glob(slice_from(pattern, 1), name, steps))
		return true;
	return name.len && (c == '*' || name.ptr[0] != '/') &&
	       glob(pattern, slice_from(name, 1), steps);
}

static void fuzz_pattern(struct slice input, struct arena *arena)
{
	struct imap_pattern pattern;
	struct slice name = slice_upto(input, 40);
	struct slice text = slice_split(&name, '\0');
	unsigned steps = 0, levels = 0;
	for (size_t i = 0; i < name.len; i++)
		levels += name.ptr[i] == '/';
	if (slice_starts_nocase(name, "inbox"))
		return;
	expect(!imap_pattern_init(&pattern, SLICE_EMPTY, text, arena));
	bool wanted = glob(text, name, &steps);
	if (steps < 100000)
		expect((imap_pattern_levels(&pattern, name) >> levels & 1) == wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct imap_literal literal;
	struct arena arena;
	arena_init(&arena, 1 << 22);
	if (size) {
		fuzz_tokens(input, &arena);
		fuzz_utf7(input, &arena);
		fuzz_set(input, &arena);
		fuzz_pattern(input, &arena);
		imap_gather_find_literal(input, &literal);
	}
	arena_reset(&arena);
	return 0;
}
