#include "app/web_zone.h"

#include "app/web_pack.h"

enum { ZONE_TEXT_MAX = 96 };

struct zone {
	char rule[ZONE_TEXT_MAX], label[ZONE_TEXT_MAX];
	struct slice names; /* in the zone database: what a browser calls it */
};

/* Takes the next line of web/zones.txt off the front; false at the end. */
static bool zone_next(struct slice *rest, struct zone *zone_out)
{
	struct slice line = slice_split(rest, '\n');
	if (slice_to_str(slice_split(&line, '|'), zone_out->rule, ZONE_TEXT_MAX) ||
	    slice_to_str(slice_split(&line, '|'), zone_out->label, ZONE_TEXT_MAX))
		return false;
	zone_out->names = line;
	return line.len;
}

static bool zone_is_offered(struct slice zones, const char *rule)
{
	struct zone zone;
	bool is_offered = !*rule;
	while (!is_offered && zone_next(&zones, &zone))
		is_offered = strcmp(zone.rule, rule) == 0;
	return is_offered;
}

void web_zone_choices(struct model *field, enum lang lang)
{
	const char *chosen = model_get_text(field, "value");
	struct zone zone;
	struct slice zones;
	if (!web_pack_file(SLICE_LIT("zones.txt"), &zones))
		zones = SLICE_EMPTY;
	web_form_choice(field, "", web_text(lang, "zone.system"), NULL);
	if (!zone_is_offered(zones, chosen))
		web_form_choice(field, chosen, chosen, NULL);
	while (zone_next(&zones, &zone)) {
		web_form_choice(field, zone.rule, zone.label, NULL);
		struct model *choices = model_get(field, "choices");
		model_slice(choices ? choices->last : NULL, "zone", zone.names);
	}
}
