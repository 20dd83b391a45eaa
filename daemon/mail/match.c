#include "mail/match.h"

#include "mail/fold.h"

void match_init(struct matcher *m, struct arena *arena)
{
	*m = (struct matcher){.arena = arena};
}

/* border[i]: length of the longest proper prefix of bytes[0..i] that also ends it. */
static void fill_border(const uint8_t *bytes, uint16_t *border, size_t len)
{
	uint16_t k = 0;
	border[0] = 0;
	for (size_t i = 1; i < len; i++) {
		while (k && bytes[i] != bytes[k])
			k = border[k - 1];
		k = (uint16_t)(bytes[i] == bytes[k] ? k + 1 : 0);
		border[i] = k;
	}
}

static void fill_starts(struct matcher *m)
{
	memset(m->starts, 0, sizeof(m->starts));
	for (uint32_t i = 0; i < m->count; i++)
		if (!m->needles[i].is_found)
			m->starts[m->needles[i].bytes[0]] = true;
}

enum err match_add(struct matcher *m, struct slice needle, uint32_t *id_out)
{
	struct buf folded;
	if (m->count == MATCH_MAX_NEEDLES || needle.len > MATCH_NEEDLE_MAX_BYTES)
		return ERR_LIMIT;
	buf_init(&folded, 3 * MATCH_NEEDLE_MAX_BYTES);
	enum err err = fold_add(&folded, needle);
	uint8_t *bytes = arena_alloc(m->arena, folded.len + 1);
	uint16_t *border = arena_array(m->arena, folded.len + 1, sizeof(*border));
	if (!err && (!bytes || !border))
		err = ERR_NOMEM;
	if (!err) {
		struct match_needle *n = &m->needles[m->count];
		if (folded.len)
			memcpy(bytes, buf_view(&folded).ptr, folded.len);
		fill_border(bytes, border, folded.len);
		*n = (struct match_needle){.bytes = bytes, .border = border};
		n->len = (uint16_t)folded.len;
		n->is_found = n->len == 0;
		*id_out = m->count++;
		m->found += n->is_found;
		fill_starts(m);
	}
	buf_free(&folded);
	return err;
}

void match_reset(struct matcher *m)
{
	m->found = 0;
	for (uint32_t i = 0; i < m->count; i++) {
		m->needles[i].at = 0;
		m->needles[i].is_found = m->needles[i].len == 0;
		m->found += m->needles[i].is_found;
	}
	m->held_len = 0;
	m->is_active = false;
	fill_starts(m);
}

void match_break(struct matcher *m)
{
	for (uint32_t i = 0; i < m->count; i++)
		m->needles[i].at = 0;
	m->held_len = 0;
	m->is_active = false;
}

/* One more folded byte for every needle that is still sought. */
static void feed(struct matcher *m, uint8_t byte)
{
	bool is_active = false;
	for (uint32_t i = 0; i < m->count; i++) {
		struct match_needle *n = &m->needles[i];
		if (n->is_found)
			continue;
		while (n->at && n->bytes[n->at] != byte)
			n->at = n->border[n->at - 1];
		if (n->bytes[n->at] == byte)
			n->at++;
		if (n->at == n->len) {
			n->is_found = true;
			n->at = 0;
			m->found++;
			fill_starts(m);
		}
		is_active = is_active || n->at;
	}
	m->is_active = is_active;
}

static void feed_code_point(struct matcher *m, uint32_t c)
{
	uint8_t bytes[FOLD_UTF8_MAX];
	size_t n = fold_utf8_put(fold_code_point(c), bytes);
	for (size_t i = 0; i < n; i++)
		if (m->is_active || m->starts[bytes[i]])
			feed(m, bytes[i]);
}

/* Completes a character that the last chunk began. */
static void feed_held(struct matcher *m, struct slice *src)
{
	while (m->held_len && src->len && m->held_len < fold_utf8_len(m->held[0])) {
		if ((src->ptr[0] & 0xC0) != 0x80)
			break;
		m->held[m->held_len++] = src->ptr[0];
		*src = slice_from(*src, 1);
	}
	if (m->held_len == 0 || (src->len == 0 && m->held_len < fold_utf8_len(m->held[0])))
		return;
	struct slice held = slice_of(m->held, m->held_len);
	while (held.len)
		feed_code_point(m, fold_utf8_take(&held));
	m->held_len = 0;
}

/* Skips ASCII that can begin no needle. */
static struct slice skip_idle(const struct matcher *m, struct slice s)
{
	size_t i = 0;
	while (i < s.len && s.ptr[i] < 0x80 && !m->starts[ascii_lower(s.ptr[i])])
		i++;
	return slice_from(s, i);
}

bool match_push(struct matcher *m, struct slice utf8)
{
	feed_held(m, &utf8);
	while (utf8.len && m->found < m->count) {
		if (!m->is_active)
			utf8 = skip_idle(m, utf8);
		if (utf8.len == 0)
			break;
		if (utf8.ptr[0] < 0x80) {
			feed(m, ascii_lower(utf8.ptr[0]));
			utf8 = slice_from(utf8, 1);
			continue;
		}
		size_t need = fold_utf8_len(utf8.ptr[0]);
		bool may_go_on = need > utf8.len;
		for (size_t i = 1; i < utf8.len && may_go_on; i++)
			may_go_on = (utf8.ptr[i] & 0xC0) == 0x80;
		if (may_go_on) {
			memcpy(m->held, utf8.ptr, utf8.len);
			m->held_len = (uint8_t)utf8.len;
			break;
		}
		feed_code_point(m, fold_utf8_take(&utf8));
	}
	return m->found == m->count;
}

bool match_found(const struct matcher *m, uint32_t id)
{
	return id < m->count && m->needles[id].is_found;
}
