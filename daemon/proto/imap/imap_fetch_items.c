#include "proto/imap/imap_fetch.h"

/* While parsing; the list is copied into the arena when its length is known. */
struct fetch_list {
	struct fetch_request *request;
	struct fetch_item items[FETCH_ITEMS_MAX];
};

static struct fetch_item *add_item(struct imap_lex *lex, struct fetch_list *list,
				   enum fetch_kind kind)
{
	struct fetch_request *request = list->request;
	/* A plain item asked for twice is answered once. */
	if (kind < FETCH_SECTION && request->kinds & 1u << kind)
		for (uint32_t i = 0; i < request->count; i++)
			if (list->items[i].kind == kind)
				return &list->items[i];
	if (request->count == FETCH_ITEMS_MAX) {
		lex_fail(lex, "Too many items");
		return NULL;
	}
	struct fetch_item *item = &list->items[request->count++];
	*item = (struct fetch_item){.kind = kind};
	request->kinds |= 1u << kind;
	switch (kind) {
	case FETCH_ENVELOPE:
	case FETCH_BODY:
	case FETCH_BODYSTRUCTURE:
	case FETCH_SECTION:
	case FETCH_BINARY:
	case FETCH_BINARY_SIZE: request->needs_summary = true; break;
	case FETCH_FLAGS:
	case FETCH_UID:
	case FETCH_INTERNALDATE:
	case FETCH_SIZE:
	case FETCH_MODSEQ:
	case FETCH_EMAILID:
	case FETCH_THREADID:
	case FETCH_SAVEDATE: break;
	}
	return item;
}

static bool add_kinds(struct imap_lex *lex, struct fetch_list *list, const enum fetch_kind *kinds,
		      size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!add_item(lex, list, kinds[i]))
			return false;
	return true;
}

/* ALL, FAST and FULL: only in place of a list (RFC 9051 6.4.5). False: none of them. */
static bool parse_macro(struct imap_lex *lex, struct fetch_list *list)
{
	static const enum fetch_kind full[] = {FETCH_FLAGS, FETCH_INTERNALDATE, FETCH_SIZE,
					       FETCH_ENVELOPE, FETCH_BODY};
	if (lex_try_word(lex, "FAST"))
		return add_kinds(lex, list, full, 3);
	if (lex_try_word(lex, "ALL"))
		return add_kinds(lex, list, full, 4);
	if (lex_try_word(lex, "FULL"))
		return add_kinds(lex, list, full, 5);
	return false;
}

static const struct fetch_word {
	const char *name;
	enum fetch_kind kind;
	bool sets_seen;
	enum summary_section section;
} fetch_words[] = {
	{"FLAGS", FETCH_FLAGS, false, SECTION_WHOLE},
	{"UID", FETCH_UID, false, SECTION_WHOLE},
	{"INTERNALDATE", FETCH_INTERNALDATE, false, SECTION_WHOLE},
	{"RFC822.SIZE", FETCH_SIZE, false, SECTION_WHOLE},
	{"ENVELOPE", FETCH_ENVELOPE, false, SECTION_WHOLE},
	{"BODY", FETCH_BODY, false, SECTION_WHOLE},
	{"BODYSTRUCTURE", FETCH_BODYSTRUCTURE, false, SECTION_WHOLE},
	{"MODSEQ", FETCH_MODSEQ, false, SECTION_WHOLE},
	{"EMAILID", FETCH_EMAILID, false, SECTION_WHOLE},
	{"THREADID", FETCH_THREADID, false, SECTION_WHOLE},
	{"SAVEDATE", FETCH_SAVEDATE, false, SECTION_WHOLE},
	{"RFC822", FETCH_SECTION, true, SECTION_WHOLE},
	{"RFC822.HEADER", FETCH_SECTION, false, SECTION_HEADER},
	{"RFC822.TEXT", FETCH_SECTION, true, SECTION_TEXT},
};

static bool parse_section(struct imap_lex *lex, struct fetch_list *list, enum fetch_kind kind,
			  bool sets_seen)
{
	struct fetch_item *item = add_item(lex, list, kind);
	if (!item || !lex_char(lex, '['))
		return false;
	list->request->sets_seen |= sets_seen;
	if (kind == FETCH_SECTION)
		return imap_section_parse(lex, &item->section);
	return imap_section_parse_binary(lex, kind == FETCH_BINARY, &item->section);
}

static bool parse_item(struct imap_lex *lex, struct fetch_list *list)
{
	size_t n = 0;
	while (n < lex->rest.len && (ascii_is_alpha(lex->rest.ptr[n]) || lex->rest.ptr[n] == '.' ||
				     ascii_is_digit(lex->rest.ptr[n])))
		n++;
	struct slice name = slice_upto(lex->rest, n);
	lex->rest = slice_from(lex->rest, n);
	if (lex_peek(lex) == '[') {
		if (slice_eq_str_nocase(name, "BODY.PEEK"))
			return parse_section(lex, list, FETCH_SECTION, false);
		if (slice_eq_str_nocase(name, "BODY"))
			return parse_section(lex, list, FETCH_SECTION, true);
		if (slice_eq_str_nocase(name, "BINARY.PEEK"))
			return parse_section(lex, list, FETCH_BINARY, false);
		if (slice_eq_str_nocase(name, "BINARY"))
			return parse_section(lex, list, FETCH_BINARY, true);
		if (slice_eq_str_nocase(name, "BINARY.SIZE"))
			return parse_section(lex, list, FETCH_BINARY_SIZE, false);
		return lex_fail(lex, "Unknown item");
	}
	for (size_t i = 0; i < sizeof(fetch_words) / sizeof(*fetch_words); i++) {
		const struct fetch_word *word = &fetch_words[i];
		if (!slice_eq_str_nocase(name, word->name))
			continue;
		struct fetch_item *item = add_item(lex, list, word->kind);
		if (!item)
			return false;
		if (word->kind == FETCH_SECTION)
			item->alias = word->name;
		item->section.kind = word->section;
		list->request->sets_seen |= word->sets_seen;
		return true;
	}
	return lex_fail(lex, "Unknown item");
}

static bool parse_items(struct imap_lex *lex, struct fetch_list *list)
{
	if (lex_peek(lex) != '(')
		return parse_macro(lex, list) || parse_item(lex, list);
	lex_list_begin(lex);
	do {
		if (!parse_item(lex, list))
			return false;
	} while (lex_list_next(lex));
	return lex_char(lex, ')');
}

/* "(CHANGEDSINCE 5 VANISHED)" (RFC 4466 2.4, RFC 7162 3.1.4.1 and 3.2.6). */
static bool parse_modifiers(struct imap_lex *lex, struct fetch_list *list)
{
	struct fetch_request *request = list->request;
	if (!lex_space(lex) || !lex_char(lex, '('))
		return false;
	do {
		if (lex_try_word(lex, "CHANGEDSINCE")) {
			request->has_changed_since = true;
			/* Some telephones send 0, which the grammar allows only elsewhere. */
			if (!lex_space(lex) || !lex_number(lex, INT64_MAX, &request->changed_since))
				return false;
		} else if (lex_try_word(lex, "VANISHED")) {
			request->vanished = true;
		} else {
			return lex_fail(lex, "Unknown modifier");
		}
	} while (lex_try(lex, ' '));
	if (request->vanished && !request->has_changed_since)
		return lex_fail(lex, "VANISHED needs CHANGEDSINCE");
	return lex_char(lex, ')') &&
	       (!request->has_changed_since || add_item(lex, list, FETCH_MODSEQ));
}

bool fetch_request_parse(struct imap_lex *lex, bool is_uid, struct fetch_request *request_out)
{
	struct fetch_list list = {.request = request_out};
	*request_out = (struct fetch_request){0};
	if (is_uid && !add_item(lex, &list, FETCH_UID))
		return false;
	if (!parse_items(lex, &list))
		return false;
	if (lex_peek(lex) == ' ' && slice_trim(lex->rest).len && !parse_modifiers(lex, &list))
		return false;
	if (!lex_end(lex))
		return false;
	request_out->items = arena_array(lex->arena, request_out->count, sizeof(*list.items));
	if (!request_out->items)
		return lex_fail(lex, "Command is too large");
	memcpy(request_out->items, list.items, request_out->count * sizeof(*list.items));
	return true;
}
