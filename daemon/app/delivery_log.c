#include "app/delivery_log.h"

void delivery_log_add(struct delivery_log *log, const struct delivery_note *note)
{
	log->notes[log->count++ % DELIVERIES_KEPT] = *note;
}

const struct delivery_note *delivery_log_at(const struct delivery_log *log, uint32_t number)
{
	if (number >= log->count || number >= DELIVERIES_KEPT)
		return NULL;
	return &log->notes[(log->count - 1 - number) % DELIVERIES_KEPT];
}

void delivery_note_sender(struct delivery_note *note, struct slice address)
{
	size_t at = slice_rfind_byte(address, '@');
	struct slice domain = at == SIZE_MAX ? SLICE_EMPTY : slice_from(address, at + 1);
	domain = slice_upto(domain, sizeof(note->from_domain) - 1);
	/* Cut in the middle of a character it would be no text any more. */
	while (domain.len && !slice_is_utf8(domain))
		domain.len--;
	for (size_t i = 0; i < domain.len; i++)
		note->from_domain[i] = domain.ptr[i] < 32 ? '?' : (char)domain.ptr[i];
	note->from_domain[domain.len] = '\0';
}

void delivery_note_recipient(struct delivery_note *note, const char *name)
{
	size_t used = strlen(note->to), len = strlen(name);
	const char *comma = used ? ", " : "";
	if (used + strlen(comma) + len >= sizeof(note->to))
		return; /* `wanted` tells how many there are */
	memcpy(note->to + used, comma, strlen(comma));
	memcpy(note->to + used + strlen(comma), name, len + 1);
}
