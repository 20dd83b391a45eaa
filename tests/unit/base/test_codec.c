#include "base/codec.h"

#include "support/suite.h"

START_TEST(integers_are_little_endian)
{
	uint8_t bytes[8];
	put_u64(bytes, 0x0102030405060708u);
	ck_assert_mem_eq(bytes, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
	ck_assert_uint_eq(get_u64(bytes), 0x0102030405060708u);
	ck_assert_uint_eq(get_u32(bytes), 0x05060708u);
	ck_assert_uint_eq(get_u16(bytes), 0x0708u);
	put_u64(bytes, UINT64_MAX);
	ck_assert_uint_eq(get_u64(bytes), UINT64_MAX);
	put_u32(bytes, 0x80000000u);
	ck_assert_uint_eq(get_u32(bytes), 0x80000000u);
}
END_TEST

START_TEST(varints_come_back)
{
	for (int bit = 0; bit < 64; bit++)
		for (int near = -1; near <= 1; near++) {
			uint8_t bytes[VARINT_MAX_BYTES + 1] = {0};
			uint64_t value = ((uint64_t)1 << bit) + (uint64_t)near, back = 0;
			size_t n = varint_put(bytes, value);
			ck_assert_uint_le(n, VARINT_MAX_BYTES);
			struct slice src = slice_of(bytes, n + 1);
			ck_assert_int_eq(varint_get(&src, &back), ERR_NONE);
			ck_assert_uint_eq(back, value);
			ck_assert_uint_eq(src.len, 1);
			src = slice_of(bytes, n - 1);
			ck_assert_int_eq(varint_get(&src, &back), ERR_SYNTAX);
			ck_assert_uint_eq(src.len, n - 1);
		}
}
END_TEST

START_TEST(varints_too_large_are_refused)
{
	static const char *const bad[] = {
		"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02",     /* 65 bits */
		"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", /* 11 bytes */
	};
	uint64_t value = 0;
	for (size_t i = 0; i < 2; i++) {
		struct slice src = slice_str(bad[i]);
		ck_assert_int_eq(varint_get(&src, &value), ERR_SYNTAX);
	}
	struct slice empty = SLICE_EMPTY;
	ck_assert_int_eq(varint_get(&empty, &value), ERR_SYNTAX);
}
END_TEST

/* RFC 3720 B.4; the CRCs are printed there byte by byte as they go over the wire. */
START_TEST(crc32c_of_the_rfcs_vectors)
{
	uint8_t bytes[32];
	memset(bytes, 0, 32);
	ck_assert_uint_eq(crc32c(0, bytes, 32), 0x8A9136AAu);
	memset(bytes, 0xFF, 32);
	ck_assert_uint_eq(crc32c(0, bytes, 32), 0x62A8AB43u);
	for (uint8_t i = 0; i < 32; i++)
		bytes[i] = i;
	ck_assert_uint_eq(crc32c(0, bytes, 32), 0x46DD794Eu);
	for (uint8_t i = 0; i < 32; i++)
		bytes[i] = (uint8_t)(31 - i);
	ck_assert_uint_eq(crc32c(0, bytes, 32), 0x113FDB5Cu);
	static const uint8_t read_pdu[48] = {0x01, 0xC0, 0, 0,    0,    0, 0, 0,    0,    0, 0, 0,
					     0,    0,    0, 0,    0x14, 0, 0, 0,    0,    0, 4, 0,
					     0,    0,    0, 0x14, 0,    0, 0, 0x18, 0x28, 0, 0, 0,
					     0,    0,    0, 0,    2,    0, 0, 0,    0,    0, 0, 0};
	ck_assert_uint_eq(crc32c(0, read_pdu, 48), 0xD9963A56u);
	ck_assert_uint_eq(crc32c(0, "123456789", 9), 0xE3069283u);
	ck_assert_uint_eq(crc32c(0, NULL, 0), 0);
}
END_TEST

START_TEST(crc32c_is_the_same_with_and_without_the_processors_help)
{
	uint8_t bytes[200];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i + 7 * i);
	for (size_t start = 0; start < 9; start++)
		for (size_t n = 0; start + n <= sizeof(bytes); n++)
			ck_assert_uint_eq(crc32c((uint32_t)n, bytes + start, n),
					  crc32c_portable((uint32_t)n, bytes + start, n));
	ck_assert_uint_eq(crc32c_portable(0, "123456789", 9), 0xE3069283u);
}
END_TEST

START_TEST(crc32c_goes_on_at_any_cut_and_alignment)
{
	uint8_t bytes[80];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 37);
	for (size_t start = 0; start < 8; start++) {
		uint32_t whole = crc32c(0, bytes + start, 64);
		for (size_t cut = 0; cut <= 64; cut++)
			ck_assert_uint_eq(crc32c(crc32c(0, bytes + start, cut), bytes + start + cut,
						 64 - cut),
					  whole);
	}
}
END_TEST

/* RFC 4648 10. */
START_TEST(base64_of_the_rfcs_vectors)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
		{"\xFB\xFF\xFE", "+//+"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf text, back;
		buf_init(&text, 100);
		buf_init(&back, 100);
		ck_assert_int_eq(base64_add(&text, slice_str(rows[i][0])), ERR_NONE);
		ck_assert(slice_eq_str(buf_view(&text), rows[i][1]));
		ck_assert_int_eq(base64_decode(buf_view(&text), &back), ERR_NONE);
		ck_assert(slice_eq_str(buf_view(&back), rows[i][0]));
		buf_free(&text);
		buf_free(&back);
	}
}
END_TEST

START_TEST(base64_is_read_strictly_and_leaves_nothing_behind)
{
	static const char *const bad[] = {
		"Z",    "Zg",       "Zg=",      "Zh==",     "Zm9=",        "====",
		"Z===", "Zg==Zg==", "Zg== ",    " Zg==",    "Zm9v\r\n",    "Zm9v====",
		"Zm-v", "Zm_v",     "Zm9v=m9v", "Zm9vZ=9v", "Zm9v\x80m9v",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf back;
		buf_init(&back, 100);
		ck_assert_int_eq(buf_add_str(&back, "kept"), ERR_NONE);
		ck_assert_msg(base64_decode(slice_str(bad[i]), &back) == ERR_SYNTAX, "%s", bad[i]);
		ck_assert(slice_eq_str(buf_view(&back), "kept"));
		buf_free(&back);
	}
	struct buf small;
	buf_init(&small, 5);
	ck_assert_int_eq(base64_decode(SLICE_LIT("Zm9vYmFy"), &small), ERR_LIMIT);
	ck_assert_uint_eq(small.len, 0);
	ck_assert_int_eq(base64_add(&small, SLICE_LIT("foob")), ERR_LIMIT);
	ck_assert_uint_eq(small.len, 0);
	buf_free(&small);
}
END_TEST

START_TEST(every_byte_survives_base64_and_hex)
{
	uint8_t all[256];
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)i;
	struct buf text, back;
	buf_init(&text, 1000);
	buf_init(&back, 1000);
	ck_assert_int_eq(base64_add(&text, slice_of(all, 256)), ERR_NONE);
	ck_assert_int_eq(base64_decode(buf_view(&text), &back), ERR_NONE);
	ck_assert(slice_eq(buf_view(&back), slice_of(all, 256)));
	buf_clear(&text);
	buf_clear(&back);
	ck_assert_int_eq(hex_add(&text, slice_of(all, 256)), ERR_NONE);
	ck_assert(slice_starts(buf_view(&text), SLICE_LIT("000102030405060708090a0b")));
	ck_assert_int_eq(hex_decode(buf_view(&text), &back), ERR_NONE);
	ck_assert(slice_eq(buf_view(&back), slice_of(all, 256)));
	buf_free(&text);
	buf_free(&back);
}
END_TEST

START_TEST(hex_is_read_in_either_case_and_strictly)
{
	struct buf back;
	buf_init(&back, 3);
	ck_assert_int_eq(hex_decode(SLICE_LIT("aAfF0"), &back), ERR_SYNTAX);
	ck_assert_int_eq(hex_decode(SLICE_LIT("aAfg"), &back), ERR_SYNTAX);
	ck_assert_int_eq(hex_decode(SLICE_LIT("00000000"), &back), ERR_LIMIT);
	ck_assert_uint_eq(back.len, 0);
	ck_assert_int_eq(hex_decode(SLICE_LIT("aAfF09"), &back), ERR_NONE);
	ck_assert(slice_eq(buf_view(&back), SLICE_LIT("\xAA\xFF\x09")));
	buf_free(&back);
}
END_TEST

SUITE_MAIN("codec", integers_are_little_endian, varints_come_back, varints_too_large_are_refused,
	   crc32c_of_the_rfcs_vectors, crc32c_is_the_same_with_and_without_the_processors_help,
	   crc32c_goes_on_at_any_cut_and_alignment, base64_of_the_rfcs_vectors,
	   base64_is_read_strictly_and_leaves_nothing_behind, every_byte_survives_base64_and_hex,
	   hex_is_read_in_either_case_and_strictly)
