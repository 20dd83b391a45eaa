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
	if (!lex_astring(p->lex, &typed))
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

static void read_header(struct search_parser *p, struct search_key *key)
{
	struct slice text = SLICE_EMPTY;
	struct buf folded;
	if (!parse_text(p, &text))
		return;
	buf_init(&folded, 4 * MATCH_NEEDLE_MAX_BYTES);
	if (fold_add(&folded, text) || arena_copy(p->lex->arena, buf_view(&folded), &key->needle))
		lex_fail(p->lex, "String is too long to search for");
	buf_free(&folded);
	key->next_header = p->program->headers;
	p->program->headers = key;
}

static void read_content(struct search_parser *p, struct search_key *key)
{
	bool is_body = key->kind == SEARCH_BODY;
	struct matcher **matcher = is_body ? &p->program->body : &p->program->text;
	struct slice text = SLICE_EMPTY;
	if (!parse_text(p, &text))
		return;
	if (!*matcher) {
		*matcher = arena_alloc(p->lex->arena, sizeof(**matcher));
		if (*matcher)
			match_init(*matcher, p->lex->arena);
	}
	if (!*matcher || match_add(*matcher, text, &key->needle_id))
		lex_fail(p->lex, "Too many or too long strings to search for");
}

/* ---- plain keys ---- */

static void read_keyword(struct search_parser *p, struct search_key *key)
{
	struct slice name = SLICE_EMPTY;
	bool is_set = key->value;
	lex_flag(p->lex, &name);
	key->mask = keywords_find(p->env->keywords, name);
	key->value = is_set ? key->mask : 0;
	key->kind = key->mask ? SEARCH_FLAGS : is_set ? SEARCH_NONE : SEARCH_ALL;
}

/* MODSEQ ["/flags/\\Draft" all] 620162338: the entry is ignored, as RFC 7162 3.1.5 asks of servers
 * that keep one number for each message. */
static void read_modseq(struct search_parser *p)
{
	struct slice entry = SLICE_EMPTY;
	p->program->has_modseq = true;
	if (lex_peek(p->lex) != '"')
		return;
	lex_string(p->lex, &entry);
	lex_space(p->lex);
	if (lex_try_words(p->lex, "all\0"
				  "priv\0"
				  "shared\0") == SIZE_MAX)
		lex_fail(p->lex, "Expected priv, shared or all");
	lex_space(p->lex);
}

static void read_set(struct search_parser *p, struct search_key *key)
{
	bool is_uid = key->kind == SEARCH_UID;
	if (!lex_seqset(p->lex, &key->set))
		return;
	if (key->set.is_saved_result) {
		key->kind = SEARCH_UID;
		key->set = *p->env->saved;
	} else {
		imap_seqset_resolve(&key->set, is_uid ? p->env->last_uid : p->env->count);
	}
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
	{"THREADID", SEARCH_EMAILID, 0, 0, 0},
	{"KEYWORD", SEARCH_KEYWORD, 0, 0, 1},
	{"UNKEYWORD", SEARCH_KEYWORD, 0, 0, 0},
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

static struct search_key *word_key(struct search_parser *p, const struct search_word *w)
{
	struct search_key *key = new_key(p, (enum search_kind)w->kind);
	uint64_t number = 0;
	uint32_t seconds = 0;
	if (!key)
		return NULL;
	key->mask = w->mask;
	key->value = w->value;
	key->order = (enum search_order)w->order;
	if (w->kind >= SEARCH_UID)
		lex_space(p->lex);
	switch ((enum search_kind)w->kind) {
	case SEARCH_DAY:
	case SEARCH_SAVE_DAY:
	case SEARCH_SENT_DAY: lex_date(p->lex, &key->number); break;
	case SEARCH_YOUNGER:
	case SEARCH_OLDER:
		lex_nz_number(p->lex, &seconds);
		key->number = p->env->now_s - (int64_t)seconds;
		break;
	case SEARCH_MODSEQ: read_modseq(p); /* fall through */
	case SEARCH_LARGER:
	case SEARCH_SMALLER:
		lex_number(p->lex, INT64_MAX, &number);
		key->number = (int64_t)number;
		break;
	case SEARCH_EMAILID:
		lex_astring(p->lex, &key->needle);
		if (*w->name == 'T') /* no message has a thread's id here (RFC 8474 5.2) */
			key->kind = SEARCH_NONE;
		break;
	case SEARCH_KEYWORD: read_keyword(p, key); break;
	case SEARCH_UID: read_set(p, key); break;
	case SEARCH_HEADER:
		key->name = slice_str(w->name);
		if (*w->name == 'H') {
			lex_astring(p->lex, &key->name);
			lex_space(p->lex);
		}
		read_header(p, key);
		break;
	case SEARCH_BODY:
	case SEARCH_TEXT: read_content(p, key); break;
	case SEARCH_NOT: key->children = parse_key(p); break;
	case SEARCH_OR:
		key->children = parse_key(p);
		lex_space(p->lex);
		if (key->children)
			key->children->next = parse_key(p);
		break;
	case SEARCH_FLAGS:
	case SEARCH_ALL:
	case SEARCH_NONE:
	case SEARCH_RECENT:
	case SEARCH_SEQ:
	case SEARCH_AND: break;
	}
	return key;
}

/* OLD and NEW are two keys in one word. */
static struct search_key *special_key(struct search_parser *p, struct slice word)
{
	static const struct search_word unseen = {"", SEARCH_FLAGS, 0, FLAG_SEEN, 0};
	size_t which = lexical_word_find("NEW\0"
					 "OLD\0"
					 "SAVEDATESUPPORTED\0",
					 word);
	static const uint8_t kinds[] = {SEARCH_AND, SEARCH_NOT, SEARCH_ALL};
	if (which == SIZE_MAX)
		return fail(p, "Unknown search key");
	struct search_key *key = new_key(p, (enum search_kind)kinds[which]);
	if (key && which < 2)
		key->children = new_key(p, SEARCH_RECENT);
	if (which == 0 && key && key->children)
		key->children->next = word_key(p, &unseen);
	return key;
}

/* One or more keys, all of which must match. */
static struct search_key *parse_list(struct search_parser *p)
{
	struct search_key *list = new_key(p, SEARCH_AND);
	struct search_key **end = list ? &list->children : NULL;
	while (end && (*end = parse_key(p))) {
		end = &(*end)->next;
		/* A blank at the end of the line is forgiven, as everywhere. */
		if (!slice_trim(p->lex->rest).len || lex_peek(p->lex) != ' ')
			return list;
		lex_space(p->lex);
	}
	return NULL;
}

static struct search_key *parse_one(struct search_parser *p)
{
	uint8_t c = lex_peek(p->lex);
	struct slice word = SLICE_EMPTY;
	struct search_key *key = NULL;
	if (lex_try(p->lex, '(')) {
		key = parse_list(p);
		lex_char(p->lex, ')');
		return key;
	}
	if (ascii_is_digit(c) || c == '*' || c == '$') {
		key = new_key(p, SEARCH_SEQ);
		if (key)
			read_set(p, key);
		return key;
	}
	if (!lex_atom(p->lex, &word))
		return NULL;
	for (size_t i = 0; i < sizeof(search_words) / sizeof(*search_words); i++)
		if (slice_eq_str_nocase(word, search_words[i].name))
			return word_key(p, &search_words[i]);
	return special_key(p, word);
}

/* NULL: the lexer tells why. */
static struct search_key *parse_key(struct search_parser *p)
{
	if (p->depth == IMAP_NESTING_MAX)
		return fail(p, "Search keys are nested too deeply");
	p->depth++;
	struct search_key *key = parse_one(p);
	p->depth--;
	return p->lex->err ? NULL : key;
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
