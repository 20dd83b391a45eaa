/* What a client may put behind "SEARCH ", then a line end, then a message: parses the keys and judges the
 * message with what its summary tells. A judgement once made must stand when more is known, and NOT
 * must turn it round. */
#include <stdlib.h>

#include "proto/imap/imap_search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static enum search_verdict judge_not(struct search_program *program,
				     const struct search_facts *facts)
{
	struct search_key negation = {.kind = SEARCH_NOT, .children = program->root};
	struct search_program inverse = *program;
	inverse.root = &negation;
	return search_judge(&inverse, facts);
}

static void judge(struct search_program *program, const struct summary *summary,
		  struct arena *arena)
{
	struct search_facts facts = {.seq = 3,
				     .info = {.uid = 7,
					      .flags = FLAG_SEEN,
					      .modseq = 5,
					      .internal_date = 1000000000,
					      .size = summary->size}};
	struct summary_cursor cursor;
	struct summary_part root;
	struct buf decoded, folded;
	enum search_verdict verdicts[4];
	buf_init(&decoded, 64 * 1024);
	buf_init(&folded, 128 * 1024);
	search_forget(program);
	verdicts[0] = search_judge(program, &facts);
	summary_rewind(summary, &cursor);
	check(!summary_next(&cursor, &root));
	if (!search_read_fields(program, &facts, &root, arena, &decoded, &folded)) {
		verdicts[1] = search_judge(program, &facts);
		facts.knows_header = true;
		verdicts[2] = search_judge(program, &facts);
		facts.knows_text = true;
		verdicts[3] = search_judge(program, &facts);
		check(verdicts[3] != VERDICT_UNKNOWN);
		check(judge_not(program, &facts) != verdicts[3]);
		for (int i = 0; i < 3; i++)
			check(verdicts[i] == VERDICT_UNKNOWN || verdicts[i] == verdicts[i + 1]);
	}
	buf_free(&decoded);
	buf_free(&folded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice message = slice_of(data, size);
	struct slice command = slice_split(&message, '\n');
	static char junk[] = "$Junk";
	struct keywords keywords = {.names = {junk}, .count = 1};
	struct imap_range range = {2, 9};
	struct imap_seqset saved = {.ranges = &range, .count = 1, .cap = 1};
	struct search_env env = {.count = 10,
				 .last_uid = 20,
				 .keywords = &keywords,
				 .saved = &saved,
				 .now_s = 1100000000};
	struct arena arena;
	struct imap_lex lex;
	struct search_program program;
	struct summary_builder *builder = NULL;
	struct summary summary;
	struct buf blob;
	arena_init(&arena, 1024 * 1024);
	buf_init(&blob, SUMMARY_MAX_BYTES);
	lex_init(&lex, command, &arena, size % 2);
	if (search_parse(&lex, &env, &program) && !summary_new(&builder) &&
	    !summary_push(builder, message) && !summary_finish(builder, &blob) &&
	    !summary_open(buf_view(&blob), &summary))
		judge(&program, &summary, &arena);
	else
		check(lex.err || program.is_bad_charset || program.root);
	summary_free(&builder);
	buf_free(&blob);
	arena_reset(&arena);
	return 0;
}
