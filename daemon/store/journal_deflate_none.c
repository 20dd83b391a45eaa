#include "base/log.h"
#include "store/journal_deflate.h"

enum err blob_inflate(struct slice stored, uint8_t *plain, uint32_t plain_len)
{
	(void)stored;
	(void)plain;
	(void)plain_len;
	log_error(0, "a message is deflated, which this build cannot read");
	return ERR_UNSUPPORTED;
}

struct slice blob_pack_block(struct journal *j, struct slice plain, bool wants_deflate,
			     bool *is_deflated_out)
{
	(void)j;
	(void)wants_deflate;
	*is_deflated_out = false;
	return plain;
}

void deflater_free(struct deflater **d)
{
	*d = NULL;
}
