#include "proto/imap/imap_list.h"

#include "proto/imap/imap_status.h"
#include "proto/imap/imap_verbs.h"

/* --- arguments ---------------------------------------------------------------------------------- */

static bool list_read_select(struct imap_session *s, struct imap_list *list)
{
	if (lex_try(&s->lex, ')'))
		return true;
	do {
		size_t option = lex_try_words(&s->lex, "SUBSCRIBED\0"
						       "SPECIAL-USE\0"
						       "RECURSIVEMATCH\0"
						       "REMOTE\0");
		if (option == SIZE_MAX)
			return lex_fail(&s->lex, "Unknown selection option");
		list->select |= 1u << option;
	} while (lex_try(&s->lex, ' '));
	if (!lex_char(&s->lex, ')'))
		return false;
	/* RFC 5258 3: it extends another option, which must be there. */
	if ((list->select & LIST_RECURSIVEMATCH) &&
	    !(list->select & (LIST_SUBSCRIBED | LIST_SPECIAL_USE)))
		return lex_fail(&s->lex, "RECURSIVEMATCH needs another selection option");
	return true;
}

static bool list_read_return_option(struct imap_session *s, struct imap_list *list)
{
	switch (lex_try_words(&s->lex, "SUBSCRIBED\0"
				       "CHILDREN\0"
				       "SPECIAL-USE\0"
				       "STATUS\0")) {
	case 0: return list->returns_subscribed = true;
	case 1: return list->returns_children = true;
	case 2: return list->returns_special_use = true;
	case 3: return lex_space(&s->lex) && imap_status_read(s, &list->status_items);
	default: return lex_fail(&s->lex, "Unknown return option");
	}
}

static bool list_read_return(struct imap_session *s, struct imap_list *list)
{
	if (!slice_trim(s->lex.rest).len)
		return true;
	if (!lex_space(&s->lex))
		return false;
	if (!lex_try_word(&s->lex, "RETURN"))
		return lex_fail(&s->lex, "Expected RETURN");
	list->is_extended = true;
	if (!lex_space(&s->lex) || !lex_char(&s->lex, '('))
		return false;
	if (lex_try(&s->lex, ')'))
		return lex_end(&s->lex);
	do {
		if (!list_read_return_option(s, list))
			return false;
	} while (lex_try(&s->lex, ' '));
	return lex_char(&s->lex, ')') && lex_end(&s->lex);
}

static bool list_add_pattern(struct imap_session *s, struct imap_list *list, struct slice reference)
{
	struct slice pattern = SLICE_EMPTY;
	if (list->count == LIST_PATTERNS_MAX)
		return lex_fail(&s->lex, "Too many patterns");
	if (!lex_list_mailbox(&s->lex, &pattern))
		return false;
	/* In a list of patterns the question for the separator makes no sense (RFC 5258 3). */
	if (!pattern.len)
		return true;
	if (imap_pattern_init(&list->patterns[list->count], reference, pattern, &s->arena))
		return lex_fail(&s->lex, "Patterns are too long");
	list->count++;
	return true;
}

static bool list_read_patterns(struct imap_session *s, struct imap_list *list,
			       struct slice reference)
{
	bool is_many = lex_try(&s->lex, '(');
	list->patterns =
		arena_array(&s->arena, is_many ? LIST_PATTERNS_MAX : 1, sizeof(*list->patterns));
	if (!list->patterns)
		return lex_fail(&s->lex, "Out of memory");
	list->is_extended = list->is_extended || is_many;
	do {
		if (!list_add_pattern(s, list, reference))
			return false;
	} while (is_many && lex_try(&s->lex, ' '));
	return !is_many || lex_char(&s->lex, ')');
}

static bool list_read(struct imap_session *s, struct imap_list *list)
{
	struct slice reference = SLICE_EMPTY;
	bool is_lsub = (list->select & LIST_SUBSCRIBED) != 0;
	if (!lex_space(&s->lex))
		return false;
	if (!is_lsub && lex_try(&s->lex, '(')) {
		list->is_extended = true;
		if (!list_read_select(s, list) || !lex_space(&s->lex))
			return false;
	}
	/* A reference looks like a name, but "" and "a/" are fine: read it as a pattern is. */
	if (!lex_list_mailbox(&s->lex, &reference) || !lex_space(&s->lex) ||
	    !list_read_patterns(s, list, reference))
		return false;
	return is_lsub ? lex_end(&s->lex) : list_read_return(s, list);
}

/* --- the commands ------------------------------------------------------------------------------- */

static enum step list_run(struct imap_session *s, const char *verb, unsigned select)
{
	struct imap_list *list = s->cmd;
	if (!list) {
		s->cmd = list = arena_alloc(&s->arena, sizeof(*list));
		if (!list)
			return imap_no_err(s, ERR_NOMEM);
		list->verb = verb;
		list->select = select;
		if (!list_read(s, list))
			return imap_bad_lex(s);
		/* LIST "" "" asks for the separator. */
		if (!list->count && !list->is_extended)
			out_fmt(&s->out, "* %s (\\Noselect) \"/\" \"\"\r\n", verb);
	}
	if (imap_list_walk(s, list) == STEP_MORE)
		return STEP_MORE;
	return imap_ok(s, NULL, NULL);
}

enum step imap_run_list(struct imap_session *s)
{
	return list_run(s, "LIST", 0);
}

/* LSUB is LIST (SUBSCRIBED RECURSIVEMATCH) in older words: a superior of a subscribed name that is
 * not subscribed itself comes with \Noselect (RFC 3501 6.3.9). */
enum step imap_run_lsub(struct imap_session *s)
{
	return list_run(s, "LSUB", LIST_SUBSCRIBED | LIST_RECURSIVEMATCH);
}
