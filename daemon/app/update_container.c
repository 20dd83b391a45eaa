#include "app/update_container.h"

#include <errno.h>
#include <unistd.h>

#include <mbedtls/pk.h>

enum { SIGNATURE_MAX_BYTES = 80, VERIFY_PIECE_BYTES = 8 * 1024 };

static const struct {
	const char *name, *text;
} update_faults[UPDATE_FAULTS] = {
	[UPDATE_GOOD] = {"good", "the update is good"},
	[UPDATE_UNREADABLE] = {"unreadable", "it cannot be read"},
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

enum update_fault update_head_read(struct slice bytes, const struct update_trust *trust,
				   struct update_head *head)
{
	struct head_text t = {0};
	struct slice text = slice_upto(bytes, slice_find_byte(bytes, 0));
	*head = (struct update_head){0};
	if (!slice_starts(bytes, SLICE_LIT("surel-update 1\n")))
		return UPDATE_FOREIGN;
	if (bytes.len != UPDATE_HEAD_BYTES || !head_is_padded(slice_from(bytes, text.len)) ||
	    !head_split(text, &t) || !head_take(&t, head))
		return UPDATE_MALFORMED;
	enum update_fault fault = head_verify(&t, trust->key_pem);
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

/* --- the payload -------------------------------------------------------------------------------- */

void update_payload_begin(struct update_payload *p, const struct update_head *head)
{
	mbedtls_sha256_init(&p->hash);
	mbedtls_sha256_starts(&p->hash, 0);
	p->left = update_payload_size(head);
	memcpy(p->wanted, head->sha256, sizeof(p->wanted));
}

enum update_fault update_payload_add(struct update_payload *p, struct slice piece)
{
	if (piece.len > p->left || mbedtls_sha256_update(&p->hash, piece.ptr, piece.len))
		return UPDATE_DAMAGED;
	p->left -= (uint32_t)piece.len;
	return UPDATE_GOOD;
}

enum update_fault update_payload_end(struct update_payload *p)
{
	uint8_t hash[32];
	if (p->left)
		return UPDATE_CUT;
	if (mbedtls_sha256_finish(&p->hash, hash) || memcmp(hash, p->wanted, sizeof(hash)) != 0)
		return UPDATE_DAMAGED;
	return UPDATE_GOOD;
}

/* --- as it lies on a medium --------------------------------------------------------------------- */

/* Whole, unless the medium ends. */
static enum update_fault read_at(int fd, uint64_t offset, uint8_t *dst, size_t n)
{
	while (n) {
		ssize_t got = pread(fd, dst, n, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? UPDATE_UNREADABLE : UPDATE_CUT;
		offset += (uint64_t)got;
		dst += got;
		n -= (size_t)got;
	}
	return UPDATE_GOOD;
}

enum update_fault update_verify_payload(int fd, uint64_t offset, const struct update_head *head)
{
	struct update_payload p;
	uint8_t piece[VERIFY_PIECE_BYTES];
	enum update_fault fault = UPDATE_GOOD;
	offset += UPDATE_HEAD_BYTES;
	update_payload_begin(&p, head);
	while (!fault && p.left) {
		size_t n = p.left < sizeof(piece) ? p.left : sizeof(piece);
		fault = read_at(fd, offset, piece, n);
		if (!fault)
			fault = update_payload_add(&p, slice_of(piece, n));
		offset += n;
	}
	return fault ? fault : update_payload_end(&p);
}

enum update_fault update_verify(int fd, uint64_t offset, const struct update_trust *trust,
				struct update_head *head)
{
	uint8_t bytes[UPDATE_HEAD_BYTES] = {0};
	*head = (struct update_head){0};
	enum update_fault fault = read_at(fd, offset, bytes, sizeof(bytes));
	if (fault == UPDATE_CUT) /* a short file may be anything */
		fault = slice_starts(slice_of(bytes, sizeof(bytes)), SLICE_LIT("surel-update 1\n"))
				? UPDATE_CUT
				: UPDATE_FOREIGN;
	if (!fault)
		fault = update_head_read(slice_of(bytes, sizeof(bytes)), trust, head);
	return fault ? fault : update_verify_payload(fd, offset, head);
}
