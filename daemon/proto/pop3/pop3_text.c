#include "proto/pop3/pop3_text.h"

static const struct pop3_lang_row {
	const char *tag, *name;
} pop3_langs[POP3_LANGS] = {
	[POP3_EN] = {"en", "English"},
	[POP3_ID] = {"id", "Bahasa Indonesia"},
};

static const char *const pop3_texts[TEXT_COUNT][POP3_LANGS] = {
	[TEXT_READY] = {"Surel POP3 ready", "Surel POP3 siap"},
	[TEXT_BYE] = {"Goodbye", "Sampai jumpa"},
	[TEXT_UNKNOWN_COMMAND] = {"Unknown command", "Perintah tidak dikenal"},
	[TEXT_NOT_NOW] = {"Not possible now", "Tidak dapat dilakukan sekarang"},
	[TEXT_WRONG_ARGUMENTS] = {"Wrong arguments", "Argumen salah"},
	[TEXT_LINE_TOO_LONG] = {"Line too long", "Baris terlalu panjang"},
	[TEXT_TOO_MANY_ERRORS] = {"Too many errors", "Terlalu banyak kesalahan"},
	[TEXT_NAME_NOTED] = {"Now the password", "Sekarang kata sandinya"},
	[TEXT_USER_FIRST] = {"USER comes first", "USER harus lebih dahulu"},
	[TEXT_WRONG_CREDENTIALS] = {"Wrong name or password", "Nama atau kata sandi salah"},
	[TEXT_ENCRYPT_FIRST] = {"Passwords are taken over TLS only",
				"Kata sandi hanya diterima lewat TLS"},
	[TEXT_SWITCHED_OFF] = {"POP3 is switched off for this mailbox",
			       "POP3 dimatikan untuk kotak surat ini"},
	[TEXT_IN_USE] = {"Another session has this mailbox open",
			 "Kotak surat ini sedang dibuka oleh sesi lain"},
	[TEXT_TOO_SOON] = {"Too soon after the last login", "Terlalu cepat sejak login terakhir"},
	[TEXT_TRY_LATER] = {"Not possible for the moment, try again later",
			    "Untuk sementara tidak dapat, coba lagi nanti"},
	[TEXT_BUSY] = {"Too many logins at once, try again later",
		       "Terlalu banyak login sekaligus, coba lagi nanti"},
	[TEXT_UNKNOWN_MECHANISM] = {"Unknown authentication mechanism",
				    "Cara autentikasi tidak dikenal"},
	[TEXT_CANCELLED] = {"Authentication cancelled", "Autentikasi dibatalkan"},
	[TEXT_BAD_BASE64] = {"That is not what the mechanism asks for",
			     "Bukan itu yang diminta cara autentikasi ini"},
	[TEXT_NO_APOP] = {"APOP is not possible: passwords are not kept readable",
			  "APOP tidak dapat: kata sandi tidak disimpan dalam bentuk terbaca"},
	[TEXT_NO_TLS] = {"TLS is not available", "TLS tidak tersedia"},
	[TEXT_TLS_ALREADY] = {"TLS is active already", "TLS sudah aktif"},
	[TEXT_START_TLS] = {"Begin TLS", "Mulai TLS"},
	[TEXT_BYTES_BEFORE_TLS] = {"Nothing may follow STLS before TLS is up",
				   "Tidak boleh ada apa pun setelah STLS sebelum TLS aktif"},
	[TEXT_NO_SUCH_MESSAGE] = {"No such message", "Tidak ada pesan itu"},
	[TEXT_MESSAGE_DELETED] = {"This message is marked as deleted",
				  "Pesan ini sudah ditandai terhapus"},
	[TEXT_MESSAGE_GONE] = {"This message was deleted by another session",
			       "Pesan ini telah dihapus oleh sesi lain"},
	[TEXT_MESSAGE_DAMAGED] = {"This message cannot be read", "Pesan ini tidak dapat dibaca"},
	[TEXT_MARKED] = {"Marked as deleted", "Ditandai terhapus"},
	[TEXT_RESET] = {"No message is marked as deleted",
			"Tidak ada pesan yang ditandai terhapus"},
	[TEXT_MESSAGES] = {"messages", "pesan"},
	[TEXT_OCTETS] = {"octets", "oktet"},
	[TEXT_FOLLOWS] = {"follows", "berikut ini"},
	[TEXT_CAPABILITIES] = {"Capabilities", "Kemampuan"},
	[TEXT_UTF8_ON] = {"UTF-8 it is", "Memakai UTF-8"},
	[TEXT_LANGUAGES] = {"Languages", "Bahasa"},
	[TEXT_LANGUAGE_SET] = {"This language it is", "Bahasa telah diganti"},
	[TEXT_NO_SUCH_LANGUAGE] = {"Language not available", "Bahasa tidak tersedia"},
	[TEXT_DONE] = {"Done", "Selesai"},
	[TEXT_NOTHING_DONE] = {"Nothing was changed, try again later",
			       "Tidak ada yang diubah, coba lagi nanti"},
	[TEXT_PARTLY_DONE] = {"Not everything could be done, try again later",
			      "Tidak semuanya dapat dilakukan, coba lagi nanti"},
	[TEXT_NO_FOLDER] = {"There is no such folder to show",
			    "Folder yang akan ditampilkan tidak ada"},
	[TEXT_TOO_MANY_DEVICES] = {"Too many devices: let one be forgotten on the page",
				   "Terlalu banyak perangkat: hapus salah satu di halaman"},
	[TEXT_TIMEOUT] = {"Idle for too long", "Terlalu lama diam"},
	[TEXT_SHUTDOWN] = {"The server is stopping, try again later",
			   "Server akan berhenti, coba lagi nanti"},
	[TEXT_LIMIT] = {"Too many connections, try again later",
			"Terlalu banyak koneksi, coba lagi nanti"},
};

const char *pop3_text(enum pop3_lang lang, enum pop3_text text)
{
	return pop3_texts[text][lang];
}

const char *pop3_lang_tag(enum pop3_lang lang)
{
	return pop3_langs[lang].tag;
}

const char *pop3_lang_name(enum pop3_lang lang)
{
	return pop3_langs[lang].name;
}

enum err pop3_lang_find(struct slice range, enum pop3_lang *lang_out)
{
	/* "id-ID" asks for something narrower than "id": RFC 4647 would find nothing. The broader
	 * language is still a better answer than none. "i-default" is English (RFC 2277 4.5). */
	struct slice primary = slice_upto(range, slice_find_byte(range, '-'));
	*lang_out = POP3_EN;
	if (slice_eq_str(range, "*") || slice_eq_str_nocase(range, "i-default"))
		return ERR_NONE;
	for (int i = 0; i < POP3_LANGS; i++) {
		if (slice_eq_str_nocase(primary, pop3_langs[i].tag)) {
			*lang_out = (enum pop3_lang)i;
			return ERR_NONE;
		}
	}
	return ERR_NOT_FOUND;
}
