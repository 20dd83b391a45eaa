#include "app/setting.h"

#include <stddef.h>

/* clang-format off */
#define AT(member) offsetof(struct settings, member)
#define HELP(en, id) .help_en = en, .help_id = id
#define TEXT_AT(scope_, key_, member, form_, initial_, restart, en, id)                \
	{.key = key_, .type = SETTING_TEXT, .scope = scope_, .form = form_,            \
	 .offset = AT(member), .max = sizeof(((struct settings *)NULL)->member) - 1,   \
	 .initial = initial_, .needs_restart = restart, HELP(en, id)}
#define NUMBER_AT(scope_, key_, member, min_, max_, initial_, restart, en, id)         \
	{.key = key_, .type = SETTING_NUMBER, .scope = scope_, .offset = AT(member),   \
	 .min = min_, .max = max_, .initial = initial_, .needs_restart = restart, HELP(en, id)}
#define ONOFF_AT(scope_, key_, member, initial_, restart, en, id)                      \
	{.key = key_, .type = SETTING_BOOL, .scope = scope_, .offset = AT(member),     \
	 .initial = initial_, .needs_restart = restart, HELP(en, id)}
#define CHOICE_AT(scope_, key_, member, choices_, initial_, restart, en, id)           \
	{.key = key_, .type = SETTING_CHOICE, .scope = scope_, .offset = AT(member),   \
	 .choices = choices_, .initial = initial_, .needs_restart = restart, HELP(en, id)}

#define TEXT(...) TEXT_AT(SETTING_HOUSE, __VA_ARGS__)
#define NUMBER(...) NUMBER_AT(SETTING_HOUSE, __VA_ARGS__)
#define ONOFF(...) ONOFF_AT(SETTING_HOUSE, __VA_ARGS__)
#define CHOICE(...) CHOICE_AT(SETTING_HOUSE, __VA_ARGS__)
#define USER_TEXT(key_, member, form_, initial_, en, id) \
	TEXT_AT(SETTING_USER, key_, policy.member, form_, initial_, false, en, id)
#define USER_NUMBER(key_, member, min_, max_, initial_, en, id) \
	NUMBER_AT(SETTING_USER, key_, policy.member, min_, max_, initial_, false, en, id)
#define USER_ONOFF(key_, member, initial_, en, id) \
	ONOFF_AT(SETTING_USER, key_, policy.member, initial_, false, en, id)
#define USER_CHOICE(key_, member, choices_, initial_, en, id) \
	CHOICE_AT(SETTING_USER, key_, policy.member, choices_, initial_, false, en, id)

const struct setting setting_table[] = {
TEXT("hostname", hostname, FORM_HOSTS, "", false,
     "Name of this box, as mail programs and other servers see it; empty: the system's name",
     "Nama kotak ini, seperti dilihat program email dan server lain; kosong: nama sistem"),
TEXT("mail.domains", mail_domains, FORM_ANY, "", false,
     "Domains whose mail is for users here, separated by spaces; empty: any domain, as long as the "
     "part before the @ is a user here",
     "Domain yang emailnya untuk pengguna di sini, dipisah spasi; kosong: domain apa pun, asalkan "
     "bagian sebelum @ adalah pengguna di sini"),
NUMBER("message.max_mib", message_max_mib, 1, 1024, "64", false,
       "Largest message accepted, MiB",
       "Email terbesar yang diterima, MiB"),
NUMBER("message.recipients_max", rcpt_max, 100, 1000, "100", false,
       "Recipients of one message, at most",
       "Jumlah penerima satu email, paling banyak"),
ONOFF("imap.enabled", imap_enabled, "yes", false,
      "Offer IMAP (ports 143 and 993)",
      "Sediakan IMAP (port 143 dan 993)"),
ONOFF("pop3.enabled", pop3_enabled, "yes", false,
      "Offer POP3 (ports 110 and 995)",
      "Sediakan POP3 (port 110 dan 995)"),
ONOFF("smtp.enabled", smtp_enabled, "yes", false,
      "Accept mail for local users by SMTP (port 25)",
      "Terima email untuk pengguna lokal lewat SMTP (port 25)"),
ONOFF("lmtp.enabled", lmtp_enabled, "yes", false,
      "Accept mail for local users by LMTP (port 24)",
      "Terima email untuk pengguna lokal lewat LMTP (port 24)"),
ONOFF("submission.enabled", submission_enabled, "yes", false,
      "Accept mail from users who log in (ports 587 and 465)",
      "Terima email dari pengguna yang masuk (port 587 dan 465)"),
NUMBER("imap.keepalive_min", imap_keepalive_min, 2, 29, "24", false,
       "Minutes between signs of life to a mail program that waits (IMAP); short times drain phones",
       "Menit antara tanda hidup ke program email yang menunggu (IMAP); waktu singkat menguras baterai ponsel"),
NUMBER("imap.timeout_min", imap_timeout_min, 30, 1440, "30", false,
       "Minutes after which a silent IMAP connection is closed",
       "Menit sampai koneksi IMAP yang diam ditutup"),
NUMBER("pop3.timeout_min", pop3_timeout_min, 10, 1440, "10", false,
       "Minutes after which a silent POP3 connection is closed",
       "Menit sampai koneksi POP3 yang diam ditutup"),
NUMBER("smtp.timeout_min", smtp_timeout_min, 1, 60, "5", false,
       "Minutes after which a silent SMTP connection is closed",
       "Menit sampai koneksi SMTP yang diam ditutup"),
ONOFF("auth.plaintext_lan", auth_plaintext_lan, "no", false,
      "Accept passwords without encryption from the local network, not only from this box",
      "Terima sandi tanpa enkripsi dari jaringan lokal, tidak hanya dari kotak ini"),
NUMBER("auth.iterations", auth_iterations, 4096, 1000000, "10000", false,
       "Rounds that make a stored password slow to guess (new passwords only)",
       "Putaran yang membuat sandi tersimpan lambat ditebak (hanya sandi baru)"),
NUMBER("auth.timeout_s", auth_timeout_s, 10, 600, "30", false,
       "Seconds a connection may take to log in",
       "Detik yang boleh dipakai koneksi untuk masuk"),
NUMBER("net.connections", net_connections, 0, 100000, "0", false,
       "Connections at the same time; 0: as many as the memory of this box allows",
       "Koneksi pada saat yang sama; 0: sebanyak yang diizinkan memori kotak ini"),
NUMBER("net.per_address", net_per_address, 0, 100000, "0", false,
       "Connections from one address at the same time; 0: three quarters of all",
       "Koneksi dari satu alamat pada saat yang sama; 0: tiga perempat dari semua"),
NUMBER("net.per_user", net_per_user, 0, 100000, "0", false,
       "Connections of one user at the same time; at the limit the oldest idle one goes; 0: three "
       "quarters of all",
       "Koneksi satu pengguna pada saat yang sama; pada batas, yang terlama diam ditutup; 0: tiga "
       "perempat dari semua"),
ONOFF("tls.enabled", tls_enabled, "yes", true,
      "Offer encrypted connections",
      "Sediakan koneksi terenkripsi"),
TEXT("tls.names", tls_names, FORM_HOSTS, "", false,
     "Further names and addresses of this box for its certificate, separated by spaces",
     "Nama dan alamat lain kotak ini untuk sertifikatnya, dipisah spasi"),
ONOFF("web.plain_lan", web_plain_lan, "yes", false,
      "Show the page without encryption to the local network; no: only a redirect to HTTPS, as for "
      "everybody else",
      "Tampilkan halaman tanpa enkripsi ke jaringan lokal; tidak: hanya dialihkan ke HTTPS, "
      "seperti untuk yang lain"),
TEXT("web.hosts", web_hosts, FORM_HOSTS, "", false,
     "Further names under which the page may be opened, separated by spaces",
     "Nama lain untuk membuka halaman ini, dipisah spasi"),
CHOICE("web.language", web_language, "auto en id", "auto", false,
       "Language of the page: auto (same as the browser), en (English) or id (Indonesian)",
       "Bahasa halaman: auto (mengikuti peramban), en (Inggris), atau id (Indonesia)"),
TEXT("time.zone", time_zone, FORM_TIME_ZONE, "", false,
     "Time zone in POSIX form, such as WIB-7 or CET-1CEST,M3.5.0,M10.5.0/3; empty: the system's",
     "Zona waktu bentuk POSIX, seperti WIB-7, WITA-8 atau WIT-9; kosong: zona waktu sistem"),
CHOICE("store.backend", store_backend, "journal ram", "journal", true,
       "Where mail is kept: journal (on flash) or ram (lost at power off)",
       "Tempat email disimpan: journal (di flash) atau ram (hilang saat mati)"),
NUMBER("store.flag_delay_ms", store_flag_delay_ms, 0, 60000, "5000", true,
       "Milliseconds until a changed flag must be on flash; 0: at once, more wear",
       "Milidetik sampai tanda yang berubah harus ada di flash; 0: segera, lebih aus"),
NUMBER("store.deflate", store_deflate, 0, 2, "1", true,
       "Compress messages: 0 never, 1 long-lived mail when it is moved anyway, 2 all",
       "Mampatkan email: 0 tidak, 1 email lama saat dipindahkan, 2 semua"),
NUMBER("store.reserve_mib", store_reserve_mib, 0, 1024, "0", true,
       "Space kept free so that deleting works on a full disk, MiB; 0: chosen by size",
       "Ruang yang dibiarkan kosong agar penghapusan bisa saat penuh, MiB; 0: menurut ukuran"),
CHOICE("log.level", log_level, "error warn info debug", "info", false,
       "How much is written to the log",
       "Seberapa banyak yang ditulis ke log"),
/* What each user may have a value of his own for. */
USER_CHOICE("pop3.access", pop3_access, "all from-now-on off", "all",
            "Mail that POP3 offers: all, only what arrives from-now-on, or off: no POP3",
            "Email yang disediakan POP3: all (semua), from-now-on (hanya yang tiba mulai sekarang), "
            "atau off: tanpa POP3"),
USER_CHOICE("pop3.after_download", pop3_after, "keep mark-read archive trash delete", "keep",
            "What happens to a message after POP3 has downloaded it: keep, mark-read, move to "
            "archive or trash, or delete",
            "Nasib email setelah diunduh POP3: keep (disimpan), mark-read (ditandai dibaca), archive "
            "(ke Archive), trash (ke Trash), atau delete (dihapus)"),
USER_CHOICE("pop3.client_delete", pop3_dele, "delete follow hide", "delete",
            "When a mail program deletes a message by POP3: delete it, follow pop3.after_download, or only "
            "hide it from POP3",
            "Bila program email menghapus lewat POP3: delete (hapus), follow (ikuti pop3.after_download), "
            "atau hide (hanya sembunyikan dari POP3)"),
USER_ONOFF("pop3.show_again", pop3_show_again, "yes",
           "Offer a downloaded message to POP3 again as long as it is there",
           "Tawarkan lagi email yang sudah diunduh ke POP3 selama masih ada"),
USER_CHOICE("pop3.devices", pop3_devices, "shared own", "shared",
            "Several POP3 devices: shared, what one has downloaded counts for all; own, each device "
            "has its own count (log in as NAME+device or with an app password)",
            "Beberapa perangkat POP3: shared (unduhan satu perangkat berlaku untuk semua) atau own "
            "(tiap perangkat sendiri: masuk sebagai NAMA+perangkat atau dengan sandi aplikasi)"),
USER_CHOICE("pop3.shows", pop3_shows, "inbox junk-too folder", "inbox",
            "What POP3 shows: the inbox, junk-too, or the folder named by pop3.folder",
            "Yang ditampilkan POP3: inbox (kotak masuk), junk-too (juga Junk), atau folder menurut "
            "pop3.folder"),
USER_TEXT("pop3.folder", pop3_folder, FORM_FOLDER, "",
          "The folder that POP3 shows when pop3.shows says so",
          "Folder yang ditampilkan POP3 bila pop3.shows memintanya"),
{.key = "pop3.from", .type = SETTING_NUMBER, .scope = SETTING_USER, .is_managed = true,
 .offset = AT(policy.pop3_from_s), .max = INT64_MAX, .initial = "0",
 HELP("When pop3.access became from-now-on, seconds since 1970; kept by Surel; 0: not yet",
      "Saat pop3.access menjadi from-now-on, detik sejak 1970; diatur oleh Surel; 0: belum")},
USER_NUMBER("pop3.delete_after_days", pop3_delete_days, 0, 36500, "0",
            "Days after which downloaded mail is deleted, except what is flagged; 0: never",
            "Hari sampai email yang sudah diunduh dihapus, kecuali yang berbintang; 0: tidak pernah"),
USER_CHOICE("pop3.delete_since", pop3_delete_since, "download arrival", "download",
            "Those days count from the download or from the arrival",
            "Hari itu dihitung sejak diunduh (download) atau sejak tiba (arrival)"),
USER_NUMBER("pop3.login_delay_s", pop3_login_delay_s, 0, 86400, "0",
            "Shortest time between two POP3 logins of one user, seconds; two may come early, so "
            "that sending and receiving twice works; 0: none",
            "Jeda terpendek antara dua kali masuk POP3 satu pengguna, detik; dua boleh lebih awal agar "
            "kirim/terima dua kali tetap bisa; 0: tidak ada"),
USER_ONOFF("imap.access", imap_access, "yes",
           "Allow IMAP",
           "Izinkan IMAP"),
USER_ONOFF("imap.auto_expunge", imap_auto_expunge, "no",
           "Remove a message as soon as a mail program (IMAP) marks it deleted",
           "Hapus email begitu program email (IMAP) menandainya terhapus"),
USER_CHOICE("imap.last_copy", imap_last_copy, "gone trash archive", "gone",
            "Where the last copy of a message goes when IMAP removes it: gone, to trash, or to "
            "archive",
            "Tujuan salinan terakhir email yang dihapus lewat IMAP: gone (hilang), trash (ke Trash), "
            "atau archive (ke Archive)"),
USER_NUMBER("imap.folder_limit", imap_folder_limit, 0, 10000000, "0",
            "Newest messages of a folder that IMAP shows, older ones stay hidden; 0: all",
            "Jumlah email terbaru tiap folder yang ditampilkan IMAP, sisanya tersembunyi; 0: semua"),
USER_TEXT("imap.hide_capabilities", imap_hide, FORM_WORDS, "",
          "Capabilities not announced to mail programs, such as IDLE or AUTH=PLAIN, separated by "
          "spaces",
          "Kemampuan yang tidak diumumkan ke program email, seperti IDLE atau AUTH=PLAIN, dipisah "
          "spasi"),
USER_NUMBER("trash.empty_days", trash_days, 0, 36500, "30",
            "Days after which mail in Trash is deleted; 0: never",
            "Hari sampai email di Trash (Sampah) dihapus; 0: tidak pernah"),
USER_NUMBER("junk.empty_days", junk_days, 0, 36500, "30",
            "Days after which mail in Junk is deleted; 0: never",
            "Hari sampai email di Junk (Spam) dihapus; 0: tidak pernah"),
USER_NUMBER("quota.mib", quota_mib, 0, 16777216, "0",
            "Space of each user, MiB; 0: no limit",
            "Ruang tiap pengguna, MiB; 0: tanpa batas"),
USER_NUMBER("quota.messages", quota_messages, 0, 100000000, "0",
            "Messages of each user; 0: no limit",
            "Jumlah email tiap pengguna; 0: tanpa batas"),
};
/* clang-format on */
const size_t setting_count = sizeof(setting_table) / sizeof(setting_table[0]);
