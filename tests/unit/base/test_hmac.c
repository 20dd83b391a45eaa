#include "base/hmac.h"
#include "base/codec.h"
#include "support/suite.h"

static void assert_hex(const uint8_t bytes[HMAC_BYTES], const char *hex)
{
	struct buf text;
	buf_init(&text, 2 * HMAC_BYTES);
	ck_assert_int_eq(hex_add(&text, slice_of(bytes, HMAC_BYTES)), ERR_NONE);
	ck_assert(slice_eq_str(buf_view(&text), hex));
	buf_free(&text);
}

/* RFC 4231 4.2, 4.3 and 4.7: a short key, one longer than a block. */
START_TEST(macs_are_those_of_the_rfc)
{
	uint8_t mac[HMAC_BYTES], key[131];
	memset(key, 0x0b, 20);
	hmac_of(slice_of(key, 20), SLICE_LIT("Hi There"), mac);
	assert_hex(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	memset(key, 0xaa, sizeof(key));
	hmac_of(slice_of(key, sizeof(key)),
		SLICE_LIT("Test Using Larger Than Block-Size Key - Hash Key First"), mac);
	assert_hex(mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

START_TEST(pieces_are_one_text)
{
	uint8_t mac[HMAC_BYTES];
	struct hmac h;
	static const struct hmac wiped;
	hmac_begin(&h, SLICE_LIT("Jefe"));
	hmac_add(&h, SLICE_LIT("what do ya want "));
	hmac_add(&h, SLICE_EMPTY);
	hmac_add(&h, SLICE_LIT("for nothing?"));
	hmac_end(&h, mac);
	assert_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	ck_assert_mem_eq(&h, &wiped, sizeof(h));
}
END_TEST

/* The first halves of the keys of RFC 7914 11. */
START_TEST(stretched_keys_are_those_of_the_rfc)
{
	uint8_t key[HMAC_BYTES];
	hmac_stretch(SLICE_LIT("passwd"), SLICE_LIT("salt"), 1, key);
	assert_hex(key, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
	hmac_stretch(SLICE_LIT("Password"), SLICE_LIT("NaCl"), 80000, key);
	assert_hex(key, "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
}
END_TEST

SUITE_MAIN("hmac", macs_are_those_of_the_rfc, pieces_are_one_text,
	   stretched_keys_are_those_of_the_rfc)
