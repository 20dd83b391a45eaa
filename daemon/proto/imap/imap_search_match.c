#include "base/codec.h"
#include "mail/date.h"
#include "mail/encword.h"
#include "mail/fold.h"
#include "proto/imap/imap_search.h"

enum { SECONDS_PER_DAY = 24 * 60 * 60 };

void search_forget(struct search_program *program)
{
	for (struct search_key *key = program->headers; key; key = key->next_header)
		key->is_found = false;
	if (program->body)
		match_reset(program->body);
	if (program->text)
		match_reset(program->text);
}

/* ---- single keys ---- */

static enum search_verdict verdict(bool is_match)
{
	return is_match ? VERDICT_YES : VERDICT_NO;
}

static bool day_matches(const struct search_key *key, int64_t day)
{
	switch (key->order) {
	case DAY_BEFORE: return day < key->number;
	case DAY_ON: return day == key->number;
	case DAY_SINCE: return day >= key->number;
	}
	return false;
}

static int64_t day_of(int64_t seconds)
{
	int64_t day = seconds / SECONDS_PER_DAY;
	return seconds % SECONDS_PER_DAY < 0 ? day - 1 : day;
}

/* "M" and 32 hexadecimal digits, as FETCH EMAILID shows it. */
static bool id_matches(const struct search_key *key, const struct msg_id *id)
{
	uint8_t bytes[sizeof(id->bytes)];
	struct buf decoded;
	if (key->needle.len != 1 + 2 * sizeof(bytes) || key->needle.ptr[0] != 'M')
		return false;
	buf_init(&decoded, sizeof(bytes));
	bool is_same = !hex_decode(slice_from(key->needle, 1), &decoded) &&
		       slice_eq(buf_view(&decoded), slice_of(id->bytes, sizeof(id->bytes)));
	buf_free(&decoded);
	return is_same;
}

static enum search_verdict judge_header(const struct search_key *key,
					const struct search_facts *facts)
{
	if (key->is_found)
		return VERDICT_YES;
	if (facts->knows_header)
		return VERDICT_NO;
	if (facts->knows_fields && summary_has_field(facts->message, key->name))
		return VERDICT_NO;
	return VERDICT_UNKNOWN;
}

static enum search_verdict judge_content(const struct matcher *matcher, uint32_t id,
					 const struct search_facts *facts)
{
	if (match_found(matcher, id))
		return VERDICT_YES;
	return facts->knows_text ? VERDICT_NO : VERDICT_UNKNOWN;
}

/* ---- the tree ---- */

static enum search_verdict judge(const struct search_program *p, const struct search_key *key,
				 const struct search_facts *facts);

/* AND ends at the first NO, OR at the first YES; the unknown ones are asked again when more is known. */
static enum search_verdict judge_children(const struct search_program *p,
					  const struct search_key *key,
					  const struct search_facts *facts)
{
	enum search_verdict decisive = key->kind == SEARCH_AND ? VERDICT_NO : VERDICT_YES;
	enum search_verdict result = key->kind == SEARCH_AND ? VERDICT_YES : VERDICT_NO;
	for (const struct search_key *child = key->children; child; child = child->next) {
		enum search_verdict v = judge(p, child, facts);
		if (v == decisive)
			return v;
		if (v == VERDICT_UNKNOWN)
			result = VERDICT_UNKNOWN;
	}
	return result;
}

static enum search_verdict judge_not(const struct search_program *p, const struct search_key *key,
				     const struct search_facts *facts)
{
	enum search_verdict v = judge(p, key->children, facts);
	if (v == VERDICT_UNKNOWN)
		return v;
	return verdict(v == VERDICT_NO);
}

static enum search_verdict judge(const struct search_program *p, const struct search_key *key,
				 const struct search_facts *facts)
{
	const struct msg_info *info = &facts->info;
	switch (key->kind) {
	case SEARCH_ALL: return VERDICT_YES;
	case SEARCH_NONE:
	case SEARCH_KEYWORD: return VERDICT_NO;
	case SEARCH_AND:
	case SEARCH_OR: return judge_children(p, key, facts);
	case SEARCH_NOT: return judge_not(p, key, facts);
	case SEARCH_FLAGS: return verdict((info->flags & key->mask) == key->value);
	case SEARCH_RECENT: return verdict(facts->is_recent);
	case SEARCH_SEQ: return verdict(imap_seqset_contains(&key->set, facts->seq));
	case SEARCH_UID: return verdict(imap_seqset_contains(&key->set, info->uid));
	case SEARCH_DAY: return verdict(day_matches(key, day_of(info->internal_date)));
	case SEARCH_SAVE_DAY: return verdict(day_matches(key, day_of(info->save_date)));
	case SEARCH_YOUNGER: return verdict(info->internal_date >= key->number);
	case SEARCH_OLDER: return verdict(info->internal_date <= key->number);
	case SEARCH_LARGER: return verdict((int64_t)info->size > key->number);
	case SEARCH_SMALLER: return verdict((int64_t)info->size < key->number);
	case SEARCH_MODSEQ: return verdict(info->modseq >= (uint64_t)key->number);
	case SEARCH_EMAILID: return verdict(id_matches(key, &info->id));
	case SEARCH_SENT_DAY:
		return facts->knows_fields ? verdict(day_matches(key, facts->sent_day))
					   : VERDICT_UNKNOWN;
	case SEARCH_HEADER: return judge_header(key, facts);
	case SEARCH_BODY: return judge_content(p->body, key->needle_id, facts);
	case SEARCH_TEXT: return judge_content(p->text, key->needle_id, facts);
	}
	return VERDICT_NO;
}

enum search_verdict search_judge(const struct search_program *program,
				 const struct search_facts *facts)
{
	return judge(program, program->root, facts);
}

/* ---- header fields ---- */

/* The value as it is compared: on one line, as ENVELOPE shows it. What does not fit is cut: a field has
 * 64 KiB. */
static void decode_value(struct slice value, struct buf *decoded, struct buf *folded)
{
	buf_clear(decoded);
	buf_clear(folded);
	if (encword_decode(value, decoded) == ERR_NOMEM)
		return;
	buf_truncate(decoded, header_one_line(buf_view(decoded), decoded->bytes));
	if (fold_add(folded, buf_view(decoded)))
		return;
}

void search_offer_field(struct search_program *program, const struct header_field *field,
			struct buf *decoded, struct buf *folded)
{
	bool is_decoded = false;
	for (struct search_key *key = program->headers; key; key = key->next_header) {
		if (key->is_found || !slice_eq_nocase(key->name, field->name))
			continue;
		if (!is_decoded && key->needle.len)
			decode_value(field->value, decoded, folded);
		is_decoded |= key->needle.len != 0;
		key->is_found =
			!key->needle.len || slice_find(buf_view(folded), key->needle) != SIZE_MAX;
	}
}

enum err search_read_fields(struct search_program *program, struct search_facts *facts,
			    const struct summary_part *message, struct arena *arena,
			    struct buf *decoded, struct buf *folded)
{
	struct arena_mark mark = arena_mark(arena);
	struct slice rest = message->fields, text = SLICE_EMPTY;
	struct header_field field;
	struct date date;
	while (program->headers && header_next(&rest, &field))
		search_offer_field(program, &field, decoded, folded);
	enum err err = summary_text(message, "date", arena, &text);
	if (!err && text.len && !date_parse_mail(text, &date))
		facts->sent_day = date_day(&date);
	else
		facts->sent_day = (int32_t)day_of(facts->info.internal_date);
	arena_rewind(arena, mark);
	if (err)
		return err;
	facts->message = message;
	facts->knows_fields = true;
	return ERR_NONE;
}
