#include "proto/smtp/smtp_path.h"

#include <arpa/inet.h>

#include "mail/lexical.h"

static bool byte_is_atext(uint8_t c) /* RFC 5322 3.2.3, RFC 6531 3.3 */
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c >= 0x80 ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool byte_is_label(uint8_t c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_' || c >= 0x80;
}

/* How many octets at the front are a dot-string: atoms with single dots between them. */
static size_t dot_string_len(struct slice s)
{
	size_t i = 0;
	while (i < s.len &&
	       (byte_is_atext(s.ptr[i]) || (s.ptr[i] == '.' && i > 0 && s.ptr[i - 1] != '.')))
		i++;
	return i > 0 && s.ptr[i - 1] == '.' ? 0 : i;
}

/* The same of a quoted string, quotes included; 0: it has no end, or holds a control. */
static size_t quoted_string_len(struct slice s)
{
	for (size_t i = 1; i < s.len; i++) {
		uint8_t c = s.ptr[i];
		if (c == '"')
			return i + 1;
		if (c == '\\')
			c = ++i < s.len ? s.ptr[i] : 0;
		if (c < ' ' || c == 0x7f)
			return 0;
	}
	return 0;
}

static bool label_is_right(struct slice label)
{
	for (size_t i = 0; i < label.len; i++)
		if (!byte_is_label(label.ptr[i]))
			return false;
	return label.len > 0 && label.len <= 63 * 4 && label.ptr[0] != '-' &&
	       label.ptr[label.len - 1] != '-';
}

static bool name_is_right(struct slice name)
{
	struct slice rest = name;
	if (!name.len || name.ptr[name.len - 1] == '.')
		return false;
	while (rest.len)
		if (!label_is_right(slice_split(&rest, '.')))
			return false;
	return true;
}

/* [192.0.2.1], [IPv6:2001:db8::1], [tag:content] (RFC 5321 4.1.3). */
static bool literal_is_right(struct slice inside)
{
	struct in6_addr address;
	char text[INET6_ADDRSTRLEN];
	bool is_v6 = slice_starts_nocase(inside, "IPv6:");
	struct slice number = is_v6 ? slice_from(inside, 5) : inside;
	if (!slice_to_str(number, text, sizeof(text)) &&
	    inet_pton(is_v6 ? AF_INET6 : AF_INET, text, &address) == 1)
		return true;
	size_t colon = slice_find_byte(inside, ':');
	if (is_v6 || colon == SIZE_MAX || colon + 1 == inside.len ||
	    !label_is_right(slice_upto(inside, colon)))
		return false;
	for (size_t i = colon + 1; i < inside.len; i++)
		if (inside.ptr[i] < 33 || inside.ptr[i] > 126 || strchr("[\\]", inside.ptr[i]))
			return false;
	return true;
}

static enum err take_domain(struct slice *rest, struct slice *domain_out)
{
	size_t len = 0;
	if (rest->len && rest->ptr[0] == '[') {
		size_t end = slice_find_byte(*rest, ']');
		if (end == SIZE_MAX || !literal_is_right(slice_between(*rest, 1, end)))
			return ERR_SYNTAX;
		len = end + 1;
	} else {
		while (len < rest->len && (byte_is_label(rest->ptr[len]) || rest->ptr[len] == '.'))
			len++;
		if (!name_is_right(slice_upto(*rest, len)))
			return ERR_SYNTAX;
	}
	*domain_out = slice_upto(*rest, len);
	*rest = slice_from(*rest, len);
	return len > SMTP_DOMAIN_MAX ? ERR_LIMIT : ERR_NONE;
}

/* "@one,@two:" in front of the mailbox. */
static enum err skip_source_route(struct slice *rest)
{
	struct slice hop;
	if (!rest->len || rest->ptr[0] != '@')
		return ERR_NONE;
	do {
		enum err err = lexical_take_byte(rest, '@') ? take_domain(rest, &hop) : ERR_SYNTAX;
		if (err)
			return err;
	} while (lexical_take_byte(rest, ','));
	return lexical_take_byte(rest, ':') ? ERR_NONE : ERR_SYNTAX;
}

static enum err take_mailbox(struct slice *rest, struct smtp_path *path)
{
	path->is_quoted = rest->len && rest->ptr[0] == '"';
	size_t len = path->is_quoted ? quoted_string_len(*rest) : dot_string_len(*rest);
	if (len == 0)
		return ERR_SYNTAX;
	path->local = slice_upto(*rest, len);
	*rest = slice_from(*rest, len);
	if (len > SMTP_LOCAL_MAX)
		return ERR_LIMIT;
	return lexical_take_byte(rest, '@') ? take_domain(rest, &path->domain) : ERR_NONE;
}

enum err smtp_path_parse(struct slice *rest, struct smtp_path *path_out)
{
	struct slice whole = *rest;
	*path_out = (struct smtp_path){.is_quoted = false};
	if (!lexical_take_byte(rest, '<'))
		return ERR_SYNTAX;
	if (lexical_take_byte(rest, '>'))
		return ERR_NONE;
	enum err err = skip_source_route(rest);
	if (!err)
		err = take_mailbox(rest, path_out);
	if (!err && !lexical_take_byte(rest, '>'))
		err = ERR_SYNTAX;
	if (err)
		return err;
	whole = slice_upto(whole, whole.len - rest->len);
	path_out->has_utf8 = !slice_is_ascii(whole);
	return slice_is_utf8(whole) ? ERR_NONE : ERR_SYNTAX;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* What a quoted string stands for. local->len <= SMTP_LOCAL_MAX. */
static size_t unquote(struct slice local, uint8_t dst[SMTP_LOCAL_MAX])
{
	size_t len = 0;
	for (size_t i = 1; i + 1 < local.len; i++) {
		if (local.ptr[i] == '\\')
			i++;
		dst[len++] = local.ptr[i];
	}
	return len;
}

static enum err write_quoted(struct slice plain, struct buf *dst)
{
	enum err err = buf_add_byte(dst, '"');
	for (size_t i = 0; i < plain.len && !err; i++) {
		if (plain.ptr[i] == '"' || plain.ptr[i] == '\\')
			err = buf_add_byte(dst, '\\');
		if (!err)
			err = buf_add_byte(dst, plain.ptr[i]);
	}
	return err ? err : buf_add_byte(dst, '"');
}

enum err smtp_path_write(const struct smtp_path *path, struct buf *dst)
{
	uint8_t bytes[SMTP_LOCAL_MAX];
	struct slice plain = path->local;
	if (path->is_quoted)
		plain = slice_of(bytes, unquote(path->local, bytes));
	bool is_plain = plain.len && dot_string_len(plain) == plain.len;
	enum err err = !path->local.len ? ERR_NONE
		       : is_plain       ? buf_add_slice(dst, plain)
					: write_quoted(plain, dst);
	if (!err && path->domain.len)
		err = buf_add_byte(dst, '@');
	return err ? err : buf_add_slice(dst, path->domain);
}

/* --- parameters ------------------------------------------------------------------------------- */

static bool name_byte_is_right(uint8_t c, bool is_first)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || (c == '-' && !is_first);
}

enum err smtp_param_next(struct slice *rest, struct smtp_param *param_out)
{
	struct slice word = slice_word(rest);
	if (!word.len)
		return ERR_NOT_FOUND;
	size_t equals = slice_find_byte(word, '=');
	param_out->name = slice_upto(word, equals);
	param_out->value = equals == SIZE_MAX ? SLICE_EMPTY : slice_from(word, equals + 1);
	for (size_t i = 0; i < param_out->name.len; i++)
		if (!name_byte_is_right(param_out->name.ptr[i], i == 0))
			return ERR_SYNTAX;
	for (size_t i = 0; i < param_out->value.len; i++) {
		uint8_t c = param_out->value.ptr[i];
		if (c < 33 || c == '=' || c == 127)
			return ERR_SYNTAX;
	}
	bool is_cut_short = equals != SIZE_MAX && !param_out->value.len;
	return param_out->name.len && !is_cut_short && slice_is_utf8(word) ? ERR_NONE : ERR_SYNTAX;
}

static bool byte_is_upper_hex(uint8_t c)
{
	return ascii_is_digit(c) || (c >= 'A' && c <= 'F');
}

bool smtp_is_xtext(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];
		if (c < 33 || c > 126 || c == '=')
			return false;
		if (c != '+')
			continue;
		if (i + 2 >= s.len || !byte_is_upper_hex(s.ptr[i + 1]) ||
		    !byte_is_upper_hex(s.ptr[i + 2]))
			return false;
		i += 2;
	}
	return true;
}
