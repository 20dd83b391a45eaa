#include "app/multipart.h"

#include "mail/param.h"

enum multipart_state {
	MULTIPART_PREAMBLE,
	MULTIPART_BEHIND_BOUNDARY, /* "--" or the end of the line follows */
	MULTIPART_IN_HEADER,
	MULTIPART_IN_BODY,
	MULTIPART_AT_END,
	MULTIPART_IS_BAD,
};

/* The value of a parameter. False: it is not there, or too long. */
static bool parameter(struct slice text, const char *name, char *dst, size_t size)
{
	struct arena arena;
	struct param_list list;
	const struct param *param = NULL;
	arena_init(&arena, (size_t)4 * MULTIPART_HEADER_MAX_BYTES);
	if (!param_parse(text, &arena, &list))
		param = param_find(&list, name);
	bool is_there = param && !slice_to_str(param->value, dst, size);
	arena_reset(&arena);
	return is_there;
}

enum err multipart_init(struct multipart *m, struct slice content_type)
{
	*m = (struct multipart){.state = MULTIPART_PREAMBLE, .delimiter = "\r\n--"};
	buf_init(&m->header, MULTIPART_HEADER_MAX_BYTES);
	if (!slice_starts_nocase(content_type, "multipart/form-data") ||
	    !parameter(content_type, "boundary", m->delimiter + 4, MULTIPART_BOUNDARY_MAX + 1))
		return ERR_SYNTAX;
	m->delimiter_len = strlen(m->delimiter);
	for (size_t i = 4; i < m->delimiter_len; i++)
		if (m->delimiter[i] < 32 || m->delimiter[i] > 126)
			return ERR_SYNTAX;
	m->matched = m->assumed = 2; /* the first boundary needs no line in front of it */
	return m->delimiter_len > 4 ? ERR_NONE : ERR_SYNTAX;
}

void multipart_free(struct multipart *m)
{
	buf_free(&m->header);
}

/* --- bodies ------------------------------------------------------------------------------------- */

/* Its first octet stands nowhere else in the delimiter, so what did not match cannot be the start of
 * another match. True: the delimiter is whole. Else *data_out is what is surely no part of it. */
static bool multipart_search(struct multipart *m, struct slice *input, struct slice *data_out)
{
	*data_out = SLICE_EMPTY;
	while (input->len && m->matched < m->delimiter_len) {
		if (!m->matched) {
			*data_out = slice_upto(*input, slice_find_byte(*input, '\r'));
			*input = slice_from(*input, data_out->len);
		} else if (input->ptr[0] != (uint8_t)m->delimiter[m->matched]) {
			*data_out = slice_of(m->delimiter + m->assumed, m->matched - m->assumed);
			m->matched = m->assumed = 0;
		}
		if (data_out->len)
			return false;
		if (input->ptr[0] != (uint8_t)m->delimiter[m->matched])
			continue;
		m->matched++;
		*input = slice_from(*input, 1);
	}
	return m->matched == m->delimiter_len;
}

static enum multipart_event multipart_body(struct multipart *m, struct slice *input,
					   struct slice *data_out)
{
	bool is_preamble = m->state == MULTIPART_PREAMBLE;
	bool is_found;
	do /* what stands in front of the first boundary is passed over */
		is_found = multipart_search(m, input, data_out);
	while (!is_found && is_preamble && input->len);
	if (is_found) {
		m->matched = m->assumed = 0;
		m->state = MULTIPART_BEHIND_BOUNDARY;
		buf_clear(&m->header);
		return is_preamble ? MULTIPART_MORE : MULTIPART_CLOSE;
	}
	return data_out->len && !is_preamble ? MULTIPART_DATA : MULTIPART_MORE;
}

/* --- what stands between them ------------------------------------------------------------------- */

static enum multipart_event multipart_bad(struct multipart *m)
{
	m->state = MULTIPART_IS_BAD;
	return MULTIPART_BAD;
}

static bool multipart_take(struct multipart *m, struct slice *input)
{
	uint8_t byte = input->ptr[0];
	*input = slice_from(*input, 1);
	return !buf_add_byte(&m->header, byte);
}

static enum multipart_event multipart_behind(struct multipart *m, struct slice *input)
{
	while (input->len && m->header.len < 2)
		if (!multipart_take(m, input))
			return multipart_bad(m);
	if (m->header.len < 2)
		return MULTIPART_MORE;
	bool is_last = slice_eq_str(buf_view(&m->header), "--");
	bool is_line = slice_eq_str(buf_view(&m->header), "\r\n");
	buf_clear(&m->header);
	m->state = is_last ? MULTIPART_AT_END : MULTIPART_IN_HEADER;
	return is_last ? MULTIPART_END : is_line ? MULTIPART_MORE : multipart_bad(m);
}

static bool header_is_whole(struct slice header)
{
	if (slice_eq_str(header, "\r\n"))
		return true;
	return header.len >= 4 && memcmp(header.ptr + header.len - 4, "\r\n\r\n", 4) == 0;
}

static enum multipart_event multipart_header(struct multipart *m, struct slice *input)
{
	while (input->len && !header_is_whole(buf_view(&m->header)))
		if (!multipart_take(m, input))
			return multipart_bad(m);
	if (!header_is_whole(buf_view(&m->header)))
		return MULTIPART_MORE;
	if (!parameter(buf_view(&m->header), "name", m->name, sizeof(m->name)))
		m->name[0] = '\0';
	m->state = MULTIPART_IN_BODY;
	m->matched = m->assumed = 2; /* an empty part is a boundary right behind the header */
	return MULTIPART_PART;
}

enum multipart_event multipart_next(struct multipart *m, struct slice *input,
				    struct slice *data_out)
{
	for (;;) {
		size_t before = input->len;
		int state = m->state;
		enum multipart_event event = MULTIPART_MORE;
		switch ((enum multipart_state)state) {
		case MULTIPART_PREAMBLE:
		case MULTIPART_IN_BODY: event = multipart_body(m, input, data_out); break;
		case MULTIPART_BEHIND_BOUNDARY: event = multipart_behind(m, input); break;
		case MULTIPART_IN_HEADER: event = multipart_header(m, input); break;
		case MULTIPART_AT_END: return MULTIPART_END;
		case MULTIPART_IS_BAD: return MULTIPART_BAD;
		}
		if (event != MULTIPART_MORE || (before == input->len && state == m->state))
			return event;
	}
}
