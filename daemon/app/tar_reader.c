#include "app/tar.h"

enum tar_state {
	TAR_IN_HEADER,
	TAR_IN_RECORDS,
	TAR_IN_DATA,
	TAR_IN_PADDING, /* behind records */
	TAR_AFTER_DATA, /* the padding behind data; then the entry is whole */
	TAR_AT_END,
	TAR_IS_BAD,
};

void tar_reader_init(struct tar_reader *r)
{
	*r = (struct tar_reader){.state = TAR_IN_HEADER};
	buf_init(&r->records, TAR_RECORDS_MAX_BYTES);
	buf_init(&r->path, TAR_PATH_MAX_BYTES);
}

void tar_reader_free(struct tar_reader *r)
{
	buf_free(&r->records);
	buf_free(&r->path);
}

static enum tar_event tar_bad(struct tar_reader *r, const char *why)
{
	r->state = TAR_IS_BAD;
	r->why = why;
	return TAR_BAD;
}

static struct slice tar_take(struct tar_reader *r, struct slice *input, uint64_t wanted)
{
	struct slice taken = slice_upto(*input, wanted < input->len ? (size_t)wanted : input->len);
	*input = slice_from(*input, taken.len);
	r->offset += taken.len;
	return taken;
}

/* --- records ------------------------------------------------------------------------------------ */

bool tar_next_record(struct slice *rest, struct slice *key_out, struct slice *value_out)
{
	uint64_t len = 0;
	size_t blank = slice_find_byte(*rest, ' ');
	if (blank == SIZE_MAX || slice_u64(slice_upto(*rest, blank), rest->len, &len) ||
	    len < blank + 3)
		return false;
	struct slice whole = slice_between(*rest, blank + 1, (size_t)len);
	if (whole.ptr[whole.len - 1] != '\n')
		return false;
	whole.len--;
	size_t equals = slice_find_byte(whole, '=');
	if (equals == SIZE_MAX)
		return false;
	*key_out = slice_upto(whole, equals);
	*value_out = slice_from(whole, equals + 1);
	*rest = slice_from(*rest, (size_t)len);
	return true;
}

bool tar_record(const struct tar_reader *r, const char *key, struct slice *value_out)
{
	struct slice rest = buf_view(&r->records), found, value;
	bool is_there = false;
	/* POSIX: of several with one key the last counts. */
	while (tar_next_record(&rest, &found, &value)) {
		if (!slice_eq_str(found, key))
			continue;
		*value_out = value;
		is_there = true;
	}
	return is_there;
}

static bool tar_records_are_whole(const struct tar_reader *r)
{
	struct slice rest = buf_view(&r->records), key, value;
	while (rest.len)
		if (!tar_next_record(&rest, &key, &value))
			return false;
	return true;
}

/* --- headers ------------------------------------------------------------------------------------ */

static bool tar_octal_read(const uint8_t *field, size_t width, uint64_t *value_out)
{
	size_t i = 0;
	*value_out = 0;
	while (i < width && field[i] == ' ')
		i++;
	for (; i < width && field[i] >= '0' && field[i] <= '7'; i++)
		*value_out = *value_out << 3 | (uint64_t)(field[i] - '0');
	return i == width || field[i] == '\0' || field[i] == ' ';
}

static bool tar_sum_is_right(const uint8_t *block)
{
	uint64_t said = 0;
	uint32_t sum = 0;
	for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
		sum += i >= 148 && i < 156 ? ' ' : block[i];
	return tar_octal_read(block + 148, 8, &said) && said == sum;
}

static bool tar_is_zero(const uint8_t *block)
{
	for (size_t i = 0; i < TAR_BLOCK_BYTES; i++)
		if (block[i])
			return false;
	return true;
}

static struct slice tar_text(const uint8_t *field, size_t width)
{
	size_t len = 0;
	while (len < width && field[len])
		len++;
	return slice_of(field, len);
}

/* The path of the record, or prefix and name of the header. */
static enum err tar_path(struct tar_reader *r)
{
	struct slice path;
	buf_clear(&r->path);
	if (r->has_records && tar_record(r, "path", &path))
		return buf_add_slice(&r->path, path);
	struct slice prefix = tar_text(r->block + 345, 155);
	enum err err = ERR_NONE;
	if (prefix.len)
		err = buf_add_slice(&r->path, prefix);
	if (!err && prefix.len)
		err = buf_add_byte(&r->path, '/');
	return err ? err : buf_add_slice(&r->path, tar_text(r->block, 100));
}

static enum tar_event tar_begin_records(struct tar_reader *r, uint64_t size)
{
	if (size > TAR_RECORDS_MAX_BYTES)
		return tar_bad(r, "the records of an entry are too long");
	buf_clear(&r->records);
	r->has_records = true;
	r->left = size;
	r->padding = tar_padding(size);
	r->state = TAR_IN_RECORDS;
	return TAR_MORE;
}

static enum tar_event tar_begin_entry(struct tar_reader *r, uint8_t type, uint64_t size)
{
	struct slice text;
	uint64_t mtime = 0;
	if (!r->has_records)
		buf_clear(&r->records);
	if (tar_record(r, "size", &text) && slice_u64(text, INT64_MAX, &size))
		return tar_bad(r, "a size cannot be read");
	if (!tar_octal_read(r->block + 136, 12, &mtime) || mtime > INT64_MAX)
		mtime = 0;
	if (tar_path(r))
		return tar_bad(r, "a path is too long");
	r->has_records = false;
	if (type == '\0')
		type = TAR_FILE;
	r->is_passed_over = type != TAR_FILE && type != TAR_DIRECTORY;
	if (type == TAR_DIRECTORY)
		size = 0;
	r->header = (struct tar_header){.type = type == TAR_DIRECTORY ? TAR_DIRECTORY : TAR_FILE,
					.path = buf_view(&r->path),
					.size = size,
					.mtime = (int64_t)mtime};
	r->left = size;
	r->padding = tar_padding(size);
	r->state = TAR_IN_DATA;
	return r->is_passed_over ? TAR_MORE : TAR_ENTRY;
}

static enum tar_event tar_header_is_whole(struct tar_reader *r)
{
	uint64_t size = 0;
	uint8_t type = r->block[156];
	r->block_len = 0;
	if (tar_is_zero(r->block)) {
		r->state = TAR_AT_END;
		return TAR_END;
	}
	if (!tar_sum_is_right(r->block))
		return tar_bad(r, "a header is damaged, or this is no archive");
	if (!tar_octal_read(r->block + 124, 12, &size))
		return tar_bad(r, "a size cannot be read");
	return type == 'x' ? tar_begin_records(r, size) : tar_begin_entry(r, type, size);
}

static enum tar_event tar_in_header(struct tar_reader *r, struct slice *input)
{
	struct slice piece = tar_take(r, input, TAR_BLOCK_BYTES - r->block_len);
	if (piece.len)
		memcpy(r->block + r->block_len, piece.ptr, piece.len);
	r->block_len += piece.len;
	return r->block_len == TAR_BLOCK_BYTES ? tar_header_is_whole(r) : TAR_MORE;
}

/* --- what follows a header ---------------------------------------------------------------------- */

static enum tar_event tar_in_records(struct tar_reader *r, struct slice *input)
{
	struct slice piece = tar_take(r, input, r->left);
	r->left -= piece.len;
	if (buf_add_slice(&r->records, piece))
		return tar_bad(r, "out of memory");
	if (r->left)
		return TAR_MORE;
	r->state = TAR_IN_PADDING;
	return tar_records_are_whole(r) ? TAR_MORE : tar_bad(r, "a record is damaged");
}

static enum tar_event tar_in_data(struct tar_reader *r, struct slice *input, struct slice *data_out)
{
	if (!r->left) {
		r->state = TAR_AFTER_DATA;
		return TAR_MORE;
	}
	struct slice piece = tar_take(r, input, r->left);
	r->left -= piece.len;
	*data_out = piece;
	return piece.len && !r->is_passed_over ? TAR_DATA : TAR_MORE;
}

static enum tar_event tar_in_padding(struct tar_reader *r, struct slice *input)
{
	r->padding -= tar_take(r, input, r->padding).len;
	if (r->padding)
		return TAR_MORE;
	bool is_data = r->state == TAR_AFTER_DATA;
	r->state = TAR_IN_HEADER;
	return is_data && !r->is_passed_over ? TAR_CLOSE : TAR_MORE;
}

enum tar_event tar_next(struct tar_reader *r, struct slice *input, struct slice *data_out)
{
	for (;;) {
		size_t before = input->len;
		int state = r->state;
		enum tar_event event = TAR_MORE;
		switch ((enum tar_state)state) {
		case TAR_IN_HEADER: event = tar_in_header(r, input); break;
		case TAR_IN_RECORDS: event = tar_in_records(r, input); break;
		case TAR_IN_DATA: event = tar_in_data(r, input, data_out); break;
		case TAR_IN_PADDING:
		case TAR_AFTER_DATA: event = tar_in_padding(r, input); break;
		case TAR_AT_END: return TAR_END;
		case TAR_IS_BAD: return TAR_BAD;
		}
		if (event != TAR_MORE || (before == input->len && state == r->state))
			return event;
	}
}

bool tar_is_inside(const struct tar_reader *r)
{
	return r->state != TAR_IN_HEADER || r->block_len || r->has_records;
}
