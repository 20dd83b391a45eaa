#include "proto/imap/imap_answer.h"

#include <stdlib.h>

enum { NUMBERS_PER_PIECE = 512 };

enum err search_answer_init(struct search_answer *a, struct imap_session *s,
			    const struct search_program *program)
{
	*a = (struct search_answer){.messages = s->view.count,
				    .options = program->options,
				    .has_modseq = program->has_modseq};
	/* IMAP4rev2 knows only ESEARCH (RFC 9051 6.4.4). */
	if (!program->has_return && s->rev2)
		a->options = OPTION_ALL;
	a->bits = arena_alloc(&s->arena, s->view.count / 8 + 1);
	return a->bits ? ERR_NONE : ERR_NOMEM;
}

static bool has_bit(const struct search_answer *a, uint32_t seq)
{
	return a->bits[(seq - 1) / 8] & 1u << (seq - 1) % 8;
}

void search_answer_add(struct search_answer *a, uint32_t seq, const struct msg_info *info)
{
	a->bits[(seq - 1) / 8] |= (uint8_t)(1u << (seq - 1) % 8);
	if (!a->count++) {
		a->min_seq = seq;
		a->min_modseq = info->modseq;
	}
	a->max_seq = seq;
	a->max_modseq = info->modseq;
	if (info->modseq > a->highest_modseq)
		a->highest_modseq = info->modseq;
}

bool search_answer_is_settled(const struct search_answer *a)
{
	return a->count && (a->options & ~(unsigned)OPTION_SAVE) == OPTION_MIN;
}

/* Options that speak of one or two messages tell the mod-sequence of these alone (RFC 4731 3.2). */
static uint64_t modseq_to_tell(const struct search_answer *a)
{
	bool wants_min = a->options & OPTION_MIN, wants_max = a->options & OPTION_MAX;
	if (!(wants_min || wants_max) || a->options & (OPTION_ALL | OPTION_COUNT))
		return a->highest_modseq;
	uint64_t of_min = wants_min ? a->min_modseq : 0, of_max = wants_max ? a->max_modseq : 0;
	return of_min > of_max ? of_min : of_max;
}

static uint32_t number_of(struct imap_session *s, uint32_t seq)
{
	return s->is_uid ? view_uid(&s->view, seq) : seq;
}

/* ---- writing ---- */

static void write_start(struct imap_session *s, const struct search_answer *a)
{
	if (!a->options) {
		out_str(&s->out, "* SEARCH");
		return;
	}
	out_str(&s->out, "* ESEARCH (TAG ");
	out_string(&s->out, s->tag);
	out_str(&s->out, s->is_uid ? ") UID" : ")");
	if (a->options & OPTION_MIN && a->count)
		out_fmt(&s->out, " MIN %u", number_of(s, a->min_seq));
	if (a->options & OPTION_MAX && a->count)
		out_fmt(&s->out, " MAX %u", number_of(s, a->max_seq));
	if (a->options & OPTION_COUNT)
		out_fmt(&s->out, " COUNT %u", a->count);
	if (a->options & OPTION_ALL && a->count)
		out_str(&s->out, " ALL ");
}

static void write_run(struct imap_session *s, struct search_answer *a)
{
	if (!a->run.first)
		return;
	out_fmt(&s->out, "%s%u", a->has_written_run ? "," : "", a->run.first);
	if (a->run.last != a->run.first)
		out_fmt(&s->out, ":%u", a->run.last);
	a->has_written_run = true;
}

static void write_number(struct imap_session *s, struct search_answer *a, uint32_t number)
{
	if (!a->options) {
		out_str(&s->out, " ");
		out_number(&s->out, number);
	} else if (a->run.first && a->run.last + 1 == number) {
		a->run.last = number;
	} else {
		write_run(s, a);
		a->run = (struct imap_range){number, number};
	}
}

static void write_end(struct imap_session *s, struct search_answer *a)
{
	unsigned long long modseq = modseq_to_tell(a);
	write_run(s, a);
	if (a->has_modseq && a->count)
		out_fmt(&s->out, a->options ? " MODSEQ %llu" : " (MODSEQ %llu)", modseq);
	out_str(&s->out, "\r\n");
	s->in_response = false;
}

enum step search_answer_write(struct imap_session *s, struct search_answer *a)
{
	if (a->options == OPTION_SAVE) /* nothing else was asked for (RFC 5182 2.1) */
		return STEP_DONE;
	bool lists_all = !a->options || a->options & OPTION_ALL;
	if (!a->is_begun) {
		a->is_begun = s->in_response = true;
		write_start(s, a);
	}
	while (lists_all && a->at < a->max_seq) {
		for (unsigned n = 0; n < NUMBERS_PER_PIECE && a->at < a->max_seq; n++)
			if (has_bit(a, ++a->at))
				write_number(s, a, number_of(s, a->at));
		if (a->at < a->max_seq && imap_must_pause(s))
			return STEP_MORE;
	}
	write_end(s, a);
	return STEP_DONE;
}

/* ---- the saved result ---- */

void imap_save_nothing(struct imap_session *s)
{
	free(s->saved_result.ranges);
	s->saved_result = (struct imap_seqset){0};
}

/* MIN and MAX alone save what they name (RFC 5182 2.4). */
static bool is_saved(const struct search_answer *a, uint32_t seq)
{
	unsigned options = a->options & ~(unsigned)OPTION_SAVE;
	if (!has_bit(a, seq))
		return false;
	if (!options || options & (OPTION_ALL | OPTION_COUNT))
		return true;
	return (options & OPTION_MIN && seq == a->min_seq) ||
	       (options & OPTION_MAX && seq == a->max_seq);
}

static enum err add_saved(struct imap_seqset *set, uint32_t uid)
{
	if (set->count && set->ranges[set->count - 1].last + 1 == uid) {
		set->ranges[set->count - 1].last = uid;
		return ERR_NONE;
	}
	if (set->count == set->cap) {
		uint32_t cap = set->cap ? set->cap * 2 : 16;
		struct imap_range *ranges = realloc(set->ranges, cap * sizeof(*ranges));
		if (!ranges)
			return ERR_NOMEM;
		set->ranges = ranges;
		set->cap = cap;
	}
	set->ranges[set->count++] = (struct imap_range){uid, uid};
	return ERR_NONE;
}

enum err imap_save_result(struct imap_session *s, const struct search_answer *a)
{
	imap_save_nothing(s);
	for (uint32_t seq = a->min_seq; seq && seq <= a->max_seq; seq++) {
		if (!is_saved(a, seq))
			continue;
		enum err err = add_saved(&s->saved_result, view_uid(&s->view, seq));
		if (err) {
			imap_save_nothing(s);
			return err;
		}
	}
	return ERR_NONE;
}
