#include "support/suite.h"

#include "app/tar.h"

static struct buf archive;

static void add(enum tar_type type, const char *path, const char *data, const char *key,
		const char *value)
{
	struct buf records;
	buf_init(&records, TAR_RECORDS_MAX_BYTES);
	struct tar_header h = {type, slice_str(path), strlen(data), 1800000000};
	if (key)
		ck_assert_int_eq(tar_add_record(&records, key, slice_str(value)), ERR_NONE);
	ck_assert_int_eq(tar_add_header(&archive, &h, buf_view(&records)), ERR_NONE);
	ck_assert_int_eq(buf_add_str(&archive, data), ERR_NONE);
	for (size_t left = tar_padding(h.size); left; left--)
		ck_assert_int_eq(buf_add_byte(&archive, 0), ERR_NONE);
	buf_free(&records);
}

/* What the reader says of it, in pieces of this size: "[path]data." for each entry; "!" bad. */
static void tell(struct slice input, size_t piece_size, struct buf *told)
{
	struct tar_reader r;
	struct slice data, value;
	tar_reader_init(&r);
	enum tar_event event = TAR_MORE;
	while (input.len && event != TAR_END && event != TAR_BAD) {
		struct slice piece = slice_upto(input, piece_size);
		input = slice_from(input, piece.len);
		do {
			event = tar_next(&r, &piece, &data);
			enum err err = ERR_NONE;
			if (event == TAR_ENTRY) {
				err = buf_addf(told, "[" SLICE_FMT "]",
					       SLICE_ARG(slice_upto(r.header.path, 20)));
				if (!err && tar_record(&r, "SUREL.x", &value))
					err = buf_addf(told, "{" SLICE_FMT "}", SLICE_ARG(value));
			} else if (event == TAR_DATA) {
				err = buf_add_slice(told, data);
			} else if (event == TAR_CLOSE) {
				err = buf_add_byte(told, '.');
			} else if (event == TAR_BAD) {
				ck_assert_ptr_nonnull(r.why);
				err = buf_add_byte(told, '!');
			}
			ck_assert_int_eq(err, ERR_NONE);
		} while (event != TAR_MORE && event != TAR_END && event != TAR_BAD);
	}
	if (event == TAR_END)
		ck_assert_int_eq(buf_add_byte(told, '$'), ERR_NONE);
	tar_reader_free(&r);
}

static void make(void)
{
	buf_init(&archive, 1024 * 1024);
	add(TAR_FILE, "a", "hello", NULL, NULL);
	add(TAR_DIRECTORY, "d/", "", "SUREL.x", "line\nline=2");
	add(TAR_FILE, "empty", "", NULL, NULL);
	char path[301];
	memset(path, 'p', 300);
	path[300] = '\0';
	add(TAR_FILE, path, "long", "SUREL.x", "y");
	ck_assert_int_eq(tar_add_end(&archive), ERR_NONE);
}

START_TEST(what_was_written_is_read_in_pieces_of_any_size)
{
	static const size_t sizes[] = {1, 7, 511, 512, 513, 100000};
	make();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct buf told;
		buf_init(&told, 4096);
		tell(buf_view(&archive), sizes[i], &told);
		ck_assert(slice_eq_str(buf_view(&told),
				       "[a]hello.[d/]{line\nline=2}.[empty].[pppppppppppppppppppp]"
				       "{y}long.$"));
		buf_free(&told);
	}
	buf_free(&archive);
}
END_TEST

START_TEST(no_flipped_bit_of_a_header_goes_unseen)
{
	make();
	for (size_t at = 0; at < 3 * TAR_BLOCK_BYTES; at += 3) {
		struct buf told;
		buf_init(&told, 4096);
		bool is_header = at / TAR_BLOCK_BYTES != 1; /* the data of the first entry */
		archive.bytes[at] ^= 1;
		tell(buf_view(&archive), 4096, &told);
		/* Only the two octets behind the sum's six digits are not summed. */
		if (is_header && at % TAR_BLOCK_BYTES != 155)
			ck_assert_msg(told.len && buf_view(&told).ptr[told.len - 1] == '!', "%zu",
				      at);
		archive.bytes[at] ^= 1;
		buf_free(&told);
	}
	buf_free(&archive);
}
END_TEST

START_TEST(a_record_counts_its_own_digits)
{
	struct buf records;
	struct slice rest, key, value;
	char text[2000];
	buf_init(&records, TAR_RECORDS_MAX_BYTES);
	for (size_t len = 0; len < 1100; len++) {
		memset(text, 'x', len);
		buf_clear(&records);
		ck_assert_int_eq(tar_add_record(&records, "k", slice_of(text, len)), ERR_NONE);
		rest = buf_view(&records);
		ck_assert(tar_next_record(&rest, &key, &value));
		ck_assert_uint_eq(value.len, len);
		ck_assert_uint_eq(rest.len, 0);
	}
	buf_free(&records);
}
END_TEST

START_TEST(nonsense_is_no_record)
{
	static const char *const bad[] = {"",        "9",        "9 ",       "5 a=b",   "7 a=b\n",
					  "6 abc\n", "99 a=b\n", "-6 a=b\n", "0 a=b\n", "x a=b\n"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct slice rest = slice_str(bad[i]), key, value;
		ck_assert_msg(!tar_next_record(&rest, &key, &value), "%s", bad[i]);
	}
}
END_TEST

SUITE_MAIN("tar", what_was_written_is_read_in_pieces_of_any_size,
	   no_flipped_bit_of_a_header_goes_unseen, a_record_counts_its_own_digits,
	   nonsense_is_no_record)
