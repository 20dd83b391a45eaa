#include "store/journal_record.h"

static const uint32_t group_magic = 0x67724A53;   /* "SJrg" */
static const uint32_t segment_magic = 0x73724A53; /* "SJrs" */
static const uint32_t root_magic = 0x72724A53;    /* "SJrr" */

/* --- groups ----------------------------------------------------------------------------------- */

uint32_t group_seed(uint64_t salt, uint64_t seq, uint32_t offset)
{
	uint8_t bytes[20];
	put_u64(bytes, salt);
	put_u64(bytes + 8, seq);
	put_u32(bytes + 16, offset);
	return crc32c(0, bytes, sizeof(bytes));
}

void group_seal(uint8_t *bytes, struct group_head *head, uint32_t seed)
{
	put_u32(bytes + 4, group_magic);
	put_u32(bytes + 8, head->len);
	bytes[12] = head->kind;
	bytes[13] = head->flags;
	put_u16(bytes + 14, 0);
	put_u64(bytes + 16, head->number);
	put_u32(bytes + 24, head->lag);
	put_u32(bytes + 28, head->chain);
	head->crc = crc32c(seed, bytes + 4, head->len - 4);
	put_u32(bytes, head->crc);
}

bool group_peek(const uint8_t *bytes, uint32_t room, struct group_head *head_out)
{
	*head_out = (struct group_head){
		.crc = get_u32(bytes),
		.len = get_u32(bytes + 8),
		.kind = bytes[12],
		.flags = bytes[13],
		.number = get_u64(bytes + 16),
		.lag = get_u32(bytes + 24),
		.chain = get_u32(bytes + 28),
	};
	return get_u32(bytes + 4) == group_magic && head_out->len >= GROUP_HEADER_BYTES &&
	       head_out->len <= room && head_out->kind >= GROUP_LOG && head_out->kind <= GROUP_LINK;
}

bool group_is_whole(const uint8_t *bytes, const struct group_head *head, uint32_t seed)
{
	return crc32c(seed, bytes + 4, head->len - 4) == head->crc;
}

/* --- headers ---------------------------------------------------------------------------------- */

/* Magic, version and checksum stand at the same place in every version. */
static uint32_t head_version(const uint8_t *bytes, uint32_t magic, uint32_t len)
{
	bool is_whole = get_u32(bytes) == magic && get_u32(bytes + len) == crc32c(0, bytes, len);
	return is_whole ? get_u32(bytes + 4) : 0;
}

static bool version_is_known(uint32_t version)
{
	return version >= 1 && version <= JOURNAL_VERSION;
}

static bool segment_bytes_are_possible(uint32_t n)
{
	return n >= SEGMENT_BYTES_MIN && n <= SEGMENT_BYTES_MAX && n % SEGMENT_HEADER_BYTES == 0;
}

uint32_t segment_head_version(const uint8_t bytes[SEGMENT_HEADER_BYTES])
{
	return head_version(bytes, segment_magic, 40);
}

uint32_t root_version(const uint8_t bytes[ROOT_BLOCK_BYTES])
{
	return head_version(bytes, root_magic, 64);
}

void segment_head_put(uint8_t bytes[SEGMENT_HEADER_BYTES], const struct segment_head *head)
{
	memset(bytes, 0, SEGMENT_HEADER_BYTES);
	put_u32(bytes, segment_magic);
	put_u32(bytes + 4, JOURNAL_VERSION);
	put_u64(bytes + 8, head->instance);
	put_u64(bytes + 16, head->salt);
	put_u64(bytes + 24, head->seq);
	put_u32(bytes + 32, head->slot);
	put_u32(bytes + 36, head->segment_bytes);
	put_u32(bytes + 40, crc32c(0, bytes, 40));
}

bool segment_head_get(const uint8_t bytes[SEGMENT_HEADER_BYTES], struct segment_head *head_out)
{
	*head_out = (struct segment_head){
		.version = segment_head_version(bytes),
		.instance = get_u64(bytes + 8),
		.salt = get_u64(bytes + 16),
		.seq = get_u64(bytes + 24),
		.slot = get_u32(bytes + 32),
		.segment_bytes = get_u32(bytes + 36),
	};
	return version_is_known(head_out->version) &&
	       segment_bytes_are_possible(head_out->segment_bytes);
}

void root_put(uint8_t bytes[ROOT_BLOCK_BYTES], const struct root_block *root)
{
	memset(bytes, 0, ROOT_BLOCK_BYTES);
	put_u32(bytes, root_magic);
	put_u32(bytes + 4, JOURNAL_VERSION);
	put_u64(bytes + 8, root->generation);
	put_u64(bytes + 16, root->instance);
	put_u64(bytes + 24, root->salt);
	put_u32(bytes + 32, root->segment_bytes);
	put_u32(bytes + 36, root->slot);
	put_u32(bytes + 40, root->offset);
	put_u64(bytes + 44, root->seq);
	put_u64(bytes + 52, root->number);
	put_u32(bytes + 60, root->chain);
	put_u32(bytes + 64, crc32c(0, bytes, 64));
}

bool root_get(const uint8_t bytes[ROOT_BLOCK_BYTES], struct root_block *root_out)
{
	*root_out = (struct root_block){
		.version = root_version(bytes),
		.generation = get_u64(bytes + 8),
		.instance = get_u64(bytes + 16),
		.salt = get_u64(bytes + 24),
		.segment_bytes = get_u32(bytes + 32),
		.slot = get_u32(bytes + 36),
		.offset = get_u32(bytes + 40),
		.seq = get_u64(bytes + 44),
		.number = get_u64(bytes + 52),
		.chain = get_u32(bytes + 60),
	};
	return version_is_known(root_out->version) &&
	       segment_bytes_are_possible(root_out->segment_bytes);
}

/* --- records ---------------------------------------------------------------------------------- */

enum err record_next(struct slice *payload, struct record *record_out)
{
	struct slice rest = slice_from(*payload, 1);
	uint64_t len;
	if (payload->len == 0 || payload->ptr[0] == 0 || varint_get(&rest, &len) || len > rest.len)
		return ERR_SYNTAX;
	record_out->type = payload->ptr[0];
	record_out->body = slice_upto(rest, (size_t)len);
	record_out->all = slice_upto(*payload, payload->len - rest.len + (size_t)len);
	*payload = slice_from(rest, (size_t)len);
	return ERR_NONE;
}

void pack_bytes(struct pack *p, const void *bytes, size_t n)
{
	if (!p->err && n)
		p->err = buf_add(p->dst, bytes, n);
}

void pack_u(struct pack *p, uint64_t value)
{
	uint8_t bytes[VARINT_MAX_BYTES];
	pack_bytes(p, bytes, varint_put(bytes, value));
}

void pack_i(struct pack *p, int64_t value)
{
	pack_u(p, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void pack_text(struct pack *p, struct slice s)
{
	pack_u(p, s.len);
	pack_bytes(p, s.ptr, s.len);
}

/* The length is written with three bytes whatever it is, so that nothing has to move: records are
 * shorter than 2 MiB, being shorter than what a group can hold of small ones. */
void pack_open(struct pack *p, enum record_type type)
{
	uint8_t room[4] = {(uint8_t)type, 0, 0, 0};
	p->record_start = p->dst->len;
	pack_bytes(p, room, sizeof(room));
}

void pack_close(struct pack *p)
{
	if (p->err)
		return;
	size_t len = p->dst->len - p->record_start - 4;
	uint8_t *at = p->dst->bytes + p->dst->start + p->record_start + 1;
	if (len >= (size_t)1 << 21) {
		p->err = ERR_LIMIT;
		return;
	}
	at[0] = (uint8_t)(len | 0x80);
	at[1] = (uint8_t)(len >> 7 | 0x80);
	at[2] = (uint8_t)(len >> 14);
}

void pack_open_box(struct pack *p, enum record_type type, uint32_t box)
{
	pack_open(p, type);
	pack_u(p, box);
}

void pack_box_alone(struct pack *p, enum record_type type, uint32_t box)
{
	pack_open_box(p, type, box);
	pack_close(p);
}

uint64_t unpack_u(struct unpack *u)
{
	uint64_t value = 0;
	if (u->is_bad || varint_get(&u->rest, &value))
		u->is_bad = true;
	return u->is_bad ? 0 : value;
}

uint32_t unpack_u32(struct unpack *u)
{
	uint64_t value = unpack_u(u);
	if (value > UINT32_MAX)
		u->is_bad = true;
	return u->is_bad ? 0 : (uint32_t)value;
}

int64_t unpack_i(struct unpack *u)
{
	uint64_t value = unpack_u(u);
	return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

struct slice unpack_bytes(struct unpack *u, size_t n)
{
	if (u->is_bad || n > u->rest.len) {
		u->is_bad = true;
		return SLICE_EMPTY;
	}
	struct slice bytes = slice_upto(u->rest, n);
	u->rest = slice_from(u->rest, n);
	return bytes;
}

struct slice unpack_text(struct unpack *u)
{
	uint64_t n = unpack_u(u);
	if (n > u->rest.len)
		u->is_bad = true;
	return u->is_bad ? SLICE_EMPTY : unpack_bytes(u, (size_t)n);
}

/* --- sets of UIDs and counters ------------------------------------------------------------------ */

static size_t uid_run(const uint32_t *uids, size_t count, size_t first)
{
	size_t n = 1;
	while (first + n < count && uids[first + n] == uids[first] + n)
		n++;
	return n;
}

void pack_uids(struct pack *p, const uint32_t *uids, size_t count)
{
	size_t ranges = 0;
	for (size_t i = 0; i < count; i += uid_run(uids, count, i))
		ranges++;
	pack_u(p, ranges);
	uint32_t behind = 0; /* the UID behind the last range */
	for (size_t i = 0; i < count;) {
		size_t run = uid_run(uids, count, i);
		pack_u(p, uids[i] - behind);
		pack_u(p, run - 1);
		behind = uids[i] + (uint32_t)run;
		i += run;
	}
}

void uid_reader_init(struct uid_reader *r, struct unpack *u)
{
	*r = (struct uid_reader){.u = u, .ranges = unpack_u(u)};
}

bool uid_reader_next(struct uid_reader *r, uint32_t *first_out, uint32_t *last_out)
{
	if (r->u->is_bad || r->ranges == 0)
		return false;
	r->ranges--;
	uint64_t first = r->behind + unpack_u32(r->u);
	uint64_t last = first + unpack_u32(r->u);
	if (first == 0 || last >= UINT32_MAX)
		r->u->is_bad = true;
	if (r->u->is_bad)
		return false;
	r->behind = last + 1;
	*first_out = (uint32_t)first;
	*last_out = (uint32_t)last;
	return true;
}

void pack_tally(struct pack *p, const struct tally *t)
{
	pack_u(p, t->messages);
	pack_u(p, t->unseen);
	pack_u(p, t->deleted);
	pack_u(p, t->uid_next);
	pack_u(p, t->size_bytes);
	pack_u(p, t->modseq);
}

void unpack_tally(struct unpack *u, struct tally *t_out)
{
	t_out->messages = unpack_u32(u);
	t_out->unseen = unpack_u32(u);
	t_out->deleted = unpack_u32(u);
	t_out->uid_next = unpack_u32(u);
	t_out->size_bytes = unpack_u(u);
	t_out->modseq = unpack_u(u);
}
