#include "proto/imap/imap_section.h"

/* ---- parsing ---- */

/* "1.2." in front of a word, or "1.2" in front of "]". */
static bool parse_path(struct imap_lex *lex, struct imap_section *section)
{
	uint32_t path[SECTION_PATH_MAX], n = 0;
	while (ascii_is_digit(lex_peek(lex))) {
		if (n == SECTION_PATH_MAX)
			return lex_fail(lex, "Section is nested too deeply");
		if (!lex_nz_number(lex, &path[n]))
			return false;
		n++;
		if (!lex_try(lex, '.'))
			break;
		if (lex_peek(lex) == ']')
			return lex_fail(lex, "Section ends in a dot");
	}
	if (!n)
		return !lex->err;
	section->path = arena_array(lex->arena, n, sizeof(*path));
	if (!section->path)
		return lex_fail(lex, "Command is too large");
	memcpy(section->path, path, n * sizeof(*path));
	section->path_len = n;
	return true;
}

static bool are_kept(const struct imap_section *section)
{
	static const struct summary_part whole_message;
	for (uint32_t i = 0; i < section->name_count; i++)
		if (!summary_has_field(&whole_message, section->names[i]))
			return false;
	return true;
}

static bool parse_names(struct imap_lex *lex, struct imap_section *section)
{
	struct slice names[SECTION_NAMES_MAX];
	uint32_t n = 0;
	section->has_names = true;
	if (!lex_space(lex) || !lex_list_begin(lex))
		return false;
	do {
		if (n == SECTION_NAMES_MAX)
			return lex_fail(lex, "Too many header fields");
		if (!lex_astring(lex, &names[n++]))
			return false;
	} while (lex_list_next(lex));
	section->names = arena_array(lex->arena, n, sizeof(*names));
	if (!section->names)
		return lex_fail(lex, "Command is too large");
	memcpy(section->names, names, n * sizeof(*names));
	section->name_count = n;
	section->are_kept = are_kept(section);
	return lex_char(lex, ')');
}

static bool is_word_char(uint8_t c)
{
	return ascii_is_alpha(c) || c == '.';
}

static bool parse_word(struct imap_lex *lex, struct imap_section *section)
{
	size_t n = 0;
	while (n < lex->rest.len && is_word_char(lex->rest.ptr[n]))
		n++;
	struct slice word = slice_upto(lex->rest, n);
	lex->rest = slice_from(lex->rest, n);
	section->kind = SECTION_HEADER;
	if (slice_eq_str_nocase(word, "HEADER"))
		return true;
	if (slice_eq_str_nocase(word, "HEADER.FIELDS"))
		return parse_names(lex, section);
	if (slice_eq_str_nocase(word, "HEADER.FIELDS.NOT")) {
		section->is_not = true;
		return parse_names(lex, section);
	}
	section->kind = SECTION_TEXT;
	if (slice_eq_str_nocase(word, "TEXT"))
		return true;
	section->kind = SECTION_MIME;
	if (slice_eq_str_nocase(word, "MIME") && section->path_len)
		return true;
	return lex_fail(lex, "Unknown section");
}

static bool parse_partial(struct imap_lex *lex, struct imap_section *section)
{
	if (!lex_try(lex, '<'))
		return true;
	section->is_partial = true;
	if (!lex_number(lex, INT64_MAX, &section->partial_start) || !lex_char(lex, '.') ||
	    !lex_number(lex, INT64_MAX, &section->partial_count) || !lex_char(lex, '>'))
		return false;
	return section->partial_count || lex_fail(lex, "A part of no octets");
}

bool imap_section_parse(struct imap_lex *lex, struct imap_section *section_out)
{
	*section_out = (struct imap_section){.kind = SECTION_WHOLE};
	if (!parse_path(lex, section_out))
		return false;
	if (lex_peek(lex) != ']' && !parse_word(lex, section_out))
		return false;
	return lex_char(lex, ']') && parse_partial(lex, section_out);
}

bool imap_section_parse_binary(struct imap_lex *lex, bool may_be_partial,
			       struct imap_section *section_out)
{
	*section_out = (struct imap_section){.kind = SECTION_WHOLE};
	return parse_path(lex, section_out) && lex_char(lex, ']') &&
	       (!may_be_partial || parse_partial(lex, section_out));
}

/* ---- printing ---- */

static const char *word_of(const struct imap_section *section)
{
	if (section->has_names)
		return section->is_not ? "HEADER.FIELDS.NOT" : "HEADER.FIELDS";
	switch (section->kind) {
	case SECTION_WHOLE: return "";
	case SECTION_HEADER: return "HEADER";
	case SECTION_TEXT: return "TEXT";
	case SECTION_MIME: return "MIME";
	}
	return "";
}

void imap_section_print(const struct imap_section *section, struct imap_out *o)
{
	const char *word = word_of(section);
	out_str(o, "[");
	for (uint32_t i = 0; i < section->path_len; i++)
		out_fmt(o, i ? ".%u" : "%u", section->path[i]);
	if (section->path_len && *word)
		out_str(o, ".");
	out_str(o, word);
	for (uint32_t i = 0; i < section->name_count; i++) {
		out_str(o, i ? " " : " (");
		out_astring(o, section->names[i]);
	}
	out_str(o, section->has_names ? ")]" : "]");
	if (section->is_partial)
		out_fmt(o, "<%llu>", (unsigned long long)section->partial_start);
}

bool imap_section_wants_field(const struct imap_section *section, struct slice name)
{
	for (uint32_t i = 0; i < section->name_count; i++)
		if (section->names[i].len == name.len && slice_eq_nocase(section->names[i], name))
			return !section->is_not;
	return section->is_not;
}

uint64_t imap_section_clip(const struct imap_section *section, uint64_t total, uint64_t *skip_out)
{
	*skip_out = 0;
	if (!section->is_partial)
		return total;
	*skip_out = section->partial_start < total ? section->partial_start : total;
	uint64_t left = total - *skip_out;
	return left < section->partial_count ? left : section->partial_count;
}
