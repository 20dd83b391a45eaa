#include "support/dialog_match.h"

#include <regex.h>
#include <stdio.h>

static struct dialog_var *vars_find(struct dialog_vars *vars, struct slice name)
{
	for (size_t i = 0; i < vars->count; i++)
		if (slice_eq_str(name, vars->vars[i].name))
			return &vars->vars[i];
	return NULL;
}

/* True when s starts with ${name}; *len_out is the length of all that. */
static bool vars_reference(struct slice s, struct slice *name_out, size_t *len_out)
{
	if (!slice_starts(s, SLICE_LIT("${")))
		return false;
	size_t end = slice_find_byte(s, '}');
	if (end == SIZE_MAX)
		return false;
	*name_out = slice_between(s, 2, end);
	*len_out = end + 1;
	return true;
}

static bool byte_ends_value(uint8_t byte)
{
	return byte == ' ' || byte == ']' || byte == ')' || byte == '(' || byte == '"' ||
	       byte == '>';
}

static bool match_here(struct slice pattern, struct slice text, struct dialog_vars *vars);

/* Takes the longest value for which the rest matches. */
static bool match_new_var(struct slice name, struct slice pattern, struct slice text,
			  struct dialog_vars *vars)
{
	struct dialog_var *var = &vars->vars[vars->count];
	size_t len = 0;
	if (vars->count == DIALOG_VARS_MAX || slice_to_str(name, var->name, sizeof(var->name)))
		return false;
	while (len < text.len && !byte_ends_value(text.ptr[len]))
		len++;
	vars->count++;
	for (; len > 0; len--)
		if (!slice_to_str(slice_upto(text, len), var->value, sizeof(var->value)) &&
		    match_here(pattern, slice_from(text, len), vars))
			return true;
	vars->count--;
	return false;
}

static bool match_star(struct slice pattern, struct slice text, struct dialog_vars *vars)
{
	for (size_t skip = 0; skip <= text.len; skip++)
		if (match_here(pattern, slice_from(text, skip), vars))
			return true;
	return false;
}

static bool match_here(struct slice pattern, struct slice text, struct dialog_vars *vars)
{
	struct slice name;
	size_t len;
	while (pattern.len) {
		if (pattern.ptr[0] == '*')
			return match_star(slice_from(pattern, 1), text, vars);
		if (vars_reference(pattern, &name, &len)) {
			const struct dialog_var *var = vars_find(vars, name);
			pattern = slice_from(pattern, len);
			if (!var)
				return match_new_var(name, pattern, text, vars);
			if (!slice_starts(text, slice_str(var->value)))
				return false;
			text = slice_from(text, strlen(var->value));
			continue;
		}
		if (!text.len || text.ptr[0] != pattern.ptr[0])
			return false;
		pattern = slice_from(pattern, 1);
		text = slice_from(text, 1);
	}
	return text.len == 0;
}

bool dialog_match(struct slice pattern, struct slice text, struct dialog_vars *vars)
{
	size_t count = vars->count;
	if (match_here(pattern, text, vars))
		return true;
	vars->count = count;
	return false;
}

bool dialog_match_regex(const char *regex, struct slice text)
{
	char whole[1100], line[4096];
	regex_t compiled;
	snprintf(whole, sizeof(whole), "^(%s)$", regex);
	if (slice_to_str(text, line, sizeof(line)) ||
	    regcomp(&compiled, whole, REG_EXTENDED | REG_NOSUB))
		return false;
	bool matches = regexec(&compiled, line, 0, NULL, 0) == 0;
	regfree(&compiled);
	return matches;
}

/* One escape behind a backslash; *len_out octets of it are used. */
static bool escape_undo(struct slice s, uint8_t *byte_out, size_t *len_out)
{
	static const char names[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
	const char *at = s.len ? memchr(names, s.ptr[0], sizeof(names) - 1) : NULL;
	unsigned value;
	char hex[3];
	if (at) {
		*byte_out = (uint8_t)bytes[at - names];
		*len_out = 1;
		return true;
	}
	if (s.len < 3 || s.ptr[0] != 'x' ||
	    slice_to_str(slice_between(s, 1, 3), hex, sizeof(hex)) ||
	    sscanf(hex, "%2x", &value) != 1)
		return false;
	*byte_out = (uint8_t)value;
	*len_out = 3;
	return true;
}

enum err dialog_expand(struct slice text, bool escapes, const struct dialog_vars *vars,
		       struct buf *dst)
{
	struct slice name;
	size_t len;
	enum err err = ERR_NONE;
	while (text.len && !err) {
		uint8_t byte = text.ptr[0];
		if (vars_reference(text, &name, &len)) {
			const struct dialog_var *var = vars_find((struct dialog_vars *)vars, name);
			if (!var)
				return ERR_NOT_FOUND;
			err = buf_add_str(dst, var->value);
			text = slice_from(text, len);
			continue;
		}
		text = slice_from(text, 1);
		if (escapes && byte == '\\') {
			if (!escape_undo(text, &byte, &len))
				return ERR_SYNTAX;
			text = slice_from(text, len);
		}
		err = buf_add_byte(dst, byte);
	}
	return err;
}
