#include "base/codec.h"

/* --- for every processor ----------------------------------------------------------------------- */

/* Eight tables of 256 entries ("slicing by 8") are made before main: 8 KiB of memory that flash
 * images do not have to carry, and no thread can meet them half made. */
static uint32_t crc_table[8][256];

__attribute__((constructor)) static void crc_fill_tables(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
		crc_table[0][i] = crc;
	}
	for (uint32_t i = 0; i < 256; i++)
		for (int t = 1; t < 8; t++) {
			uint32_t prev = crc_table[t - 1][i];
			crc_table[t][i] = prev >> 8 ^ crc_table[0][prev & 0xFF];
		}
}

static uint32_t crc_by_tables(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n >= 8; n -= 8, p += 8) {
		uint32_t lo = crc ^ get_u32(p), hi = get_u32(p + 4);
		crc = crc_table[7][lo & 0xFF] ^ crc_table[6][lo >> 8 & 0xFF] ^
		      crc_table[5][lo >> 16 & 0xFF] ^ crc_table[4][lo >> 24] ^
		      crc_table[3][hi & 0xFF] ^ crc_table[2][hi >> 8 & 0xFF] ^
		      crc_table[1][hi >> 16 & 0xFF] ^ crc_table[0][hi >> 24];
	}
	while (n--)
		crc = crc >> 8 ^ crc_table[0][(crc ^ *p++) & 0xFF];
	return crc;
}

/* --- for those that have an instruction for it, several times as fast --------------------------- */

#if defined(__x86_64__)
#include <nmmintrin.h>

static bool crc_is_built_in(void)
{
	__builtin_cpu_init(); /* this runs before main */
	return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) static uint32_t crc_by_processor(uint32_t crc, const uint8_t *p,
								   size_t n)
{
	for (; n >= 8; n -= 8, p += 8) {
		uint64_t eight;
		memcpy(&eight, p, sizeof(eight));
		crc = (uint32_t)_mm_crc32_u64(crc, eight);
	}
	return crc_by_tables(crc, p, n);
}

#elif defined(__aarch64__) && defined(__AARCH64EL__)

#include <sys/auxv.h>

static bool crc_is_built_in(void)
{
	return getauxval(AT_HWCAP) & HWCAP_CRC32;
}

static uint32_t crc_by_processor(uint32_t crc, const uint8_t *p, size_t n)
{
	for (; n >= 8; n -= 8, p += 8) {
		uint64_t eight;
		memcpy(&eight, p, sizeof(eight));
		__asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(eight));
	}
	return crc_by_tables(crc, p, n);
}

#else

static bool crc_is_built_in(void)
{
	return false;
}

static uint32_t crc_by_processor(uint32_t crc, const uint8_t *p, size_t n)
{
	return crc_by_tables(crc, p, n);
}
#endif

static bool crc_uses_processor;

__attribute__((constructor)) static void crc_choose(void)
{
	crc_uses_processor = crc_is_built_in();
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t n)
{
	return ~(crc_uses_processor ? crc_by_processor : crc_by_tables)(~crc, bytes, n);
}

uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t n)
{
	return ~crc_by_tables(~crc, bytes, n);
}
