#include "mail/lexical.h"
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
	request->needs_summary |= kind >= FETCH_ENVELOPE;
	return item;
}

/* ALL, FAST and FULL: only in place of a list (RFC 9051 6.4.5). */
static bool parse_macro(struct imap_lex *lex, struct fetch_list *list)
{
	static const uint8_t full[] = {FETCH_FLAGS, FETCH_INTERNALDATE, FETCH_SIZE, FETCH_ENVELOPE,
				       FETCH_BODY};
	size_t macro = lex_try_words(lex, "FAST\0"
					  "ALL\0"
					  "FULL\0");
	if (macro == SIZE_MAX)
		return false;
	for (size_t i = 0; i < 3 + macro; i++)
		add_item(lex, list, (enum fetch_kind)full[i]);
	return true;
}

const char fetch_words[] = "FLAGS\0"
			   "UID\0"
			   "INTERNALDATE\0"
			   "RFC822.SIZE\0"
			   "MODSEQ\0"
			   "EMAILID\0"
			   "THREADID\0"
			   "SAVEDATE\0"
			   "ENVELOPE\0"
			   "BODY\0"
			   "BODYSTRUCTURE\0"
			   "RFC822\0"
			   "RFC822.HEADER\0"
			   "RFC822.TEXT\0";

static bool parse_word(struct imap_lex *lex, struct fetch_list *list, struct slice name)
{
	static const uint8_t sections[] = {SECTION_WHOLE, SECTION_HEADER, SECTION_TEXT};
	size_t place = lexical_word_find(fetch_words, name);
	if (place == SIZE_MAX)
		return lex_fail(lex, "Unknown item");
	size_t kind = place < FETCH_SECTION ? place : FETCH_SECTION;
	struct fetch_item *item = add_item(lex, list, (enum fetch_kind)kind);
	if (!item || kind < FETCH_SECTION)
		return item;
	item->alias = lexical_word(fetch_words, place);
	item->section.kind = (enum summary_section)sections[place - FETCH_SECTION];
	list->request->sets_seen |= item->section.kind != SECTION_HEADER;
	return true;
}

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
		/* Those with PEEK behind the others: they do not set \Seen. */
		size_t place = lexical_word_find("BODY\0"
						 "BINARY\0"
						 "BODY.PEEK\0"
						 "BINARY.PEEK\0"
						 "BINARY.SIZE\0",
						 name);
		if (place == SIZE_MAX)
			return lex_fail(lex, "Unknown item");
		size_t kind = place < 4 ? FETCH_SECTION + place % 2 : FETCH_BINARY_SIZE;
		return parse_section(lex, list, (enum fetch_kind)kind, place < 2);
	}
	return parse_word(lex, list, name);
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
		switch (lex_try_words(lex, "CHANGEDSINCE\0"
					   "VANISHED\0")) {
		case 0:
			request->has_changed_since = true;
			/* Some telephones send 0, which the grammar allows only elsewhere. */
			lex_space(lex);
			lex_number(lex, INT64_MAX, &request->changed_since);
			break;
		case 1: request->vanished = true; break;
		default: return lex_fail(lex, "Unknown modifier");
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
