#include "net/tls_write.h"

#include <time.h>

#include <mbedtls/sha256.h>

#include "base/codec.h"
#include "base/file.h"
#include "base/secret.h"
#include "net/tls_impl.h"

enum {
	PEM_BYTES = 24 * 1024, /* TLS_NAMES_MAX of the longest names */
	PEM_LINE_BYTES = 48,   /* of DER in one line */
	KEY_ID_BYTES = 20,
	SERIAL_BYTES = 16,
	SCALAR_BYTES = 32,
	POINT_BYTES = 65,
};

/* --- files ------------------------------------------------------------------------------------ */

/* The text may be a key's: it is made in one allocation, which is wiped. */
static enum err pem_write(const char *path, const char *what, struct slice der, mode_t mode)
{
	struct buf pem;
	uint8_t *room;
	buf_init(&pem, PEM_BYTES);
	enum err err = buf_reserve(&pem, der.len * 3 / 2 + 128, &room);
	if (!err)
		err = buf_addf(&pem, "-----BEGIN %s-----", what);
	for (; !err && der.len; der = slice_from(der, PEM_LINE_BYTES)) {
		err = buf_add_byte(&pem, '\n');
		if (!err)
			err = base64_add(&pem, slice_upto(der, PEM_LINE_BYTES));
	}
	if (!err)
		err = buf_addf(&pem, "\n-----END %s-----\n", what);
	if (!err)
		err = file_replace(path, buf_view(&pem), mode);
	buf_wipe(&pem);
	return err;
}

/* ECPrivateKey with its curve and its public key (RFC 5915 3). */
struct key_der {
	uint8_t head[7], scalar[SCALAR_BYTES], middle[17], point[POINT_BYTES];
};
_Static_assert(sizeof(struct key_der) == 121, "nothing stands between its octets");

enum err tls_write_key(const char *path)
{
	struct key_der der = {
		.head = {0x30, 0x77, 0x02, 0x01, 0x01, 0x04, SCALAR_BYTES},
		.middle = {0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
			   0xA1, 0x44, 0x03, POINT_BYTES + 1, 0x00},
	};
	mbedtls_ecp_keypair pair;
	size_t n;
	mbedtls_ecp_keypair_init(&pair);
	int failed = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, &pair, tls_random, NULL) ||
		     mbedtls_ecp_write_key_ext(&pair, &n, der.scalar, SCALAR_BYTES) ||
		     mbedtls_ecp_write_public_key(&pair, MBEDTLS_ECP_PF_UNCOMPRESSED, &n, der.point,
						  POINT_BYTES);
	mbedtls_ecp_keypair_free(&pair);
	enum err err =
		failed ? ERR_NOMEM
		       : pem_write(path, "EC PRIVATE KEY", slice_of(&der, sizeof(der)), 0600);
	secret_wipe(&der, sizeof(der));
	return err;
}

/* --- DER -------------------------------------------------------------------------------------- */

enum der_tag {
	DER_BITS = 0x03,
	DER_OCTETS = 0x04,
	DER_UTC_TIME = 0x17,
	DER_GENERAL_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_NAME = 0x80, /* of its kind, among the alternative names */
	DER_EXTENSIONS = 0xA3,
	DER_HEAD_BYTES = 4, /* of a length up to 64 KiB */
};

/* The first error sticks. */
struct der {
	struct buf out;
	enum err err;
};

static void der_add(struct der *d, const void *bytes, size_t n)
{
	if (!d->err)
		d->err = buf_add(&d->out, bytes, n);
}

/* What stands in all of ours. */
#define der_add_fixed(d, ...)                               \
	do {                                                \
		static const uint8_t fixed[] = __VA_ARGS__; \
		der_add(d, fixed, sizeof(fixed));           \
	} while (0)

/* Returns where it begins, for der_close. */
static size_t der_open(struct der *d, uint8_t tag)
{
	uint8_t head[DER_HEAD_BYTES] = {tag};
	size_t at = d->out.len;
	der_add(d, head, sizeof(head));
	return at;
}

/* Lengths are as short as can be (X.690 10.1): what follows moves up to them. */
static void der_close(struct der *d, size_t at)
{
	if (d->err)
		return;
	uint8_t *head = d->out.bytes + d->out.start + at;
	size_t n = d->out.len - at - DER_HEAD_BYTES, used = 2;
	if (n > 127)
		head[used++] = (uint8_t)(n > 255 ? n >> 8 : n);
	if (n > 255)
		head[used++] = (uint8_t)n;
	head[1] = (uint8_t)(used > 2 ? 0x80 + used - 2 : n);
	memmove(head + used, head + DER_HEAD_BYTES, n);
	buf_truncate(&d->out, at + used + n);
}

static void der_item(struct der *d, uint8_t tag, const void *bytes, size_t n)
{
	size_t item = der_open(d, tag);
	der_add(d, bytes, n);
	der_close(d, item);
}

/* --- parts of a certificate -------------------------------------------------------------------- */

static void add_algorithm(struct der *d, const mbedtls_pk_context *key)
{
	if (mbedtls_pk_get_type(key) == MBEDTLS_PK_RSA) /* sha256WithRSAEncryption */
		der_add_fixed(d, {0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01,
				  0x01, 0x0B, 0x05, 0x00});
	else /* ecdsa-with-SHA256 */
		der_add_fixed(d, {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03,
				  0x02});
}

/* O=Surel, CN=... */
static void add_subject(struct der *d, const char *common_name)
{
	size_t name = der_open(d, DER_SEQUENCE);
	der_add_fixed(d, {0x31, 0x0E, 0x30, 0x0C, 0x06, 0x03, 0x55, 0x04, 0x0A, 0x0C, 0x05, 'S',
			  'u', 'r', 'e', 'l'});
	size_t set = der_open(d, 0x31), pair = der_open(d, DER_SEQUENCE);
	der_add_fixed(d, {0x06, 0x03, 0x55, 0x04, 0x03});
	der_item(d, 0x0C, common_name, strlen(common_name));
	der_close(d, pair);
	der_close(d, set);
	der_close(d, name);
}

/* Until 2049 with two digits of the year, from then on with four (RFC 5280 4.1.2.5). */
static void add_date(struct der *d, int64_t wall_s)
{
	char text[16];
	time_t at = (time_t)wall_s;
	struct tm tm;
	gmtime_r(&at, &tm);
	size_t n = strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
	if (tm.tm_year < 150)
		der_item(d, DER_UTC_TIME, text + 2, n - 2);
	else
		der_item(d, DER_GENERAL_TIME, text, n);
}

/* Names a key in the identifier extensions: RFC 7093 2 method 4, cut to the usual length. */
static void add_key_id(struct der *d, struct slice public_key)
{
	uint8_t hash[32];
	if (mbedtls_sha256(public_key.ptr, public_key.len, hash, 0))
		d->err = ERR_NOMEM;
	der_add(d, hash, KEY_ID_BYTES);
}

static void add_names(struct der *d, const struct tls_certificate *c)
{
	size_t extension = der_open(d, DER_SEQUENCE);
	der_add_fixed(d, {0x06, 0x03, 0x55, 0x1D, 0x11});
	size_t octets = der_open(d, DER_OCTETS), list = der_open(d, DER_SEQUENCE);
	for (size_t i = 0; i < c->name_count; i++)
		der_item(d, DER_NAME | c->names[i].kind, c->names[i].bytes, c->names[i].len);
	der_close(d, list);
	der_close(d, octets);
	der_close(d, extension);
}

/* RFC 5280 4.2.1: who the keys are, and what the certificate is for. */
static void add_extensions(struct der *d, const struct tls_certificate *c, struct slice public_key)
{
	size_t all = der_open(d, DER_EXTENSIONS), list = der_open(d, DER_SEQUENCE);
	der_add_fixed(d, {0x30, 0x1D, 0x06, 0x03, 0x55, 0x1D, 0x0E, 0x04, 2 + KEY_ID_BYTES, 0x04,
			  KEY_ID_BYTES});
	add_key_id(d, public_key);
	der_add_fixed(d, {0x30, 0x1F, 0x06, 0x03, 0x55, 0x1D, 0x23, 0x04, 4 + KEY_ID_BYTES, 0x30,
			  2 + KEY_ID_BYTES, 0x80, KEY_ID_BYTES});
	if (c->issuer) {
		add_key_id(d, slice_of(c->issuer->pk_raw.p, c->issuer->pk_raw.len));
		/* No authority; for signatures, critical; for servers, critical. */
		der_add_fixed(d, {0x30, 0x09, 0x06, 0x03, 0x55, 0x1D, 0x13, 0x04, 0x02, 0x30, 0x00,
				  0x30, 0x0E, 0x06, 0x03, 0x55, 0x1D, 0x0F, 0x01, 0x01, 0xFF, 0x04,
				  0x04, 0x03, 0x02, 0x07, 0x80, 0x30, 0x16, 0x06, 0x03, 0x55, 0x1D,
				  0x25, 0x01, 0x01, 0xFF, 0x04, 0x0C, 0x30, 0x0A, 0x06, 0x08, 0x2B,
				  0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01});
	} else {
		add_key_id(d, public_key);
		/* An authority for servers alone, critical; for certificates and their lists,
		 * critical. */
		der_add_fixed(d, {0x30, 0x12, 0x06, 0x03, 0x55, 0x1D, 0x13, 0x01, 0x01,
				  0xFF, 0x04, 0x08, 0x30, 0x06, 0x01, 0x01, 0xFF, 0x02,
				  0x01, 0x00, 0x30, 0x0E, 0x06, 0x03, 0x55, 0x1D, 0x0F,
				  0x01, 0x01, 0xFF, 0x04, 0x04, 0x03, 0x02, 0x01, 0x06});
	}
	if (c->name_count)
		add_names(d, c);
	der_close(d, list);
	der_close(d, all);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* SubjectPublicKeyInfo of a point of P-256 (RFC 5480 2). */
struct public_key_der {
	uint8_t head[26], point[POINT_BYTES];
};

static void add_to_be_signed(struct der *d, const struct tls_certificate *c)
{
	struct public_key_der public_key = {.head = {0x30, 0x59, 0x30, 0x13, 0x06,
						     0x07, 0x2A, 0x86, 0x48, 0xCE,
						     0x3D, 0x02, 0x01, 0x06, 0x08,
						     0x2A, 0x86, 0x48, 0xCE, 0x3D,
						     0x03, 0x01, 0x07, 0x03, POINT_BYTES + 1,
						     0x00}};
	uint8_t serial[SERIAL_BYTES];
	size_t n = 0;
	if (mbedtls_ecp_write_public_key(mbedtls_pk_ec(*c->key), MBEDTLS_ECP_PF_UNCOMPRESSED, &n,
					 public_key.point, POINT_BYTES) ||
	    n != POINT_BYTES)
		d->err = ERR_UNSUPPORTED;
	secret_random(serial, sizeof(serial));
	serial[0] = (uint8_t)((serial[0] & 0x7F) | 0x40); /* positive, and of full length */

	size_t all = der_open(d, DER_SEQUENCE);
	der_add_fixed(d, {0xA0, 0x03, 0x02, 0x01, 0x02}); /* version 3 */
	der_item(d, 0x02, serial, sizeof(serial));
	add_algorithm(d, c->issuer_key);
	if (c->issuer) /* as it stands there, byte for byte */
		der_add(d, c->issuer->subject_raw.p, c->issuer->subject_raw.len);
	else
		add_subject(d, c->common_name);
	size_t validity = der_open(d, DER_SEQUENCE);
	add_date(d, c->from_s);
	add_date(d, c->to_s);
	der_close(d, validity);
	add_subject(d, c->common_name);
	der_add(d, &public_key, sizeof(public_key));
	add_extensions(d, c, slice_of(&public_key, sizeof(public_key)));
	der_close(d, all);
}

/* Over all from `at` on. */
static void add_signature(struct der *d, size_t at, mbedtls_pk_context *key)
{
	uint8_t hash[32], signature[1 + MBEDTLS_PK_SIGNATURE_MAX_SIZE] = {0}; /* unused bits: 0 */
	size_t n;
	struct slice signed_part = slice_from(buf_view(&d->out), at);
	if (!d->err && (mbedtls_sha256(signed_part.ptr, signed_part.len, hash, 0) ||
			mbedtls_pk_sign(key, MBEDTLS_MD_SHA256, hash, sizeof(hash), signature + 1,
					sizeof(signature) - 1, &n, tls_random, NULL)))
		d->err = ERR_NOMEM;
	add_algorithm(d, key);
	if (!d->err)
		der_item(d, DER_BITS, signature, n + 1);
}

enum err tls_write_certificate(const char *path, const struct tls_certificate *c)
{
	struct der d = {.err = mbedtls_pk_can_do(c->key, MBEDTLS_PK_ECKEY) ? ERR_NONE
									   : ERR_UNSUPPORTED};
	if (d.err)
		return d.err;
	buf_init(&d.out, PEM_BYTES);
	size_t all = der_open(&d, DER_SEQUENCE);
	add_to_be_signed(&d, c);
	add_signature(&d, all + DER_HEAD_BYTES, c->issuer_key);
	der_close(&d, all);
	if (!d.err)
		d.err = pem_write(path, "CERTIFICATE", buf_view(&d.out), 0644);
	buf_free(&d.out);
	return d.err;
}
