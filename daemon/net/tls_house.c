#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/sha256.h>
#include <mbedtls/x509_crt.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/file.h"
#include "base/log.h"
#include "base/secret.h"
#include "net/tls_impl.h"

#define HOUSE_CA_NAME "Surel house CA"

enum {
	DAY_S = 24 * 60 * 60,
	CA_DAYS = 3652,
	CERT_DAYS = 824, /* Apple's devices refuse 826 and more */
	RENEW_DAYS = 30,
	PEM_BYTES = 24 * 1024, /* TLS_NAMES_MAX of the longest names */
	KEY_ID_BYTES = 20,
	DNS_NAME_MAX = 253,
};

/* A certificate and its key, as read or as made. */
struct house_pair {
	mbedtls_x509_crt cert;
	mbedtls_pk_context key;
	bool has_cert, has_key;
};

struct house {
	char ca_cert[PATH_MAX], ca_key[PATH_MAX], cert[PATH_MAX], key[PATH_MAX];
	struct house_pair ca, server;
};

/* --- names ------------------------------------------------------------------------------------ */

struct house_name {
	int type; /* of a SAN: MBEDTLS_X509_SAN_DNS_NAME or MBEDTLS_X509_SAN_IP_ADDRESS */
	size_t len;
	uint8_t bytes[DNS_NAME_MAX];
};

static bool house_is_dns(struct slice s)
{
	if (s.len == 0 || s.len > DNS_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.ptr[i];
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' && c != '.' && c != '_')
			return false;
	}
	return true;
}

static enum err house_name_parse(const char *text, struct house_name *out)
{
	struct slice s = slice_str(text);
	*out = (struct house_name){.type = MBEDTLS_X509_SAN_IP_ADDRESS};
	if (inet_pton(AF_INET, text, out->bytes) == 1) {
		out->len = 4;
	} else if (inet_pton(AF_INET6, text, out->bytes) == 1) {
		out->len = 16;
	} else {
		if (!s.len || !house_is_dns(s))
			return ERR_SYNTAX;
		out->type = MBEDTLS_X509_SAN_DNS_NAME;
		out->len = s.len;
		memcpy(out->bytes, s.ptr, s.len);
	}
	return ERR_NONE;
}

static bool house_cert_has_name(const mbedtls_x509_crt *cert, const struct house_name *wanted)
{
	struct slice name = slice_of(wanted->bytes, wanted->len);
	for (const mbedtls_x509_sequence *at = &cert->subject_alt_names; at; at = at->next) {
		struct slice have = slice_of(at->buf.p, at->buf.len);
		if ((at->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) != wanted->type)
			continue;
		if (wanted->type == MBEDTLS_X509_SAN_DNS_NAME ? slice_eq_nocase(have, name)
							      : slice_eq(have, name))
			return true;
	}
	return false;
}

/* --- what is there ---------------------------------------------------------------------------- */

static void house_pair_init(struct house_pair *p)
{
	mbedtls_x509_crt_init(&p->cert);
	mbedtls_pk_init(&p->key);
	p->has_cert = p->has_key = false;
}

static void house_pair_free(struct house_pair *p)
{
	mbedtls_x509_crt_free(&p->cert);
	mbedtls_pk_free(&p->key);
}

static void house_pair_read(struct house_pair *p, const char *cert_path, const char *key_path)
{
	p->has_cert = tls_read_cert(cert_path, &p->cert) == ERR_NONE;
	p->has_key = tls_read_key(key_path, &p->key) == ERR_NONE;
	if (p->has_cert && p->has_key && !tls_key_fits(&p->cert, &p->key))
		p->has_cert = false; /* a cut came between the two */
}

/* True when the certificate is valid now and for `days` more, as far as the clock can tell. */
static bool house_is_in_date(const mbedtls_x509_crt *cert, int days)
{
	int64_t now_s = clock_wall_s();
	return !clock_is_sane() || (tls_time_s(&cert->valid_from) <= now_s &&
				    tls_time_s(&cert->valid_to) > now_s + (int64_t)days * DAY_S);
}

static bool house_is_signed_by(struct house_pair *server, struct house_pair *ca)
{
	const uint32_t dates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
	uint32_t flags = 0;
	if (!ca->has_cert)
		return false;
	int result =
		mbedtls_x509_crt_verify(&server->cert, &ca->cert, NULL, NULL, &flags, NULL, NULL);
	return result == 0 || (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED && !(flags & ~dates));
}

/* Somebody put it there, perhaps while its key is still on the way: not ours to overwrite. */
static bool house_is_foreign(const struct house_pair *server)
{
	struct slice issuer = slice_of(server->cert.issuer_raw.p, server->cert.issuer_raw.len);
	return issuer.len && slice_find(issuer, SLICE_LIT(HOUSE_CA_NAME)) == SIZE_MAX;
}

static bool house_server_is_good(struct house *h, const struct house_name *names, size_t count)
{
	if (!h->server.has_cert || !h->server.has_key || !house_is_signed_by(&h->server, &h->ca) ||
	    !house_is_in_date(&h->server.cert, RENEW_DAYS))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!house_cert_has_name(&h->server.cert, &names[i]))
			return false;
	return true;
}

/* --- making ----------------------------------------------------------------------------------- */

static enum err house_make_key(mbedtls_pk_context *key, const char *path)
{
	unsigned char pem[512];
	mbedtls_pk_free(key);
	mbedtls_pk_init(key);
	if (mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) ||
	    mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key), tls_random, NULL) ||
	    mbedtls_pk_write_key_pem(key, pem, sizeof(pem)))
		return ERR_NOMEM;
	enum err err = file_replace(path, slice_str((const char *)pem), 0600);
	secret_wipe(pem, sizeof(pem));
	return err;
}

/* Names a key in the identifier extensions: RFC 7093 2 method 4, cut to the usual length. */
static int house_key_id(const mbedtls_pk_context *key, uint8_t id[KEY_ID_BYTES])
{
	unsigned char der[256], hash[32];
	int len = mbedtls_pk_write_pubkey_der(key, der, sizeof(der)); /* at the end of der */
	if (len <= 0)
		return len;
	int failed = mbedtls_sha256(der + sizeof(der) - len, (size_t)len, hash, 0);
	memcpy(id, hash, KEY_ID_BYTES);
	return failed;
}

/* RFC 5280 4.2.1.1 and 4.2.1.2; mbedTLS makes them by SHA-1 only. */
static int house_set_key_ids(mbedtls_x509write_cert *w, const mbedtls_pk_context *subject,
			     const mbedtls_pk_context *issuer)
{
	unsigned char ski[2 + KEY_ID_BYTES] = {MBEDTLS_ASN1_OCTET_STRING, KEY_ID_BYTES};
	unsigned char aki[4 + KEY_ID_BYTES] = {MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE,
					       2 + KEY_ID_BYTES, MBEDTLS_ASN1_CONTEXT_SPECIFIC,
					       KEY_ID_BYTES};
	if (house_key_id(subject, ski + 2) || house_key_id(issuer, aki + 4))
		return MBEDTLS_ERR_X509_ALLOC_FAILED;
	int failed = mbedtls_x509write_crt_set_extension(
		w, MBEDTLS_OID_SUBJECT_KEY_IDENTIFIER,
		MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_KEY_IDENTIFIER), 0, ski, sizeof(ski));
	if (!failed)
		failed = mbedtls_x509write_crt_set_extension(
			w, MBEDTLS_OID_AUTHORITY_KEY_IDENTIFIER,
			MBEDTLS_OID_SIZE(MBEDTLS_OID_AUTHORITY_KEY_IDENTIFIER), 0, aki,
			sizeof(aki));
	return failed;
}

static void house_date_text(int64_t wall_s, char dst[16])
{
	char stamp[CLOCK_STAMP_BYTES];
	time_t at = (time_t)wall_s;
	struct tm tm;
	gmtime_r(&at, &tm);
	clock_stamp(&tm, stamp);
	snprintf(dst, 16, "%.4s%.2s%.2s%.2s%.2s%.2s", stamp, stamp + 5, stamp + 8, stamp + 11,
		 stamp + 14, stamp + 17);
}

/* From yesterday, for clients whose clocks are behind; not beyond the issuer's own end. */
static int house_set_dates(mbedtls_x509write_cert *w, int days, const mbedtls_x509_crt *issuer)
{
	char from[16], to[16];
	int64_t now_s = clock_wall_or_floor_s();
	int64_t to_s = now_s + (int64_t)(days - 1) * DAY_S;
	if (issuer && to_s > tls_time_s(&issuer->valid_to))
		to_s = tls_time_s(&issuer->valid_to);
	house_date_text(now_s - DAY_S, from);
	house_date_text(to_s, to);
	return mbedtls_x509write_crt_set_validity(w, from, to);
}

static int house_set_common(mbedtls_x509write_cert *w, const char *subject, const char *issuer,
			    mbedtls_pk_context *subject_key, mbedtls_pk_context *issuer_key)
{
	unsigned char serial[16];
	secret_random(serial, sizeof(serial));
	serial[0] = (unsigned char)((serial[0] & 0x7F) | 0x40); /* positive, and of full length */
	mbedtls_x509write_crt_set_version(w, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(w, subject_key);
	mbedtls_x509write_crt_set_issuer_key(w, issuer_key);
	int failed = mbedtls_x509write_crt_set_serial_raw(w, serial, sizeof(serial));
	if (!failed)
		failed = mbedtls_x509write_crt_set_subject_name(w, subject);
	if (!failed)
		failed = mbedtls_x509write_crt_set_issuer_name(w, issuer);
	return failed ? failed : house_set_key_ids(w, subject_key, issuer_key);
}

/* Signs, writes the file, and reads it back into `cert`: what others will see is what we use. */
static enum err house_finish(mbedtls_x509write_cert *w, const char *path, mbedtls_x509_crt *cert)
{
	unsigned char *pem = malloc(PEM_BYTES);
	if (!pem)
		return ERR_NOMEM;
	enum err err = mbedtls_x509write_crt_pem(w, pem, PEM_BYTES, tls_random, NULL) ? ERR_NOMEM
										      : ERR_NONE;
	if (!err)
		err = file_replace(path, slice_str((const char *)pem), 0644);
	free(pem);
	mbedtls_x509_crt_free(cert);
	mbedtls_x509_crt_init(cert);
	return err ? err : tls_read_cert(path, cert);
}

/* A CA of its own name each time, so that a client with an older one installed is not confused. */
static enum err house_make_ca(struct house *h)
{
	char name[64];
	enum err err = ERR_NONE;
	if (!h->ca.has_key)
		err = house_make_key(&h->ca.key, h->ca_key);
	if (err)
		return err;
	h->ca.has_key = true;
	snprintf(name, sizeof(name), "O=Surel,CN=" HOUSE_CA_NAME " %08x",
		 (unsigned)(secret_random_u64() & 0xFFFFFFFFu));

	mbedtls_x509write_cert w;
	mbedtls_x509write_crt_init(&w);
	int failed = house_set_common(&w, name, name, &h->ca.key, &h->ca.key);
	if (!failed)
		failed = house_set_dates(&w, CA_DAYS, NULL);
	if (!failed)
		failed = mbedtls_x509write_crt_set_basic_constraints(&w, 1, 0);
	if (!failed)
		failed = mbedtls_x509write_crt_set_key_usage(&w, MBEDTLS_X509_KU_KEY_CERT_SIGN |
									 MBEDTLS_X509_KU_CRL_SIGN);
	err = failed ? ERR_NOMEM : house_finish(&w, h->ca_cert, &h->ca.cert);
	mbedtls_x509write_crt_free(&w);
	h->ca.has_cert = !err;
	if (!err)
		log_info(0, "made a certificate authority for this house: %s", h->ca_cert);
	return err;
}

static int house_set_names(mbedtls_x509write_cert *w, struct house_name *names, size_t count)
{
	mbedtls_x509_san_list nodes[TLS_NAMES_MAX] = {0};
	for (size_t i = 0; i < count; i++) {
		nodes[i].node.type = names[i].type;
		nodes[i].node.san.unstructured_name.tag = names[i].type;
		nodes[i].node.san.unstructured_name.p = names[i].bytes;
		nodes[i].node.san.unstructured_name.len = names[i].len;
		nodes[i].next = i + 1 < count ? &nodes[i + 1] : NULL;
	}
	return count ? mbedtls_x509write_crt_set_subject_alternative_name(w, nodes) : 0;
}

static int house_set_server_usage(mbedtls_x509write_cert *w)
{
	char server_auth[] = MBEDTLS_OID_SERVER_AUTH;
	mbedtls_asn1_sequence usage = {.buf = {.tag = MBEDTLS_ASN1_OID,
					       .p = (unsigned char *)server_auth,
					       .len = MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)}};
	int failed = mbedtls_x509write_crt_set_basic_constraints(w, 0, -1);
	if (!failed)
		failed = mbedtls_x509write_crt_set_key_usage(w, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
	return failed ? failed : mbedtls_x509write_crt_set_ext_key_usage(w, &usage);
}

/* The issuer's name in the file must be the CA's, byte for byte. */
static enum err house_issuer_text(const struct house *h, char *dst, size_t dst_size)
{
	return mbedtls_x509_dn_gets(dst, dst_size, &h->ca.cert.subject) > 0 ? ERR_NONE : ERR_LIMIT;
}

static enum err house_make_server(struct house *h, struct house_name *names, size_t count,
				  const char *common_name)
{
	char subject[96], issuer[128];
	enum err err = house_make_key(&h->server.key, h->key);
	if (!err)
		err = house_issuer_text(h, issuer, sizeof(issuer));
	if (err)
		return err;
	/* 64 bytes is what X.520 leaves for a common name; clients look at the SANs. */
	snprintf(subject, sizeof(subject), "O=Surel,CN=%.64s", common_name);

	mbedtls_x509write_cert w;
	mbedtls_x509write_crt_init(&w);
	int failed = house_set_common(&w, subject, issuer, &h->server.key, &h->ca.key);
	if (!failed)
		failed = house_set_dates(&w, CERT_DAYS, &h->ca.cert);
	if (!failed)
		failed = house_set_server_usage(&w);
	if (!failed)
		failed = house_set_names(&w, names, count);
	err = failed ? ERR_NOMEM : house_finish(&w, h->cert, &h->server.cert);
	mbedtls_x509write_crt_free(&w);
	if (!err)
		log_info(0, "made a certificate for %s", common_name);
	return err;
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum err house_paths(struct house *h, const char *dir)
{
	enum err err = file_join(h->ca_cert, sizeof(h->ca_cert), dir, "ca.pem");
	if (!err)
		err = file_join(h->ca_key, sizeof(h->ca_key), dir, "ca.key");
	if (!err)
		err = file_join(h->cert, sizeof(h->cert), dir, "cert.pem");
	return err ? err : file_join(h->key, sizeof(h->key), dir, "key.pem");
}

static enum err house_put_in_order(struct house *h, struct house_name *names, size_t count,
				   const char *common_name)
{
	house_pair_read(&h->ca, h->ca_cert, h->ca_key);
	house_pair_read(&h->server, h->cert, h->key);
	if (house_is_foreign(&h->server) || house_server_is_good(h, names, count))
		return ERR_NONE;
	enum err err = ERR_NONE;
	if (!h->ca.has_key || !h->ca.has_cert || !house_is_in_date(&h->ca.cert, RENEW_DAYS))
		err = house_make_ca(h);
	return err ? err : house_make_server(h, names, count, common_name);
}

enum err tls_make_house_certificate(const char *dir, const char *const *names, size_t name_count)
{
	if (name_count > TLS_NAMES_MAX)
		return ERR_LIMIT;
	struct house *h = calloc(1, sizeof(*h));
	struct house_name *parsed = calloc(TLS_NAMES_MAX, sizeof(*parsed));
	enum err err = h && parsed ? tls_prepare() : ERR_NOMEM;
	for (size_t i = 0; !err && i < name_count; i++)
		err = house_name_parse(names[i], &parsed[i]);
	if (!err)
		err = house_paths(h, dir);
	if (!err) {
		house_pair_init(&h->ca);
		house_pair_init(&h->server);
		err = house_put_in_order(h, parsed, name_count, name_count ? names[0] : "surel");
		house_pair_free(&h->ca);
		house_pair_free(&h->server);
	}
	free(parsed);
	free(h);
	return err;
}

bool tls_is_house_certificate(const char *dir)
{
	struct house *h = calloc(1, sizeof(*h));
	if (!h || tls_prepare() || house_paths(h, dir)) {
		free(h);
		return false;
	}
	house_pair_init(&h->ca);
	house_pair_init(&h->server);
	house_pair_read(&h->ca, h->ca_cert, h->ca_key);
	house_pair_read(&h->server, h->cert, h->key);
	/* The CA's key may have been taken away: its certificate is all that counts here. */
	bool is_ours = h->server.has_cert && house_is_signed_by(&h->server, &h->ca);
	house_pair_free(&h->ca);
	house_pair_free(&h->server);
	free(h);
	return is_ours;
}
