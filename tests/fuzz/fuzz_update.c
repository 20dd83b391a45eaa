/* An update's header and a slot's record: whatever they say, what is taken from them is within its
 * bounds, and nothing is good that nobody signed. */
#include <stdlib.h>

#include "app/update_slot.h"
#include "support/update_kit.h"

/* The key that signed tests/fuzz/corpus/update/signed. */
static const char key[] = "-----BEGIN PUBLIC KEY-----\n"
			  "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHfuyMHKK8v2R0Q+/Llqi29aigTEQ\n"
			  "OljDNqExtEDXDVGatl4w4KfGch6X4xi6txVWwrdxiQO4ab03Wxn9H2IWfQ==\n"
			  "-----END PUBLIC KEY-----\n";

static void check_word(const char *word)
{
	size_t len = strlen(word);
	if (len == 0 || len > UPDATE_WORD_MAX_BYTES || strpbrk(word, "\n =;$'\"\\/"))
		abort();
}

static void look_at_head(struct slice bytes)
{
	struct update_head parsed, signed_head;
	struct update_trust trust = {.key_pem = slice_of(key, sizeof(key)), .board = "box-1"};
	enum update_fault fault = update_head_parse(bytes, &parsed);
	if (update_head_read(bytes, &trust, &signed_head) == UPDATE_GOOD && fault)
		abort();
	if (fault)
		return;
	check_word(parsed.board);
	check_word(parsed.version);
	if (!parsed.root_size || parsed.root_size > update_payload_size(&parsed) ||
	    update_payload_size(&parsed) > UPDATE_PAYLOAD_MAX_BYTES)
		abort();
}

static void look_at_record(struct slice bytes)
{
	uint8_t sector[UPDATE_SLOT_RECORD_BYTES];
	struct slot_record record = slot_record_parse(bytes), again;
	if (record.state >= SLOT_STATES || record.order > UPDATE_SLOT_ORDER_MAX)
		abort();
	slot_record_print(record, sector);
	again = slot_record_parse(slice_of(sector, sizeof(sector)));
	if (again.state != record.state || again.order != record.order)
		abort();
}

static void look_at_medium(struct slice bytes)
{
	struct memory_medium m;
	struct update_head head;
	struct slot_view view;
	struct update_trust trust = {.key_pem = slice_of(key, sizeof(key)), .board = "box-1"};
	memory_medium_open(&m, (uint8_t *)(uintptr_t)bytes.ptr, bytes.len);
	if (update_verify(&m.medium, 0, &trust, &head) == UPDATE_GOOD &&
	    bytes.len < UPDATE_HEAD_BYTES + (size_t)update_payload_size(&head))
		abort();
	slot_look(&m.medium, &view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t padded[UPDATE_HEAD_BYTES] = {0};
	struct slice bytes = slice_of(data, size);
	if (size && size < sizeof(padded)) { /* so that it need not find a kilobyte of zeroes */
		memcpy(padded, data, size);
		look_at_head(slice_of(padded, sizeof(padded)));
	}
	look_at_head(bytes);
	look_at_record(bytes);
	look_at_medium(bytes);
	return 0;
}
