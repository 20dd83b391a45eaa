#include "app/update_container.h"

#include <stdlib.h>

#include <mbedtls/pk.h>
#include <mbedtls/sha256.h>

#define UPDATE_MAGIC "surel-update 1\n"

enum { SIGNATURE_MAX_BYTES = 80, VERIFY_PIECE_BYTES = 8 * 1024 };

static const struct {
	const char *name, *text;
} update_faults[UPDATE_FAULTS] = {
	[UPDATE_GOOD] = {"good", "the update is good"},
	[UPDATE_UNREADABLE] = {"unreadable", "it cannot be read"},
	[UPDATE_UNWRITABLE] = {"unwritable", "the slot cannot be written"},
	[UPDATE_FOREIGN] = {"foreign", "this is no update that this Surel understands"},
	[UPDATE_MALFORMED] = {"malformed", "the header is damaged"},
	[UPDATE_NO_KEY] = {"no_key", "the public key is missing or no P-256 key in PEM"},
	[UPDATE_UNSIGNED] = {"unsigned", "the signature is not from the owner of the key"},
	[UPDATE_OTHER_BOARD] = {"other_board", "the update is for another board"},
	[UPDATE_OLD_STORE] = {"old_store", "it is too old to read the mail that is stored here"},
	[UPDATE_TOO_LARGE] = {"too_large", "the update is larger than its slot"},
	[UPDATE_CUT] = {"cut", "the update ends early"},
	[UPDATE_DAMAGED] = {"damaged", "the contents are not what was signed"},
};

const char *update_fault_name(enum update_fault fault)
{
	return update_faults[fault].name;
}

const char *update_fault_text(enum update_fault fault)
{
	return update_faults[fault].text;
}

/* --- the header --------------------------------------------------------------------------------- */

enum field {
	FIELD_BOARD,
	FIELD_VERSION,
	FIELD_STORE_FORMAT,
	FIELD_KERNEL_SIZE,
	FIELD_ROOT_SIZE,
	FIELD_SHA256,
	FIELD_SIGNATURE,
	FIELD_COUNT
};
static const char *const field_names[FIELD_COUNT] = {
	"board", "version", "store_format", "kernel_size", "root_size", "sha256", "signature"};

struct head_text {
	struct slice is_signed; /* up to the line of the signature */
	struct slice values[FIELD_COUNT];
};

static bool head_is_padded(struct slice padding)
{
	for (size_t i = 0; i < padding.len; i++)
		if (padding.ptr[i])
			return false;
	return true;
}

static enum field field_find(struct slice key)
{
	int i = 0;
	while (i < FIELD_COUNT && !slice_eq_str(key, field_names[i]))
		i++;
	return (enum field)i;
}

/* Each field once, the signature last. */
static bool head_split(struct slice text, struct head_text *out)
{
	struct slice rest = text;
	if (!text.len || text.ptr[text.len - 1] != '\n')
		return false;
	slice_split(&rest, '\n');
	while (rest.len) {
		out->is_signed = slice_upto(text, text.len - rest.len);
		struct slice value = slice_split(&rest, '\n');
		bool has_value = slice_find_byte(value, '=') != SIZE_MAX;
		enum field field = field_find(slice_split(&value, '='));
		if (!has_value)
			return false;
		if (field == FIELD_COUNT)
			continue;
		if (out->values[field].ptr)
			return false;
		out->values[field] = value;
		if (field == FIELD_SIGNATURE && rest.len)
			return false;
	}
	for (int i = 0; i < FIELD_COUNT; i++)
		if (!out->values[i].ptr)
			return false;
	return true;
}

/* Goes into shell scripts and pages as it is. */
static bool word_take(struct slice value, char dst[UPDATE_WORD_MAX_BYTES + 1])
{
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.ptr[i];
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && (!c || !strchr("+-._~", c)))
			return false;
	}
	return value.len && slice_to_str(value, dst, UPDATE_WORD_MAX_BYTES + 1) == ERR_NONE;
}

static bool number_take(struct slice value, uint32_t max, uint32_t *dst)
{
	uint64_t number = 0;
	if (slice_u64(value, max, &number))
		return false;
	*dst = (uint32_t)number;
	return true;
}

static int hex_digit(uint8_t c)
{
	c = ascii_lower(c);
	return ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The octets, 0 when it is no hex or too long. */
static size_t hex_take(struct slice value, uint8_t *dst, size_t max)
{
	if (value.len % 2 || value.len / 2 > max)
		return 0;
	for (size_t i = 0; i < value.len / 2; i++) {
		int high = hex_digit(value.ptr[2 * i]), low = hex_digit(value.ptr[2 * i + 1]);
		if (high < 0 || low < 0)
			return 0;
		dst[i] = (uint8_t)(high << 4 | low);
	}
	return value.len / 2;
}

static bool head_take(const struct head_text *t, struct update_head *h)
{
	const struct slice *v = t->values;
	return word_take(v[FIELD_BOARD], h->board) && word_take(v[FIELD_VERSION], h->version) &&
	       number_take(v[FIELD_STORE_FORMAT], UINT32_MAX, &h->store_format) &&
	       number_take(v[FIELD_KERNEL_SIZE], UPDATE_PAYLOAD_MAX_BYTES, &h->kernel_size) &&
	       number_take(v[FIELD_ROOT_SIZE], UPDATE_PAYLOAD_MAX_BYTES, &h->root_size) &&
	       h->root_size && update_payload_size(h) <= UPDATE_PAYLOAD_MAX_BYTES &&
	       hex_take(v[FIELD_SHA256], h->sha256, sizeof(h->sha256)) == sizeof(h->sha256);
}

static enum update_fault head_check_signature(struct mbedtls_pk_context *key, struct slice text,
					      struct slice signature)
{
	uint8_t der[SIGNATURE_MAX_BYTES], hash[32];
	size_t len = hex_take(signature, der, sizeof(der));
	if (!len)
		return UPDATE_MALFORMED;
	if (mbedtls_sha256(text.ptr, text.len, hash, 0) ||
	    mbedtls_pk_verify(key, MBEDTLS_MD_SHA256, hash, sizeof(hash), der, len))
		return UPDATE_UNSIGNED;
	return UPDATE_GOOD;
}

static enum update_fault head_verify(const struct head_text *t, struct slice key_pem)
{
	mbedtls_pk_context key;
	enum update_fault fault = UPDATE_NO_KEY;
	mbedtls_pk_init(&key);
	if (key_pem.len && mbedtls_pk_parse_public_key(&key, key_pem.ptr, key_pem.len) == 0 &&
	    mbedtls_pk_can_do(&key, MBEDTLS_PK_ECDSA) && mbedtls_pk_get_bitlen(&key) == 256)
		fault = head_check_signature(&key, t->is_signed, t->values[FIELD_SIGNATURE]);
	mbedtls_pk_free(&key);
	return fault;
}

bool update_is_ours(struct slice bytes)
{
	return slice_starts(bytes, SLICE_LIT(UPDATE_MAGIC));
}

/* Into its fields, and those into numbers and words. */
static enum update_fault head_parse(struct slice bytes, struct head_text *t,
				    struct update_head *head)
{
	struct slice text = slice_upto(bytes, slice_find_byte(bytes, 0));
	*t = (struct head_text){0};
	*head = (struct update_head){0};
	if (!update_is_ours(bytes))
		return UPDATE_FOREIGN;
	if (bytes.len != UPDATE_HEAD_BYTES || !head_is_padded(slice_from(bytes, text.len)) ||
	    !head_split(text, t) || !head_take(t, head))
		return UPDATE_MALFORMED;
	return UPDATE_GOOD;
}

enum update_fault update_head_parse(struct slice bytes, struct update_head *head)
{
	struct head_text t;
	return head_parse(bytes, &t, head);
}

enum update_fault update_head_read(struct slice bytes, const struct update_trust *trust,
				   struct update_head *head)
{
	struct head_text t;
	enum update_fault fault = head_parse(bytes, &t, head);
	if (!fault)
		fault = head_verify(&t, trust->key_pem);
	if (fault)
		return fault;
	if (strcmp(head->board, trust->board) != 0)
		return UPDATE_OTHER_BOARD;
	if (head->store_format < trust->store_format)
		return UPDATE_OLD_STORE;
	if (trust->room && UPDATE_HEAD_BYTES + (uint64_t)update_payload_size(head) > trust->room)
		return UPDATE_TOO_LARGE;
	return UPDATE_GOOD;
}

/* Versions are short: what does not fit is no number that anybody counts by. */
static uint64_t take_number(const char **at)
{
	uint64_t n = 0;
	for (; ascii_is_digit((uint8_t)**at); ++*at)
		n = n * 10 + (uint64_t)(**at - '0');
	return n;
}

int update_version_cmp(const char *a, const char *b)
{
	while (*a || *b) {
		if (!ascii_is_digit((uint8_t)*a) || !ascii_is_digit((uint8_t)*b)) {
			if (*a != *b)
				return *a < *b ? -1 : 1;
			a++, b++;
			continue;
		}
		uint64_t x = take_number(&a), y = take_number(&b);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* --- as it lies on a medium --------------------------------------------------------------------- */

static enum update_fault read_at(struct update_medium *m, uint64_t offset, uint8_t *dst, size_t n)
{
	enum err err = m->ops->read(m, offset, dst, n);
	return err == ERR_NOT_FOUND ? UPDATE_CUT : err ? UPDATE_UNREADABLE : UPDATE_GOOD;
}

enum update_fault update_verify_payload(struct update_medium *m, uint64_t offset,
					const struct update_head *head)
{
	uint8_t piece[VERIFY_PIECE_BYTES], hash[32];
	mbedtls_sha256_context sha256;
	enum update_fault fault = UPDATE_GOOD;
	uint32_t left = update_payload_size(head);
	mbedtls_sha256_init(&sha256);
	int failed = mbedtls_sha256_starts(&sha256, 0);
	offset += UPDATE_HEAD_BYTES;
	while (!fault && !failed && left) {
		size_t n = left < sizeof(piece) ? left : sizeof(piece);
		fault = read_at(m, offset, piece, n);
		if (!fault)
			failed = mbedtls_sha256_update(&sha256, piece, n);
		offset += n;
		left -= (uint32_t)n;
	}
	if (!failed)
		failed = mbedtls_sha256_finish(&sha256, hash);
	mbedtls_sha256_free(&sha256);
	if (fault)
		return fault;
	return failed || memcmp(hash, head->sha256, sizeof(hash)) != 0 ? UPDATE_DAMAGED
								       : UPDATE_GOOD;
}

enum update_fault update_verify(struct update_medium *m, uint64_t offset,
				const struct update_trust *trust, struct update_head *head)
{
	uint8_t bytes[UPDATE_HEAD_BYTES];
	*head = (struct update_head){0};
	enum update_fault fault = read_at(m, offset, bytes, sizeof(UPDATE_MAGIC) - 1);
	if (!fault && update_is_ours(slice_of(bytes, sizeof(UPDATE_MAGIC) - 1)))
		fault = read_at(m, offset, bytes, sizeof(bytes));
	else if (fault != UPDATE_UNREADABLE)
		fault = UPDATE_FOREIGN; /* however short it is */
	if (!fault)
		fault = update_head_read(slice_of(bytes, sizeof(bytes)), trust, head);
	return fault ? fault : update_verify_payload(m, offset, head);
}
