#include "app/web_zone.h"

struct zone {
	const char *rule, *label;
	const char *names; /* in the zone database: what a browser calls it */
};

static const struct zone zones[] = {
	{"WIB-7", "UTC+7 WIB, Jakarta, Medan, Pontianak", "Asia/Jakarta Asia/Pontianak"},
	{"WITA-8", "UTC+8 WITA, Makassar, Denpasar", "Asia/Makassar Asia/Ujung_Pandang"},
	{"WIT-9", "UTC+9 WIT, Jayapura, Ambon", "Asia/Jayapura"},
	{"UTC0", "UTC", "UTC Etc/UTC"},
	{"HST10", "UTC−10 Honolulu", "Pacific/Honolulu"},
	{"PST8PDT,M3.2.0,M11.1.0", "UTC−8 Los Angeles, Vancouver",
	 "America/Los_Angeles America/Vancouver"},
	{"MST7MDT,M3.2.0,M11.1.0", "UTC−7 Denver", "America/Denver America/Edmonton"},
	{"MST7", "UTC−7 Phoenix", "America/Phoenix"},
	{"CST6CDT,M3.2.0,M11.1.0", "UTC−6 Chicago", "America/Chicago America/Winnipeg"},
	{"CST6", "UTC−6 México", "America/Mexico_City"},
	{"EST5EDT,M3.2.0,M11.1.0", "UTC−5 New York, Toronto", "America/New_York America/Toronto"},
	{"<-05>5", "UTC−5 Bogotá, Lima", "America/Bogota America/Lima"},
	{"AST4ADT,M3.2.0,M11.1.0", "UTC−4 Halifax", "America/Halifax"},
	{"<-03>3", "UTC−3 São Paulo, Buenos Aires",
	 "America/Sao_Paulo America/Argentina/Buenos_Aires America/Buenos_Aires"},
	{"GMT0BST,M3.5.0/1,M10.5.0", "UTC+0 London", "Europe/London"},
	{"IST-1GMT0,M10.5.0,M3.5.0/1", "UTC+0 Dublin", "Europe/Dublin"},
	{"WET0WEST,M3.5.0/1,M10.5.0", "UTC+0 Lisboa", "Europe/Lisbon"},
	{"WAT-1", "UTC+1 Lagos", "Africa/Lagos"},
	{"CET-1CEST,M3.5.0,M10.5.0/3", "UTC+1 Amsterdam, Berlin, Madrid, Paris, Roma",
	 "Europe/Amsterdam Europe/Berlin Europe/Brussels Europe/Copenhagen Europe/Madrid "
	 "Europe/Oslo Europe/Paris Europe/Prague Europe/Rome Europe/Stockholm Europe/Vienna "
	 "Europe/Warsaw Europe/Zurich Europe/Budapest Europe/Belgrade Europe/Zagreb"},
	{"EET-2EEST,M3.5.0/3,M10.5.0/4", "UTC+2 Helsinki, Kyiv, Athina",
	 "Europe/Helsinki Europe/Kyiv Europe/Kiev Europe/Athens Europe/Bucharest Europe/Sofia "
	 "Europe/Riga Europe/Tallinn Europe/Vilnius"},
	{"SAST-2", "UTC+2 Johannesburg", "Africa/Johannesburg"},
	{"EAT-3", "UTC+3 Nairobi", "Africa/Nairobi"},
	{"<+03>-3", "UTC+3 İstanbul, Riyadh", "Europe/Istanbul Asia/Riyadh"},
	{"<+04>-4", "UTC+4 Dubai", "Asia/Dubai"},
	{"PKT-5", "UTC+5 Karachi", "Asia/Karachi"},
	{"IST-5:30", "UTC+5:30 Delhi, Mumbai", "Asia/Kolkata Asia/Calcutta"},
	{"<+0545>-5:45", "UTC+5:45 Kathmandu", "Asia/Kathmandu Asia/Katmandu"},
	{"<+06>-6", "UTC+6 Dhaka", "Asia/Dhaka"},
	{"<+07>-7", "UTC+7 Bangkok, Hà Nội", "Asia/Bangkok Asia/Ho_Chi_Minh Asia/Saigon"},
	{"<+08>-8", "UTC+8 Singapore, Kuala Lumpur", "Asia/Singapore Asia/Kuala_Lumpur"},
	{"CST-8", "UTC+8 Beijing, Taipei", "Asia/Shanghai Asia/Taipei"},
	{"HKT-8", "UTC+8 Hong Kong", "Asia/Hong_Kong"},
	{"PST-8", "UTC+8 Manila", "Asia/Manila"},
	{"AWST-8", "UTC+8 Perth", "Australia/Perth"},
	{"<+09>-9", "UTC+9 Dili", "Asia/Dili"},
	{"JST-9", "UTC+9 Tokyo", "Asia/Tokyo"},
	{"KST-9", "UTC+9 Seoul", "Asia/Seoul"},
	{"AEST-10", "UTC+10 Brisbane", "Australia/Brisbane"},
	{"AEST-10AEDT,M10.1.0,M4.1.0/3", "UTC+10 Sydney, Melbourne",
	 "Australia/Sydney Australia/Melbourne Australia/Hobart"},
	{"NZST-12NZDT,M9.5.0,M4.1.0/3", "UTC+12 Auckland", "Pacific/Auckland"},
};
enum { ZONE_COUNT = sizeof(zones) / sizeof(zones[0]) };

bool web_zone_is_offered(const char *rule)
{
	bool is_offered = !*rule;
	for (size_t i = 0; i < ZONE_COUNT; i++)
		is_offered |= strcmp(zones[i].rule, rule) == 0;
	return is_offered;
}

void web_zone_choices(struct model *field, enum lang lang)
{
	const char *chosen = model_get_text(field, "value");
	web_form_choice(field, "", web_text(lang, "zone.system"), NULL);
	if (!web_zone_is_offered(chosen))
		web_form_choice(field, chosen, chosen, NULL);
	for (size_t i = 0; i < ZONE_COUNT; i++) {
		web_form_choice(field, zones[i].rule, zones[i].label, NULL);
		struct model *choices = model_get(field, "choices");
		model_text(choices ? choices->last : NULL, "zone", zones[i].names);
	}
}
