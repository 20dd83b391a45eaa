#include "mail/address.h"

#include "mail/lexical.h"

#define NOWHERE SIZE_MAX

/* One element of the list as it stands, and where its landmarks are. */
struct element {
	struct slice raw;
	size_t angle, angle_end; /* '<' and '>'; an unclosed one ends with the element */
	size_t at;               /* first '@' outside of angle brackets */
	bool is_group;           /* raw is the name of a group, its colon is not in it */
};

/* Behind the domain literal that starts at i; i + 1 when it is none. */
static size_t literal_end(struct slice s, size_t i)
{
	enum { LITERAL_MAX_BYTES = 256 };
	struct slice window = slice_between(s, i, i + LITERAL_MAX_BYTES);
	size_t close = slice_find_byte(window, ']');
	return close == SIZE_MAX ? i + 1 : i + close + 1;
}

static bool is_route(struct slice inside)
{
	struct slice text = slice_trim(slice_upto(inside, 64));
	return text.len && text.ptr[0] == '@';
}

/* Finds the end of the element at the front of `s`: a comma, a semicolon, the colon of a group, a
 * second '<', or the end. Returns how many bytes it has, a comma or colon behind it included. */
static size_t element_scan(struct slice s, bool in_group, struct element *e)
{
	bool in_angle = false, route = false;
	size_t i = 0;
	*e = (struct element){.angle = NOWHERE, .angle_end = NOWHERE, .at = NOWHERE};
	while (i < s.len) {
		uint8_t c = s.ptr[i];
		if (c == '"') {
			i = lexical_quoted_end(s, i);
			continue;
		}
		if (c == '(') {
			i = lexical_comment_end(s, i);
			continue;
		}
		if (c == '[' && (in_angle || e->at != NOWHERE)) {
			i = literal_end(s, i);
			continue;
		}
		if (in_angle && c == '>') {
			in_angle = false;
			e->angle_end = i;
		} else if (c == ',' && !(in_angle && route)) {
			break;
		} else if (!in_angle && c == ';') {
			e->raw = slice_upto(s, i);
			return i; /* stays: it may end a group */
		} else if (!in_angle && c == '<' && e->angle != NOWHERE) {
			e->raw = slice_upto(s, e->angle_end + 1);
			return e->angle_end + 1;
		} else if (!in_angle && c == '<') {
			in_angle = true;
			e->angle = i;
			route = is_route(slice_from(s, i + 1));
		} else if (c == ':' && !in_group && e->angle == NOWHERE && e->at == NOWHERE) {
			e->is_group = true;
			break;
		} else if (!in_angle && c == '@' && e->at == NOWHERE && e->angle == NOWHERE) {
			e->at = i;
		}
		i++;
	}
	e->raw = slice_upto(s, i);
	return i < s.len ? i + 1 : i;
}

/* ---- text out of raw parts; every function writes at most raw.len + 1 bytes ---- */

static size_t add_unescaped(uint8_t *dst, struct slice s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\' && i + 1 < s.len)
			i++;
		if (s.ptr[i] != '\r' && s.ptr[i] != '\n' && s.ptr[i] != 0)
			dst[n++] = s.ptr[i];
	}
	return n;
}

/* The inside of a quoted string or comment, without the delimiters. */
static struct slice inside_of(struct slice raw, uint8_t close)
{
	struct slice in = slice_from(raw, 1);
	if (in.len && in.ptr[in.len - 1] == close)
		in.len--;
	return in;
}

/* A token of raw text. */
struct token {
	struct slice text;
	bool is_quoted, has_gap; /* blanks or a comment stood before it */
};

/* Takes the next word (atom with its dots, quoted string, domain literal, or a lone special);
 * remembers the last comment it passed. */
static bool next_token(struct slice *s, struct token *t, struct slice *comment)
{
	*t = (struct token){.text = SLICE_EMPTY};
	while (s->len && (lexical_is_space(s->ptr[0]) || s->ptr[0] == '(')) {
		size_t n = s->ptr[0] == '(' ? lexical_comment_end(*s, 0) : 1;
		if (s->ptr[0] == '(' && comment)
			*comment = slice_upto(*s, n);
		t->has_gap = true;
		*s = slice_from(*s, n);
	}
	if (s->len == 0)
		return false;
	size_t n = 1;
	t->is_quoted = s->ptr[0] == '"';
	if (t->is_quoted)
		n = lexical_quoted_end(*s, 0);
	else if (s->ptr[0] == '[')
		n = literal_end(*s, 0);
	else
		while (n < s->len && !lexical_is_space(s->ptr[n]) && !strchr("(\"[", s->ptr[n]))
			n++;
	if (n > s->len)
		n = s->len;
	t->text = slice_upto(*s, n);
	*s = slice_from(*s, n);
	return true;
}

static size_t add_token(uint8_t *dst, const struct token *t)
{
	if (t->is_quoted)
		return add_unescaped(dst, inside_of(t->text, '"'));
	size_t n = 0;
	for (size_t i = 0; i < t->text.len; i++)
		if (t->text.ptr[i] != 0)
			dst[n++] = t->text.ptr[i];
	return n;
}

/* Words joined by single spaces; a NULL slice when there are none. */
static enum err phrase_text(struct slice raw, struct arena *arena, struct slice *comment,
			    struct slice *text_out)
{
	struct token t;
	bool was_quoted = false;
	size_t n = 0;
	*text_out = SLICE_EMPTY;
	uint8_t *text = arena_alloc(arena, raw.len + 1);
	if (!text)
		return ERR_NOMEM;
	while (next_token(&raw, &t, comment)) {
		if (n && (t.has_gap || t.is_quoted || was_quoted))
			text[n++] = ' ';
		n += add_token(text + n, &t);
		was_quoted = t.is_quoted;
	}
	while (n && text[n - 1] == ' ')
		n--;
	if (n)
		*text_out = slice_of(text, n);
	return ERR_NONE;
}

/* Words glued together, as far as only dots are apart from them ("john . doe", RFC 5322 4.4); the
 * first word that is really apart ends it, and so does a second '@'. */
static enum err glued_text(struct slice raw, struct arena *arena, struct slice *comment,
			   struct slice *text_out)
{
	struct token t;
	size_t n = 0;
	uint8_t *text = arena_alloc(arena, raw.len + 1);
	if (!text)
		return ERR_NOMEM;
	while (next_token(&raw, &t, comment)) {
		bool dotted = n && (text[n - 1] == '.' || t.text.ptr[0] == '.');
		if (n && t.has_gap && !dotted)
			break;
		size_t added = add_token(text + n, &t);
		size_t at =
			t.is_quoted ? SIZE_MAX : slice_find_byte(slice_of(text + n, added), '@');
		n += at < added ? at : added;
		if (at < added)
			break;
	}
	*text_out = slice_of(text, n);
	return ERR_NONE;
}

/* Where the local part begins that ends with `raw`: behind the last gap that no dot bridges. */
static size_t local_start(struct slice raw)
{
	struct slice rest = raw;
	struct token t;
	size_t start = 0;
	uint8_t last = 0;
	while (next_token(&rest, &t, NULL)) {
		if (t.has_gap && last != '.' && t.text.ptr[0] != '.')
			start = (size_t)(t.text.ptr - raw.ptr);
		last = t.text.ptr[t.text.len - 1];
	}
	return start;
}

/* ---- addresses ---- */

static void fill_missing(struct address *a)
{
	if (a->mailbox.len == 0)
		a->mailbox = SLICE_LIT(ADDRESS_NO_MAILBOX);
	if (a->host.len == 0)
		a->host = SLICE_LIT(ADDRESS_NO_HOST);
}

/* "@a,@b:" in front of an address in angle brackets; dropped from *inside. */
static enum err take_route(struct slice *inside, struct arena *arena, struct slice *adl_out)
{
	struct slice text = slice_trim(*inside);
	if (text.len == 0 || text.ptr[0] != '@')
		return ERR_NONE;
	size_t colon = slice_find_byte(text, ':');
	if (colon == SIZE_MAX)
		return ERR_NONE;
	uint8_t *adl = arena_alloc(arena, colon);
	size_t n = 0;
	if (!adl)
		return ERR_NOMEM;
	for (size_t i = 0; i < colon; i++)
		if (!lexical_is_space(text.ptr[i]) && text.ptr[i] != 0)
			adl[n++] = text.ptr[i];
	*adl_out = slice_of(adl, n);
	*inside = slice_from(text, colon + 1);
	return ERR_NONE;
}

/* First '@' outside of quotes and comments. */
static size_t find_at(struct slice s)
{
	size_t i = 0;
	while (i < s.len && s.ptr[i] != '@')
		i = s.ptr[i] == '"'   ? lexical_quoted_end(s, i)
		    : s.ptr[i] == '(' ? lexical_comment_end(s, i)
				      : i + 1;
	return i < s.len ? i : NOWHERE;
}

static enum err parse_angle(struct address_parser *p, const struct element *e, struct address *a,
			    struct slice *comment)
{
	size_t end = e->angle_end == NOWHERE ? e->raw.len : e->angle_end;
	struct slice inside = slice_between(e->raw, e->angle + 1, end);
	enum err err = phrase_text(slice_upto(e->raw, e->angle), p->arena, comment, &a->name);
	if (!err)
		err = take_route(&inside, p->arena, &a->adl);
	if (err)
		return err;
	size_t at = find_at(inside);
	err = glued_text(slice_upto(inside, at), p->arena, NULL, &a->mailbox);
	if (!err && at != NOWHERE)
		err = glued_text(slice_from(inside, at + 1), p->arena, NULL, &a->host);
	return err;
}

static enum err parse_plain(struct address_parser *p, const struct element *e, struct address *a,
			    struct slice *comment)
{
	struct slice before = slice_upto(e->raw, e->at);
	size_t start = local_start(before);
	enum err err = phrase_text(slice_upto(before, start), p->arena, comment, &a->name);
	if (!err)
		err = glued_text(slice_from(before, start), p->arena, comment, &a->mailbox);
	if (!err)
		err = glued_text(slice_from(e->raw, e->at + 1), p->arena, comment, &a->host);
	return err;
}

/* No '@' at all: one atom is a local user, anything else a name. */
static enum err parse_bare(struct address_parser *p, const struct element *e, struct address *a,
			   struct slice *comment)
{
	struct slice rest = e->raw;
	struct token first, second;
	bool is_one = next_token(&rest, &first, NULL) && !next_token(&rest, &second, NULL);
	bool is_mailbox = is_one && !first.is_quoted;
	return phrase_text(e->raw, p->arena, comment, is_mailbox ? &a->mailbox : &a->name);
}

static enum err parse_mailbox(struct address_parser *p, const struct element *e, struct address *a)
{
	struct slice comment = SLICE_EMPTY;
	enum err err;
	*a = (struct address){.kind = ADDRESS_MAILBOX};
	if (e->angle != NOWHERE)
		err = parse_angle(p, e, a, &comment);
	else if (e->at != NOWHERE)
		err = parse_plain(p, e, a, &comment);
	else
		err = parse_bare(p, e, a, &comment);
	if (err)
		return err;
	if (!a->name.ptr && comment.len && e->angle == NOWHERE) {
		struct slice inside = slice_trim(inside_of(comment, ')'));
		uint8_t *text = arena_alloc(p->arena, inside.len + 1);
		if (!text)
			return ERR_NOMEM;
		size_t n = add_unescaped(text, inside);
		a->name = n ? slice_of(text, n) : SLICE_EMPTY;
	}
	fill_missing(a);
	return ERR_NONE;
}

static bool is_empty_element(struct slice raw)
{
	struct token t;
	return !next_token(&raw, &t, NULL);
}

void address_init(struct address_parser *p, struct slice value, struct arena *arena)
{
	*p = (struct address_parser){.rest = value, .arena = arena};
}

static enum err group_end(struct address_parser *p, struct address *address_out)
{
	p->in_group = false;
	*address_out = (struct address){.kind = ADDRESS_GROUP_END};
	return ERR_NONE;
}

enum err address_next(struct address_parser *p, struct address *address_out)
{
	while (p->rest.len) {
		struct element e;
		if (p->rest.ptr[0] == ';') {
			p->rest = slice_from(p->rest, 1);
			if (p->in_group)
				return group_end(p, address_out);
			continue;
		}
		p->rest = slice_from(p->rest, element_scan(p->rest, p->in_group, &e));
		if (e.is_group) {
			*address_out = (struct address){.kind = ADDRESS_GROUP_START};
			p->in_group = true;
			enum err err = phrase_text(e.raw, p->arena, NULL, &address_out->mailbox);
			if (!err && !address_out->mailbox.ptr)
				address_out->mailbox = SLICE_LIT("");
			return err;
		}
		if (!is_empty_element(e.raw))
			return parse_mailbox(p, &e, address_out);
	}
	return p->in_group ? group_end(p, address_out) : ERR_NOT_FOUND;
}
