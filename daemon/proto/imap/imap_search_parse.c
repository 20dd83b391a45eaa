#include "mail/fold.h"
#include "mail/lexical.h"
#include "proto/imap/imap_search.h"

struct search_parser {
	struct imap_lex *lex;
	const struct search_env *env;
	struct search_program *program;
	struct slice charset; /* empty: none was named */
	unsigned depth;
};

static struct search_key *parse_key(struct search_parser *p);

static struct search_key *fail(struct search_parser *p, const char *why)
{
	lex_fail(p->lex, why);
	return NULL;
}

static struct search_key *new_key(struct search_parser *p, enum search_kind kind)
{
	if (p->program->key_count++ == SEARCH_KEYS_MAX)
		return fail(p, "Too many search keys");
	struct search_key *key = arena_alloc(p->lex->arena, sizeof(*key));
	if (!key)
		return fail(p, "Command is too large");
	key->kind = kind;
	return key;
}

/* ---- strings ---- */

/* A string as UTF-8, in the arena. */
static bool parse_text(struct search_parser *p, struct slice *utf8_out)
{
	struct slice typed = SLICE_EMPTY;
	struct buf utf8;
	if (!lex_space(p->lex) || !lex_astring(p->lex, &typed))
		return false;
	if (typed.len > MATCH_NEEDLE_MAX_BYTES)
		return lex_fail(p->lex, "String is too long to search for");
	if (slice_is_ascii(typed) && !p->charset.len) {
		*utf8_out = typed;
		return true;
	}
	buf_init(&utf8, 4 * MATCH_NEEDLE_MAX_BYTES);
	enum err err = charset_to_utf8(p->charset, typed, &utf8);
	if (!err)
		err = arena_copy(p->lex->arena, buf_view(&utf8), utf8_out);
	buf_free(&utf8);
	return !err || lex_fail(p->lex, "String is too long to search for");
}

static struct search_key *header_key(struct search_parser *p, struct slice name)
{
	struct search_key *key = new_key(p, SEARCH_HEADER);
	struct slice text = SLICE_EMPTY;
	struct buf folded;
	if (!key || !parse_text(p, &text))
		return NULL;
	buf_init(&folded, 4 * MATCH_NEEDLE_MAX_BYTES);
	enum err err = fold_add(&folded, text);
	if (!err)
		err = arena_copy(p->lex->arena, buf_view(&folded), &key->needle);
	buf_free(&folded);
	if (err)
		return fail(p, "String is too long to search for");
	key->name = name;
	key->next_header = p->program->headers;
	p->program->headers = key;
	return key;
}

static struct search_key *content_key(struct search_parser *p, enum search_kind kind)
{
	struct matcher **matcher = kind == SEARCH_BODY ? &p->program->body : &p->program->text;
	struct search_key *key = new_key(p, kind);
	struct slice text = SLICE_EMPTY;
	if (!key || !parse_text(p, &text))
		return NULL;
	if (!*matcher) {
		*matcher = arena_alloc(p->lex->arena, sizeof(**matcher));
		if (!*matcher)
			return fail(p, "Command is too large");
		match_init(*matcher, p->lex->arena);
	}
	if (match_add(*matcher, text, &key->needle_id))
		return fail(p, "Too many or too long strings to search for");
	return key;
}

/* ---- plain keys ---- */

static struct search_key *flag_key(struct search_parser *p, flags_t mask, flags_t value)
{
	struct search_key *key = new_key(p, SEARCH_FLAGS);
	if (key) {
		key->mask = mask;
		key->value = value;
	}
	return key;
}

static struct search_key *keyword_key(struct search_parser *p, bool is_set)
{
	struct slice name = SLICE_EMPTY;
	if (!lex_space(p->lex) || !lex_flag(p->lex, &name))
		return NULL;
	flags_t flag = keywords_find(p->env->keywords, name);
	if (!flag)
		return new_key(p, is_set ? SEARCH_NONE : SEARCH_ALL);
	return flag_key(p, flag, is_set ? flag : 0);
}

static struct search_key *day_key(struct search_parser *p, enum search_kind kind,
				  enum search_order order)
{
	struct search_key *key = new_key(p, kind);
	if (!key || !lex_space(p->lex) || !lex_date(p->lex, &key->number))
		return NULL;
	key->order = order;
	return key;
}

static struct search_key *number_key(struct search_parser *p, enum search_kind kind)
{
	struct search_key *key = new_key(p, kind);
	uint64_t number = 0;
	if (!key || !lex_space(p->lex) || !lex_number(p->lex, INT64_MAX, &number))
		return NULL;
	key->number = (int64_t)number;
	return key;
}

static struct search_key *age_key(struct search_parser *p, enum search_kind kind)
{
	struct search_key *key = new_key(p, kind);
	uint32_t seconds = 0;
	if (!key || !lex_space(p->lex) || !lex_nz_number(p->lex, &seconds))
		return NULL;
	key->number = p->env->now_s - (int64_t)seconds;
	return key;
}

/* MODSEQ ["/flags/\\Draft" all] 620162338: the entry is ignored, as RFC 7162 3.1.5 asks of servers
 * that keep one number for each message. */
static struct search_key *modseq_key(struct search_parser *p)
{
	struct search_key *key = new_key(p, SEARCH_MODSEQ);
	struct slice entry = SLICE_EMPTY;
	uint64_t number = 0;
	if (!key || !lex_space(p->lex))
		return NULL;
	if (lex_peek(p->lex) == '"') {
		if (!lex_string(p->lex, &entry) || !lex_space(p->lex))
			return NULL;
		if (lex_try_words(p->lex, "all\0"
					  "priv\0"
					  "shared\0") == SIZE_MAX)
			return fail(p, "Expected priv, shared or all");
		if (!lex_space(p->lex))
			return NULL;
	}
	if (!lex_number(p->lex, INT64_MAX, &number))
		return NULL;
	key->number = (int64_t)number;
	p->program->has_modseq = true;
	return key;
}

static struct search_key *id_key(struct search_parser *p, enum search_kind kind)
{
	struct search_key *key = new_key(p, kind);
	if (!key || !lex_space(p->lex) || !lex_astring(p->lex, &key->needle))
		return NULL;
	return key;
}

static struct search_key *set_key(struct search_parser *p, bool is_uid)
{
	struct search_key *key = new_key(p, is_uid ? SEARCH_UID : SEARCH_SEQ);
	if (!key || !lex_seqset(p->lex, &key->set))
		return NULL;
	if (key->set.is_saved_result) {
		key->kind = SEARCH_UID;
		key->set = *p->env->saved;
	} else {
		imap_seqset_resolve(&key->set, is_uid ? p->env->last_uid : p->env->count);
	}
	return key;
}

/* ---- the table of words ---- */

static const struct search_word {
	char name[12];
	uint8_t kind, order; /* enum search_kind; enum search_order, for days */
	uint8_t mask, value; /* FLAGS */
} search_words[] = {
	{"ALL", SEARCH_ALL, 0, 0, 0},
	{"ANSWERED", SEARCH_FLAGS, 0, FLAG_ANSWERED, FLAG_ANSWERED},
	{"DELETED", SEARCH_FLAGS, 0, FLAG_DELETED, FLAG_DELETED},
	{"DRAFT", SEARCH_FLAGS, 0, FLAG_DRAFT, FLAG_DRAFT},
	{"FLAGGED", SEARCH_FLAGS, 0, FLAG_FLAGGED, FLAG_FLAGGED},
	{"SEEN", SEARCH_FLAGS, 0, FLAG_SEEN, FLAG_SEEN},
	{"UNANSWERED", SEARCH_FLAGS, 0, FLAG_ANSWERED, 0},
	{"UNDELETED", SEARCH_FLAGS, 0, FLAG_DELETED, 0},
	{"UNDRAFT", SEARCH_FLAGS, 0, FLAG_DRAFT, 0},
	{"UNFLAGGED", SEARCH_FLAGS, 0, FLAG_FLAGGED, 0},
	{"UNSEEN", SEARCH_FLAGS, 0, FLAG_SEEN, 0},
	{"RECENT", SEARCH_RECENT, 0, 0, 0},
	{"BEFORE", SEARCH_DAY, DAY_BEFORE, 0, 0},
	{"ON", SEARCH_DAY, DAY_ON, 0, 0},
	{"SINCE", SEARCH_DAY, DAY_SINCE, 0, 0},
	{"SAVEDBEFORE", SEARCH_SAVE_DAY, DAY_BEFORE, 0, 0},
	{"SAVEDON", SEARCH_SAVE_DAY, DAY_ON, 0, 0},
	{"SAVEDSINCE", SEARCH_SAVE_DAY, DAY_SINCE, 0, 0},
	{"SENTBEFORE", SEARCH_SENT_DAY, DAY_BEFORE, 0, 0},
	{"SENTON", SEARCH_SENT_DAY, DAY_ON, 0, 0},
	{"SENTSINCE", SEARCH_SENT_DAY, DAY_SINCE, 0, 0},
	{"YOUNGER", SEARCH_YOUNGER, 0, 0, 0},
	{"OLDER", SEARCH_OLDER, 0, 0, 0},
	{"LARGER", SEARCH_LARGER, 0, 0, 0},
	{"SMALLER", SEARCH_SMALLER, 0, 0, 0},
	{"MODSEQ", SEARCH_MODSEQ, 0, 0, 0},
	{"EMAILID", SEARCH_EMAILID, 0, 0, 0},
	{"UID", SEARCH_UID, 0, 0, 0},
	{"BCC", SEARCH_HEADER, 0, 0, 0},
	{"CC", SEARCH_HEADER, 0, 0, 0},
	{"FROM", SEARCH_HEADER, 0, 0, 0},
	{"SUBJECT", SEARCH_HEADER, 0, 0, 0},
	{"TO", SEARCH_HEADER, 0, 0, 0},
	{"HEADER", SEARCH_HEADER, 0, 0, 0},
	{"BODY", SEARCH_BODY, 0, 0, 0},
	{"TEXT", SEARCH_TEXT, 0, 0, 0},
	{"NOT", SEARCH_NOT, 0, 0, 0},
	{"OR", SEARCH_OR, 0, 0, 0},
};

static struct search_key *not_key(struct search_parser *p)
{
	struct search_key *key = new_key(p, SEARCH_NOT);
	if (!key || !lex_space(p->lex))
		return NULL;
	key->children = parse_key(p);
	return key->children ? key : NULL;
}

static struct search_key *or_key(struct search_parser *p)
{
	struct search_key *key = new_key(p, SEARCH_OR);
	if (!key || !lex_space(p->lex))
		return NULL;
	key->children = parse_key(p);
	if (!key->children || !lex_space(p->lex))
		return NULL;
	key->children->next = parse_key(p);
	return key->children->next ? key : NULL;
}

static struct search_key *named_header_key(struct search_parser *p)
{
	struct slice name = SLICE_EMPTY;
	if (!lex_space(p->lex) || !lex_astring(p->lex, &name))
		return NULL;
	return header_key(p, name);
}

static struct search_key *word_key(struct search_parser *p, const struct search_word *w)
{
	enum search_kind kind = (enum search_kind)w->kind;
	switch (kind) {
	case SEARCH_FLAGS: return flag_key(p, w->mask, w->value);
	case SEARCH_DAY:
	case SEARCH_SAVE_DAY:
	case SEARCH_SENT_DAY: return day_key(p, kind, (enum search_order)w->order);
	case SEARCH_YOUNGER:
	case SEARCH_OLDER: return age_key(p, kind);
	case SEARCH_LARGER:
	case SEARCH_SMALLER: return number_key(p, kind);
	case SEARCH_MODSEQ: return modseq_key(p);
	case SEARCH_EMAILID: return id_key(p, kind);
	case SEARCH_UID: return lex_space(p->lex) ? set_key(p, true) : NULL;
	case SEARCH_HEADER:
		return *w->name == 'H' ? named_header_key(p) : header_key(p, slice_str(w->name));
	case SEARCH_BODY:
	case SEARCH_TEXT: return content_key(p, kind);
	case SEARCH_NOT: return not_key(p);
	case SEARCH_OR: return or_key(p);
	case SEARCH_ALL:
	case SEARCH_NONE:
	case SEARCH_RECENT:
	case SEARCH_SEQ:
	case SEARCH_AND: break;
	}
	return new_key(p, kind);
}

/* Words that stand for two keys, or whose argument decides. */
static struct search_key *special_key(struct search_parser *p, struct slice word)
{
	struct search_key *key = NULL;
	switch (lexical_word_find("UNKEYWORD\0"
				  "KEYWORD\0"
				  "OLD\0"
				  "NEW\0"
				  "THREADID\0"
				  "SAVEDATESUPPORTED\0",
				  word)) {
	case 0: return keyword_key(p, false);
	case 1: return keyword_key(p, true);
	case 2:
		key = new_key(p, SEARCH_NOT);
		if (key)
			key->children = new_key(p, SEARCH_RECENT);
		return key && key->children ? key : NULL;
	case 3:
		key = new_key(p, SEARCH_AND);
		if (key)
			key->children = new_key(p, SEARCH_RECENT);
		if (key && key->children)
			key->children->next = flag_key(p, FLAG_SEEN, 0);
		return key && key->children && key->children->next ? key : NULL;
	case 4: return id_key(p, SEARCH_NONE); /* no message has one here (RFC 8474 5.2) */
	case 5: return new_key(p, SEARCH_ALL);
	default: return fail(p, "Unknown search key");
	}
}

/* One or more keys, all of which must match. */
static struct search_key *parse_list(struct search_parser *p)
{
	struct search_key *list = new_key(p, SEARCH_AND);
	struct search_key **end = list ? &list->children : NULL;
	if (!list)
		return NULL;
	do {
		*end = parse_key(p);
		if (!*end)
			return NULL;
		end = &(*end)->next;
		/* A blank at the end of the line is forgiven, as everywhere. */
		if (!slice_trim(p->lex->rest).len)
			break;
	} while (lex_peek(p->lex) == ' ' && lex_space(p->lex));
	return list;
}

static struct search_key *parse_one(struct search_parser *p)
{
	uint8_t c = lex_peek(p->lex);
	struct slice word = SLICE_EMPTY;
	if (c == '(') {
		lex_try(p->lex, '(');
		struct search_key *list = parse_list(p);
		return list && lex_char(p->lex, ')') ? list : NULL;
	}
	if (ascii_is_digit(c) || c == '*' || c == '$')
		return set_key(p, false);
	if (!lex_atom(p->lex, &word))
		return NULL;
	for (size_t i = 0; i < sizeof(search_words) / sizeof(*search_words); i++)
		if (slice_eq_str_nocase(word, search_words[i].name))
			return word_key(p, &search_words[i]);
	return special_key(p, word);
}

static struct search_key *parse_key(struct search_parser *p)
{
	if (p->depth == IMAP_NESTING_MAX)
		return fail(p, "Search keys are nested too deeply");
	p->depth++;
	struct search_key *key = parse_one(p);
	p->depth--;
	return key;
}

/* ---- what stands before the keys ---- */

/* RETURN (MIN MAX ALL COUNT SAVE); RETURN () means ALL (RFC 4731 3.1, RFC 5182 2.1). */
static bool parse_return(struct imap_lex *lex, struct search_program *program)
{
	program->has_return = true;
	if (!lex_space(lex) || !lex_char(lex, '('))
		return false;
	while (!lex_try(lex, ')')) {
		/* In the order of enum search_option. */
		size_t option = lex_try_words(lex, "MIN\0"
						   "MAX\0"
						   "ALL\0"
						   "COUNT\0"
						   "SAVE\0");
		if (option == SIZE_MAX)
			return lex_fail(lex, "Unknown result option");
		program->options |= 1u << option;
		if (lex_peek(lex) != ')' && !lex_space(lex))
			return false;
	}
	if (!program->options)
		program->options = OPTION_ALL;
	return lex_space(lex);
}

static bool parse_charset(struct search_parser *p)
{
	if (!lex_space(p->lex) || !lex_astring(p->lex, &p->charset))
		return false;
	if (!charset_is_known(p->charset)) {
		p->program->is_bad_charset = true;
		return false;
	}
	return lex_space(p->lex);
}

bool search_parse(struct imap_lex *lex, const struct search_env *env,
		  struct search_program *program_out)
{
	struct search_parser p = {.lex = lex, .env = env, .program = program_out};
	*program_out = (struct search_program){0};
	/* Many scripts send UTF-8 in quotes; there is nothing else that they could mean. */
	lex->utf8 = true;
	if (lex_try_word(lex, "RETURN") && !parse_return(lex, program_out))
		return false;
	if (lex_try_word(lex, "CHARSET") && !parse_charset(&p))
		return false;
	program_out->root = parse_list(&p);
	return program_out->root && lex_end(lex);
}
