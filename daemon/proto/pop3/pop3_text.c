#include "proto/pop3/pop3_text.h"

#include "mail/lexical.h"

static const struct pop3_lang_row {
	const char *tag, *name;
} pop3_langs[POP3_LANGS] = {
	[POP3_EN] = {"en", "English"},
	[POP3_ID] = {"id", "Bahasa Indonesia"},
};

/* In the order of enum pop3_lang. */
static const char *const pop3_texts[TEXT_COUNT] = {
	[TEXT_READY] = "Surel POP3 ready\0"
		       "Surel POP3 siap",
	[TEXT_BYE] = "Goodbye\0"
		     "Sampai jumpa",
	[TEXT_UNKNOWN_COMMAND] = "Unknown command\0"
				 "Perintah tidak dikenal",
	[TEXT_NOT_NOW] = "Not possible now\0"
			 "Tidak dapat dilakukan sekarang",
	[TEXT_WRONG_ARGUMENTS] = "Wrong arguments\0"
				 "Argumen salah",
	[TEXT_LINE_TOO_LONG] = "Line too long\0"
			       "Baris terlalu panjang",
	[TEXT_TOO_MANY_ERRORS] = "Too many errors\0"
				 "Terlalu banyak kesalahan",
	[TEXT_NAME_NOTED] = "Now the password\0"
			    "Sekarang kata sandinya",
	[TEXT_USER_FIRST] = "USER comes first\0"
			    "USER harus lebih dahulu",
	[TEXT_WRONG_CREDENTIALS] = "Wrong name or password\0"
				   "Nama atau kata sandi salah",
	[TEXT_ENCRYPT_FIRST] = "Passwords are taken over TLS only\0"
			       "Kata sandi hanya diterima lewat TLS",
	[TEXT_SWITCHED_OFF] = "POP3 is switched off for this mailbox\0"
			      "POP3 dimatikan untuk kotak surat ini",
	[TEXT_IN_USE] = "Another session has this mailbox open\0"
			"Kotak surat ini sedang dibuka oleh sesi lain",
	[TEXT_TOO_SOON] = "Too soon after the last login\0"
			  "Terlalu cepat sejak login terakhir",
	[TEXT_TRY_LATER] = "Not possible for the moment, try again later\0"
			   "Untuk sementara tidak dapat, coba lagi nanti",
	[TEXT_BUSY] = "Too many logins at once, try again later\0"
		      "Terlalu banyak login sekaligus, coba lagi nanti",
	[TEXT_UNKNOWN_MECHANISM] = "Unknown authentication mechanism\0"
				   "Cara autentikasi tidak dikenal",
	[TEXT_CANCELLED] = "Authentication cancelled\0"
			   "Autentikasi dibatalkan",
	[TEXT_BAD_BASE64] = "That is not what the mechanism asks for\0"
			    "Bukan itu yang diminta cara autentikasi ini",
	[TEXT_NO_APOP] = "APOP is not possible: passwords are not kept readable\0"
			 "APOP tidak dapat: kata sandi tidak disimpan dalam bentuk terbaca",
	[TEXT_NO_TLS] = "TLS is not available\0"
			"TLS tidak tersedia",
	[TEXT_TLS_ALREADY] = "TLS is active already\0"
			     "TLS sudah aktif",
	[TEXT_START_TLS] = "Begin TLS\0"
			   "Mulai TLS",
	[TEXT_BYTES_BEFORE_TLS] = "Nothing may follow STLS before TLS is up\0"
				  "Tidak boleh ada apa pun setelah STLS sebelum TLS aktif",
	[TEXT_NO_SUCH_MESSAGE] = "No such message\0"
				 "Tidak ada pesan itu",
	[TEXT_MESSAGE_DELETED] = "This message is marked as deleted\0"
				 "Pesan ini sudah ditandai terhapus",
	[TEXT_MESSAGE_GONE] = "This message was deleted by another session\0"
			      "Pesan ini telah dihapus oleh sesi lain",
	[TEXT_MESSAGE_DAMAGED] = "This message cannot be read\0"
				 "Pesan ini tidak dapat dibaca",
	[TEXT_MARKED] = "Marked as deleted\0"
			"Ditandai terhapus",
	[TEXT_RESET] = "No message is marked as deleted\0"
		       "Tidak ada pesan yang ditandai terhapus",
	[TEXT_MESSAGES] = "messages\0"
			  "pesan",
	[TEXT_OCTETS] = "octets\0"
			"oktet",
	[TEXT_FOLLOWS] = "follows\0"
			 "berikut ini",
	[TEXT_CAPABILITIES] = "Capabilities\0"
			      "Kemampuan",
	[TEXT_UTF8_ON] = "UTF-8 it is\0"
			 "Memakai UTF-8",
	[TEXT_LANGUAGES] = "Languages\0"
			   "Bahasa",
	[TEXT_LANGUAGE_SET] = "This language it is\0"
			      "Bahasa telah diganti",
	[TEXT_NO_SUCH_LANGUAGE] = "Language not available\0"
				  "Bahasa tidak tersedia",
	[TEXT_DONE] = "Done\0"
		      "Selesai",
	[TEXT_NOTHING_DONE] = "Nothing was changed, try again later\0"
			      "Tidak ada yang diubah, coba lagi nanti",
	[TEXT_PARTLY_DONE] = "Not everything could be done, try again later\0"
			     "Tidak semuanya dapat dilakukan, coba lagi nanti",
	[TEXT_NO_FOLDER] = "There is no such folder to show\0"
			   "Folder yang akan ditampilkan tidak ada",
	[TEXT_TOO_MANY_DEVICES] = "Too many devices: let one be forgotten on the page\0"
				  "Terlalu banyak perangkat: hapus salah satu di halaman",
	[TEXT_TIMEOUT] = "Idle for too long\0"
			 "Terlalu lama diam",
	[TEXT_SHUTDOWN] = "The server is stopping, try again later\0"
			  "Server akan berhenti, coba lagi nanti",
	[TEXT_LIMIT] = "Too many connections, try again later\0"
		       "Terlalu banyak koneksi, coba lagi nanti",
};

const char *pop3_text(enum pop3_lang lang, enum pop3_text text)
{
	return lexical_word(pop3_texts[text], lang);
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
