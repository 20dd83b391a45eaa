#include "proto/pop3/pop3_runs.h"

#include <stdlib.h>

#include "base/array.h"

void pop3_runs_free(struct pop3_runs *r)
{
	free(r->at);
	*r = (struct pop3_runs){.at = NULL};
}

static uint32_t run_later_day(uint32_t a, uint32_t b)
{
	return !a || !b ? 0 : a > b ? a : b;
}

enum err pop3_runs_push(struct pop3_runs *r, struct pop3_run run)
{
	struct pop3_run *last = r->count ? &r->at[r->count - 1] : NULL;
	if (last && last->last + 1 == run.first && last->day == run.day &&
	    last->waits == run.waits) {
		last->last = run.last;
		return ERR_NONE;
	}
	struct pop3_run *at = array_reserve(r->at, &r->cap, r->count + 1, sizeof(*at));
	if (!at)
		return ERR_NOMEM;
	r->at = at;
	r->at[r->count++] = run;
	return ERR_NONE;
}

uint32_t pop3_runs_at(const struct pop3_runs *r, uint32_t uid)
{
	uint32_t low = 0, high = r->count;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		if (r->at[mid].last < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct pop3_run *pop3_runs_find(const struct pop3_runs *r, uint32_t uid)
{
	uint32_t at = pop3_runs_at(r, uid);
	return at < r->count && r->at[at].first <= uid ? &r->at[at] : NULL;
}

/* --- two sets at once ------------------------------------------------------------------------- */

/* Walks two sets in pieces: within one piece nothing begins or ends in either. */
struct run_walk {
	const struct pop3_runs *a, *b;
	uint32_t a_at, b_at;
	uint64_t from; /* the first UID not looked at; above 32 bits at the end */
};
struct run_piece {
	uint32_t first, last;
	const struct pop3_run *a, *b; /* NULL: not in that set */
};

static const struct pop3_run *run_at(const struct pop3_runs *r, uint32_t *at, uint64_t from)
{
	while (*at < r->count && r->at[*at].last < from)
		(*at)++;
	return *at < r->count ? &r->at[*at] : NULL;
}

/* How far a run of one set lets the piece go that starts at `first`. */
static uint32_t run_bound(const struct pop3_run *run, uint32_t first)
{
	return !run ? UINT32_MAX : run->first <= first ? run->last : run->first - 1;
}

static bool run_walk_next(struct run_walk *w, struct run_piece *piece)
{
	const struct pop3_run *a = run_at(w->a, &w->a_at, w->from);
	const struct pop3_run *b = run_at(w->b, &w->b_at, w->from);
	if (!a && !b)
		return false;
	uint32_t next = !b || (a && a->first < b->first) ? a->first : b->first;
	uint32_t first = next < w->from ? (uint32_t)w->from : next;
	uint32_t a_end = run_bound(a, first), b_end = run_bound(b, first);
	*piece = (struct run_piece){
		.first = first,
		.last = a_end < b_end ? a_end : b_end,
		.a = a && a->first <= first ? a : NULL,
		.b = b && b->first <= first ? b : NULL,
	};
	w->from = (uint64_t)piece->last + 1;
	return true;
}

static struct pop3_run run_of_piece(const struct run_piece *piece)
{
	const struct pop3_run *one = piece->a ? piece->a : piece->b;
	struct pop3_run run = {piece->first, piece->last, one->day, one->waits};
	if (piece->a && piece->b) {
		run.day = run_later_day(piece->a->day, piece->b->day);
		run.waits = piece->a->waits | piece->b->waits;
	}
	return run;
}

static enum err runs_combine(struct pop3_runs *r, const struct pop3_runs *other, bool needs_both)
{
	struct pop3_runs result = {.at = NULL};
	struct run_walk walk = {.a = r, .b = other};
	struct run_piece piece;
	while (run_walk_next(&walk, &piece)) {
		if (needs_both && !(piece.a && piece.b))
			continue;
		if (pop3_runs_push(&result, run_of_piece(&piece))) {
			pop3_runs_free(&result);
			return ERR_NOMEM;
		}
	}
	pop3_runs_free(r);
	*r = result;
	return ERR_NONE;
}

enum err pop3_runs_unite(struct pop3_runs *r, const struct pop3_runs *other)
{
	return other->count ? runs_combine(r, other, false) : ERR_NONE;
}

enum err pop3_runs_intersect(struct pop3_runs *r, const struct pop3_runs *other)
{
	return runs_combine(r, other, true);
}

/* --- days ------------------------------------------------------------------------------------- */

bool pop3_runs_set_day(struct pop3_runs *r, uint32_t day)
{
	bool has_changed = false;
	for (uint32_t i = 0; i < r->count; i++) {
		if (r->at[i].day)
			continue;
		r->at[i].day = day;
		has_changed = true;
	}
	return has_changed;
}

void pop3_runs_blur(struct pop3_runs *r)
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < r->count; i++) {
		struct pop3_run *last = kept ? &r->at[kept - 1] : NULL;
		if (!last || last->last + 1 != r->at[i].first || last->waits != r->at[i].waits) {
			r->at[kept++] = r->at[i];
			continue;
		}
		last->last = r->at[i].last;
		last->day = run_later_day(last->day, r->at[i].day);
	}
	r->count = kept;
}
