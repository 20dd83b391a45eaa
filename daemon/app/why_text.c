#include "app/why_text.h"

struct why {
	enum err err;
	const char *text[LANG_COUNT];
};

static const struct why reasons[] = {
	{ERR_NOMEM, {"the box is short of memory", "memori kotak ini tidak cukup"}},
	{ERR_LIMIT, {"there are too many already", "jumlahnya sudah mencapai batas"}},
	{ERR_NOT_FOUND, {"it is no longer there", "yang dicari tidak ada lagi"}},
	{ERR_GONE, {"it is no longer there", "yang dicari tidak ada lagi"}},
	{ERR_EXISTS, {"it is there already", "sudah ada"}},
	{ERR_IN_USE, {"it is in use, please try again", "sedang dipakai, silakan coba lagi"}},
	{ERR_FULL, {"the flash memory is full", "memori flash penuh"}},
	{ERR_READ_ONLY,
	 {"the flash memory cannot be written to", "memori flash tidak dapat ditulisi"}},
	{ERR_IO,
	 {"writing to the flash memory failed, the log says more",
	  "penulisan ke memori flash gagal, lihat log"}},
};

const char *why_text(enum lang lang, enum err err)
{
	static const char *const other[LANG_COUNT] = {"something went wrong, the log says more",
						      "ada yang salah, lihat log"};
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].err == err)
			return reasons[i].text[lang];
	return other[lang];
}
