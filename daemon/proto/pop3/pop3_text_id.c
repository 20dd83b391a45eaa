/* Indonesian. */
#include "proto/pop3/pop3_text.h"

/* clang-format off */
#define TEXTS(X) \
	X(TEXT_READY, "Surel POP3 siap") \
	X(TEXT_BYE, "Sampai jumpa") \
	X(TEXT_UNKNOWN_COMMAND, "Perintah tidak dikenal") \
	X(TEXT_NOT_NOW, "Tidak dapat dilakukan sekarang") \
	X(TEXT_WRONG_ARGUMENTS, "Argumen salah") \
	X(TEXT_LINE_TOO_LONG, "Baris terlalu panjang") \
	X(TEXT_TOO_MANY_ERRORS, "Terlalu banyak kesalahan") \
	X(TEXT_NAME_NOTED, "Sekarang kata sandinya") \
	X(TEXT_USER_FIRST, "USER harus lebih dahulu") \
	X(TEXT_BAD_BASE64, "Bukan itu yang diminta cara autentikasi ini") \
	X(TEXT_NO_SUCH_MESSAGE, "Tidak ada pesan itu") \
	X(TEXT_MESSAGE_DELETED, "Pesan ini sudah ditandai terhapus") \
	X(TEXT_MARKED, "Ditandai terhapus") \
	X(TEXT_RESET, "Tidak ada pesan yang ditandai terhapus") \
	X(TEXT_MESSAGES, "pesan") \
	X(TEXT_OCTETS, "oktet") \
	X(TEXT_FOLLOWS, "berikut ini") \
	X(TEXT_CAPABILITIES, "Kemampuan") \
	X(TEXT_UTF8_ON, "Memakai UTF-8") \
	X(TEXT_DONE, "Selesai") \
	X(TEXT_TIMEOUT, "Terlalu lama diam") \
	X(TEXT_WRONG_CREDENTIALS, "Nama atau kata sandi salah") \
	X(TEXT_IN_USE, "Kotak surat ini sedang dibuka oleh sesi lain") \
	X(TEXT_TOO_SOON, "Terlalu cepat sejak login terakhir") \
	X(TEXT_TRY_LATER, "Untuk sementara tidak dapat, coba lagi nanti") \
	X(TEXT_BUSY, "Terlalu banyak login sekaligus, coba lagi nanti") \
	X(TEXT_NOTHING_DONE, "Tidak ada yang diubah, coba lagi nanti") \
	X(TEXT_PARTLY_DONE, "Tidak semuanya dapat dilakukan, coba lagi nanti") \
	X(TEXT_SHUTDOWN, "Server akan berhenti, coba lagi nanti") \
	X(TEXT_LIMIT, "Terlalu banyak koneksi, coba lagi nanti") \
	X(TEXT_ENCRYPT_FIRST, "Kata sandi hanya diterima lewat TLS") \
	X(TEXT_SWITCHED_OFF, "POP3 dimatikan untuk kotak surat ini") \
	X(TEXT_MESSAGE_GONE, "Pesan ini telah dihapus oleh sesi lain") \
	X(TEXT_MESSAGE_DAMAGED, "Pesan ini tidak dapat dibaca") \
	X(TEXT_NO_FOLDER, "Folder yang akan ditampilkan tidak ada") \
	X(TEXT_TOO_MANY_DEVICES, "Terlalu banyak perangkat: hapus salah satu di halaman") \
	X(TEXT_NO_APOP, "APOP tidak dapat: kata sandi tidak disimpan dalam bentuk terbaca") \
	X(TEXT_NO_TLS, "TLS tidak tersedia") \
	X(TEXT_BYTES_BEFORE_TLS, "Tidak boleh ada apa pun setelah STLS sebelum TLS aktif") \
	X(TEXT_UNKNOWN_MECHANISM, "Cara autentikasi tidak dikenal") \
	X(TEXT_CANCELLED, "Autentikasi dibatalkan") \
	X(TEXT_TLS_ALREADY, "TLS sudah aktif") \
	X(TEXT_START_TLS, "Mulai TLS") \
	X(TEXT_LANGUAGES, "Bahasa") \
	X(TEXT_LANGUAGE_SET, "Bahasa telah diganti") \
	X(TEXT_NO_SUCH_LANGUAGE, "Bahasa tidak tersedia")
/* clang-format on */

enum { TEXTS(POP3_TEXT_PLACE) PLACES };
TEXTS(POP3_TEXT_CHECK)
static_assert((int)PLACES == (int)TEXT_COUNT, "a text is missing");

const char pop3_texts_id[] = TEXTS(POP3_TEXT_STRING);
