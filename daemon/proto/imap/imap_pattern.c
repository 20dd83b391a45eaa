#include "proto/imap/imap_pattern.h"

#include "store/store.h"

static bool is_wildcard(uint8_t c)
{
	return c == '*' || c == '%';
}

/* "*%" and "%*" match what "*" matches. */
static struct slice pattern_squeeze(uint8_t *text, size_t len)
{
	size_t kept = 0;
	for (size_t i = 0; i < len; i++) {
		bool joins = kept && is_wildcard(text[i]) && is_wildcard(text[kept - 1]);
		if (!joins)
			text[kept++] = text[i];
		else if (text[i] == '*')
			text[kept - 1] = '*';
	}
	return slice_of(text, kept);
}

enum err imap_pattern_init(struct imap_pattern *p, struct slice reference, struct slice pattern,
			   struct arena *arena)
{
	*p = (struct imap_pattern){0};
	uint8_t *text = arena_alloc(arena, reference.len + pattern.len + 1);
	if (!text)
		return ERR_NOMEM;
	if (reference.len)
		memcpy(text, reference.ptr, reference.len);
	if (pattern.len)
		memcpy(text + reference.len, pattern.ptr, pattern.len);
	p->text = pattern_squeeze(text, reference.len + pattern.len);

	size_t plain = 0;
	for (size_t i = 0; i < p->text.len; i++)
		plain += !is_wildcard(p->text.ptr[i]);
	p->is_hopeless = plain > MAILBOX_NAME_MAX_BYTES;
	if (p->is_hopeless)
		return ERR_NONE;
	p->now = arena_array(arena, p->text.len + 1, sizeof(bool));
	p->next = arena_array(arena, p->text.len + 1, sizeof(bool));
	return p->now && p->next ? ERR_NONE : ERR_NOMEM;
}

/* A wildcard may also match nothing. */
static void pattern_pass_wildcards(const struct imap_pattern *p, bool *reached)
{
	for (size_t i = 0; i < p->text.len; i++)
		if (reached[i] && is_wildcard(p->text.ptr[i]))
			reached[i + 1] = true;
}

static void pattern_step(struct imap_pattern *p, uint8_t c, bool folds)
{
	memset(p->next, 0, (p->text.len + 1) * sizeof(bool));
	for (size_t i = 0; i < p->text.len; i++) {
		uint8_t wanted = p->text.ptr[i];
		if (!p->now[i])
			continue;
		if (wanted == '*' || (wanted == '%' && c != MAILBOX_SEPARATOR))
			p->next[i] = true;
		else if (wanted == c || (folds && ascii_upper(wanted) == c))
			p->next[i + 1] = true;
	}
	pattern_pass_wildcards(p, p->next);
	bool *swap = p->now;
	p->now = p->next;
	p->next = swap;
}

uint64_t imap_pattern_levels(struct imap_pattern *p, struct slice name)
{
	if (p->is_hopeless)
		return 0;
	struct slice rest = name;
	struct slice first = slice_split(&rest, MAILBOX_SEPARATOR);
	size_t folded = slice_eq_str(first, "INBOX") ? first.len : 0;

	uint64_t levels = 0, level = 1;
	memset(p->now, 0, (p->text.len + 1) * sizeof(bool));
	p->now[0] = true;
	pattern_pass_wildcards(p, p->now);
	for (size_t i = 0; i < name.len; i++) {
		if (name.ptr[i] == MAILBOX_SEPARATOR) {
			levels |= p->now[p->text.len] ? level : 0;
			level <<= 1;
		}
		pattern_step(p, name.ptr[i], i < folded);
	}
	return levels | (p->now[p->text.len] ? level : 0);
}
