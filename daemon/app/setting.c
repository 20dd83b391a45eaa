#include "app/setting.h"

#include <stddef.h>

#define AT(member) offsetof(struct settings, member)
#define TEXT(key_, member, initial_, restart, en, id) \
	{.key = key_,                                 \
	 .type = SETTING_TEXT,                        \
	 .offset = AT(member),                        \
	 .max = SETTING_TEXT_MAX - 1,                 \
	 .initial = initial_,                         \
	 .needs_restart = restart,                    \
	 .help_en = en,                               \
	 .help_id = id}
#define NUMBER(key_, member, min_, max_, initial_, restart, en, id) \
	{.key = key_,                                               \
	 .type = SETTING_NUMBER,                                    \
	 .offset = AT(member),                                      \
	 .min = min_,                                               \
	 .max = max_,                                               \
	 .initial = initial_,                                       \
	 .needs_restart = restart,                                  \
	 .help_en = en,                                             \
	 .help_id = id}
#define ONOFF(key_, member, initial_, restart, en, id) \
	{.key = key_,                                  \
	 .type = SETTING_BOOL,                         \
	 .offset = AT(member),                         \
	 .initial = initial_,                          \
	 .needs_restart = restart,                     \
	 .help_en = en,                                \
	 .help_id = id}
#define CHOICE(key_, member, choices_, initial_, restart, en, id) \
	{.key = key_,                                             \
	 .type = SETTING_CHOICE,                                  \
	 .offset = AT(member),                                    \
	 .choices = choices_,                                     \
	 .initial = initial_,                                     \
	 .needs_restart = restart,                                \
	 .help_en = en,                                           \
	 .help_id = id}

/* clang-format off */
const struct setting setting_table[] = {
TEXT("hostname", hostname, "", true,
     "Name of this box, as mail programs and other servers see it; empty: the system's name",
     "Nama kotak ini, seperti dilihat program surat dan server lain; kosong: nama sistem"),
TEXT("mail.domains", mail_domains, "", false,
     "Domains whose mail is for users here, separated by spaces; empty: any domain, as long as the "
     "part before the @ is a user here",
     "Domain yang suratnya untuk pengguna di sini, dipisah spasi; kosong: domain apa pun, asalkan "
     "bagian sebelum @ adalah pengguna di sini"),
NUMBER("message.max_mib", message_max_mib, 1, 1024, "64", false,
       "Largest message accepted, MiB",
       "Surat terbesar yang diterima, MiB"),
NUMBER("message.recipients_max", rcpt_max, 100, 1000, "100", false,
       "Recipients of one message, at most",
       "Jumlah penerima satu surat, paling banyak"),
ONOFF("imap.enabled", imap_enabled, "yes", true,
      "Offer IMAP (ports 143 and 993)",
      "Sediakan IMAP (port 143 dan 993)"),
ONOFF("pop3.enabled", pop3_enabled, "yes", true,
      "Offer POP3 (ports 110 and 995)",
      "Sediakan POP3 (port 110 dan 995)"),
ONOFF("smtp.enabled", smtp_enabled, "yes", true,
      "Accept mail for local users by SMTP (port 25)",
      "Terima surat untuk pengguna lokal lewat SMTP (port 25)"),
ONOFF("lmtp.enabled", lmtp_enabled, "yes", true,
      "Accept mail for local users by LMTP (port 24)",
      "Terima surat untuk pengguna lokal lewat LMTP (port 24)"),
ONOFF("submission.enabled", submission_enabled, "yes", true,
      "Accept mail from users who log in (ports 587 and 465)",
      "Terima surat dari pengguna yang masuk (port 587 dan 465)"),
NUMBER("imap.keepalive_min", imap_keepalive_min, 2, 29, "24", false,
       "Minutes between signs of life to a waiting IMAP client; short times drain phones",
       "Menit antara tanda hidup ke klien IMAP yang menunggu; waktu singkat menguras baterai"),
NUMBER("imap.timeout_min", imap_timeout_min, 30, 1440, "30", false,
       "Minutes after which a silent IMAP connection is closed",
       "Menit sampai koneksi IMAP yang diam ditutup"),
NUMBER("pop3.timeout_min", pop3_timeout_min, 10, 1440, "10", false,
       "Minutes after which a silent POP3 connection is closed",
       "Menit sampai koneksi POP3 yang diam ditutup"),
NUMBER("smtp.timeout_min", smtp_timeout_min, 1, 60, "5", false,
       "Minutes after which a silent SMTP connection is closed",
       "Menit sampai koneksi SMTP yang diam ditutup"),
NUMBER("pop3.login_delay_s", pop3_login_delay_s, 0, 86400, "0", false,
       "Shortest time between two POP3 logins of one user, seconds; 0: none",
       "Jeda terpendek antara dua login POP3 satu pengguna, detik; 0: tidak ada"),
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
TEXT("tls.names", tls_names, "", true,
     "Further names and addresses of this box for its certificate, separated by spaces",
     "Nama dan alamat lain kotak ini untuk sertifikatnya, dipisah spasi"),
CHOICE("store.backend", store_backend, "journal ram", "journal", true,
       "Where mail is kept: journal (on flash) or ram (lost at power off)",
       "Tempat surat disimpan: journal (di flash) atau ram (hilang saat mati)"),
NUMBER("store.flag_delay_ms", store_flag_delay_ms, 0, 60000, "5000", true,
       "Milliseconds until a changed flag must be on flash; 0: at once, more wear",
       "Milidetik sampai tanda yang berubah harus ada di flash; 0: segera, lebih aus"),
NUMBER("store.deflate", store_deflate, 0, 2, "1", true,
       "Compress messages: 0 never, 1 long-lived mail when it is moved anyway, 2 all",
       "Mampatkan surat: 0 tidak, 1 surat lama saat dipindahkan, 2 semua"),
NUMBER("store.reserve_mib", store_reserve_mib, 0, 1024, "0", true,
       "Space kept free so that deleting works on a full disk, MiB; 0: chosen by size",
       "Ruang yang dibiarkan kosong agar penghapusan bisa saat penuh, MiB; 0: menurut ukuran"),
NUMBER("quota.mib", quota_mib, 0, 16777216, "0", false,
       "Space of each user, MiB; 0: no limit",
       "Ruang tiap pengguna, MiB; 0: tanpa batas"),
NUMBER("quota.messages", quota_messages, 0, 100000000, "0", false,
       "Messages of each user; 0: no limit",
       "Jumlah surat tiap pengguna; 0: tanpa batas"),
CHOICE("log.level", log_level, "error warn info debug", "info", false,
       "How much is written to the log",
       "Seberapa banyak yang ditulis ke log"),
};
/* clang-format on */
const size_t setting_count = sizeof(setting_table) / sizeof(setting_table[0]);

static void *setting_member(const struct settings *s, const struct setting *row)
{
	return (char *)(uintptr_t)s + row->offset;
}

const struct setting *setting_find(struct slice key)
{
	for (size_t i = 0; i < setting_count; i++)
		if (slice_eq_str_nocase(key, setting_table[i].key))
			return &setting_table[i];
	return NULL;
}

void settings_init(struct settings *s)
{
	*s = (struct settings){0};
	for (size_t i = 0; i < setting_count; i++) {
		/* A default that its own row refuses would be our bug; the tests look for it. */
		enum err err = setting_set(s, &setting_table[i],
					   slice_str(setting_table[i].initial), NULL);
		(void)err;
	}
}

static enum err setting_refuse(const struct setting *row, struct buf *why, enum err err)
{
	if (why) {
		enum err full = buf_addf(why, "%s must be a ", row->key);
		if (!full)
			full = setting_describe(row, why);
		(void)full; /* a sentence cut short is still a sentence */
	}
	return err;
}

static enum err set_number(struct settings *s, const struct setting *row, struct slice value)
{
	uint64_t number = 0;
	enum err err = slice_u64(value, row->max, &number);
	if (!err && number < row->min)
		err = ERR_LIMIT;
	if (!err)
		memcpy(setting_member(s, row), &number, sizeof(number));
	return err;
}

static enum err set_bool(struct settings *s, const struct setting *row, struct slice value)
{
	static const char *const yes[] = {"yes", "on", "true", "1", "ya"};
	static const char *const no[] = {"no", "off", "false", "0", "tidak"};
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		bool is_yes = slice_eq_str_nocase(value, yes[i]);
		if (is_yes || slice_eq_str_nocase(value, no[i])) {
			*(bool *)setting_member(s, row) = is_yes;
			return ERR_NONE;
		}
	}
	return ERR_SYNTAX;
}

static bool setting_is_printable(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] < 32 || value.ptr[i] == 127)
			return false;
	return slice_is_utf8(value);
}

static enum err set_text(struct settings *s, const struct setting *row, struct slice value)
{
	if (!setting_is_printable(value))
		return ERR_SYNTAX;
	return slice_to_str(value, setting_member(s, row), SETTING_TEXT_MAX);
}

static enum err set_choice(struct settings *s, const struct setting *row, struct slice value)
{
	struct slice rest = slice_str(row->choices);
	while (rest.len) {
		struct slice choice = slice_word(&rest);
		if (slice_eq_nocase(choice, value))
			return slice_to_str(choice, setting_member(s, row), SETTING_TEXT_MAX);
	}
	return ERR_SYNTAX;
}

enum err setting_set(struct settings *s, const struct setting *row, struct slice value,
		     struct buf *why)
{
	enum err err = ERR_SYNTAX;
	value = slice_trim(value);
	switch (row->type) {
	case SETTING_TEXT: err = set_text(s, row, value); break;
	case SETTING_NUMBER: err = set_number(s, row, value); break;
	case SETTING_BOOL: err = set_bool(s, row, value); break;
	case SETTING_CHOICE: err = set_choice(s, row, value); break;
	}
	return err ? setting_refuse(row, why, err) : ERR_NONE;
}

enum err setting_get(const struct settings *s, const struct setting *row, struct buf *dst)
{
	const void *member = setting_member(s, row);
	uint64_t number = 0;
	switch (row->type) {
	case SETTING_TEXT:
	case SETTING_CHOICE: return buf_add_str(dst, member);
	case SETTING_BOOL: return buf_add_str(dst, *(const bool *)member ? "yes" : "no");
	case SETTING_NUMBER:
		memcpy(&number, member, sizeof(number));
		return buf_addf(dst, "%llu", (unsigned long long)number);
	}
	return ERR_SYNTAX;
}

bool setting_is_default(const struct settings *s, const struct setting *row)
{
	struct buf now;
	buf_init(&now, SETTING_TEXT_MAX);
	bool same = !setting_get(s, row, &now) && slice_eq_str(buf_view(&now), row->initial);
	buf_free(&now);
	return same;
}

enum err setting_describe(const struct setting *row, struct buf *dst)
{
	const char *initial = *row->initial ? row->initial : "empty";
	switch (row->type) {
	case SETTING_TEXT:
		return buf_addf(dst, "text of at most %llu bytes, default %s",
				(unsigned long long)row->max, initial);
	case SETTING_NUMBER:
		return buf_addf(dst, "number from %llu to %llu, default %s",
				(unsigned long long)row->min, (unsigned long long)row->max,
				initial);
	case SETTING_BOOL: return buf_addf(dst, "yes or no, default %s", initial);
	case SETTING_CHOICE:
		return buf_addf(dst, "choice of: %s; default %s", row->choices, initial);
	}
	return ERR_SYNTAX;
}
