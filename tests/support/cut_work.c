#include "support/cut_work.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/codec.h"
#include "store/store_ops.h"

enum { PATIENCE = 4000 };

static void work_must(bool claim)
{
	if (!claim)
		abort();
}

/* --- waiting ------------------------------------------------------------------------------------- */

enum err work_wait(struct work *w, uint64_t ticket)
{
	enum err err = ERR_AGAIN;
	for (unsigned i = 0; i < PATIENCE && err == ERR_AGAIN; i++) {
		store_turn(w->st, false);
		err = store_wait(w->st, ticket, NULL);
	}
	work_must(err != ERR_AGAIN);
	return err;
}

#define UNTIL_DONE(w, err, call)                        \
	do {                                            \
		unsigned turns = 0;                     \
		while (((err) = (call)) == ERR_AGAIN) { \
			work_must(turns < PATIENCE);    \
			turns++;                        \
			store_turn((w)->st, false);     \
		}                                       \
	} while (0)

static enum err work_accounts(struct work *w)
{
	uint64_t ticket = 0;
	enum err err;
	account_close(&w->alice);
	account_close(&w->bob);
	UNTIL_DONE(w, err,
		   account_open(w->st, SLICE_LIT("alice"), false, &w->alice, &ticket, NULL));
	if (err && err != ERR_NOT_FOUND)
		return err;
	UNTIL_DONE(w, err, account_open(w->st, SLICE_LIT("bob"), false, &w->bob, &ticket, NULL));
	return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err work_open(struct work *w, struct emu_medium *m, uint32_t flag_delay_ms, int deflate)
{
	*w = (struct work){.medium = m};
	w->config = (struct store_config){.path = "nowhere",
					  .medium = emu_base(m),
					  .runner = &job_inline,
					  .flag_delay_ms = flag_delay_ms,
					  .deflate = deflate};
	enum err err = store_open(&store_journal_ops, &w->config, &w->st);
	return err ? err : work_accounts(w);
}

void work_close(struct work *w)
{
	if (!w->st)
		return;
	account_close(&w->alice);
	account_close(&w->bob);
	store_close(&w->st);
}

/* --- words for deeds -------------------------------------------------------------------------------- */

/* Half text, half noise, so that deflating some of it helps. */
static void body_fill(uint8_t *dst, size_t n, unsigned id)
{
	unsigned state = id * 2654435761u + 1;
	for (size_t i = 0; i < n; i++) {
		state = state * 1664525u + 1013904223u;
		dst[i] = i / 512 % 2 ? (uint8_t)(state >> 24) : (uint8_t)('a' + i % 16);
	}
	if (n >= 16)
		snprintf((char *)dst, n, "Subject: %u\r\n\r", id);
}

static struct mailbox *work_box(struct account *a, const char *name)
{
	return a ? account_find(a, slice_str(name)) : NULL;
}

static enum err work_begin(struct work *w, struct append_target *targets, size_t count, unsigned id,
			   size_t size, struct append **append_out)
{
	struct append_meta meta = {.targets = targets,
				   .target_count = count,
				   .internal_date = 1600000000 + (int64_t)id};
	enum err err = append_begin(w->st, &meta, append_out);
	uint8_t *bytes = malloc(size + 1);
	work_must(bytes != NULL);
	body_fill(bytes, size, id);
	for (size_t done = 0; !err && done < size;) {
		size_t part = size - done < 3000 ? size - done : 3000;
		UNTIL_DONE(w, err, append_write(*append_out, slice_of(bytes + done, part), NULL));
		done += part;
	}
	free(bytes);
	return err;
}

static enum err work_commit(struct work *w, struct append **appends, size_t n)
{
	static const uint8_t summary[700] = "summary";
	uint64_t ticket = 0;
	enum err err;
	for (size_t i = 0; i < n; i++)
		appends[i]->summary = slice_of(summary, 20 + appends[i]->size % 600);
	UNTIL_DONE(w, err, append_commit(appends, n, &ticket, NULL));
	return err ? err : work_wait(w, ticket);
}

enum err work_append(struct work *w, struct account *a, const char *box, unsigned id, size_t size)
{
	struct append_target target = {.box = work_box(a, box)};
	struct append *append = NULL;
	enum err err = work_begin(w, &target, 1, id, size, &append);
	if (!err)
		err = work_commit(w, &append, 1);
	append_end(&append);
	return err;
}

static enum err work_multi(struct work *w, unsigned id, unsigned n)
{
	struct append *appends[8] = {0};
	struct append_target target = {.box = work_box(w->alice, "INBOX")};
	enum err err = ERR_NONE;
	for (unsigned i = 0; i < n && !err; i++)
		err = work_begin(w, &target, 1, id + i, 900 + 500 * i, &appends[i]);
	if (!err)
		err = work_commit(w, appends, n);
	for (unsigned i = 0; i < n; i++)
		append_end(&appends[i]);
	return err;
}

static enum err work_many_targets(struct work *w, unsigned id, size_t size)
{
	struct append_target targets[] = {{.box = work_box(w->alice, "INBOX")},
					  {.box = work_box(w->bob, "INBOX"), .flags = FLAG_SEEN},
					  {.box = work_box(w->alice, "Sent")},
					  {.box = work_box(w->alice, "INBOX")}};
	struct append *append = NULL;
	enum err err = work_begin(w, targets, 4, id, size, &append);
	if (!err)
		err = work_commit(w, &append, 1);
	append_end(&append);
	return err;
}

/* Every `stride`-th message. */
static enum err work_change(struct work *w, const char *box_name, unsigned stride,
			    struct msg_change change)
{
	static uint32_t uids[4096];
	struct mailbox *box = work_box(w->alice, box_name);
	uint64_t ticket = 0;
	enum err err;
	UNTIL_DONE(w, err, mailbox_open(box, NULL));
	if (err)
		return err;
	for (uint32_t i = 0; i < box->messages && change.count < 4096; i += stride) {
		struct msg_info info;
		if (!mailbox_info(box, i, &info))
			uids[change.count++] = info.uid;
	}
	change.uids = uids;
	if (change.kind == CHANGE_FLAGS)
		change.unchanged_since = UINT64_MAX;
	err = mailbox_change(box, &change, &ticket);
	if (!err)
		err = ticket ? work_wait(w, ticket) : ERR_NONE;
	mailbox_close(box);
	return err;
}

static enum err work_flags(struct work *w, const char *box, unsigned stride, flags_t flags)
{
	return work_change(w, box, stride,
			   (struct msg_change){.kind = CHANGE_FLAGS,
					       .op = stride % 2 ? FLAGS_ADD : FLAGS_SET,
					       .flags = flags});
}

static enum err work_keyword(struct work *w, const char *box, const char *name, unsigned stride)
{
	flags_t flag = 0;
	enum err err = keywords_add(&work_box(w->alice, box)->keywords, slice_str(name), &flag);
	return err ? err : work_flags(w, box, stride, flag);
}

static enum err work_carry(struct work *w, const char *from, unsigned stride,
			   enum msg_change_kind kind, struct account *a, const char *to)
{
	return work_change(w, from, stride,
			   (struct msg_change){.kind = kind, .target = work_box(a, to)});
}

static enum err work_expunge(struct work *w, const char *box, unsigned stride)
{
	return work_change(w, box, stride, (struct msg_change){.kind = CHANGE_EXPUNGE});
}

static enum err work_names(struct work *w, enum box_change_kind kind, const char *from,
			   const char *to, uint32_t use)
{
	struct box_change change = {.kind = kind,
				    .box = from ? work_box(w->alice, from) : NULL,
				    .name = slice_str(to),
				    .special_use = use};
	bool is_open = false;
	uint64_t ticket = 0;
	enum err err = ERR_NONE;
	if (kind == BOX_RENAME && from && strcmp(from, "INBOX") == 0) {
		UNTIL_DONE(w, err, mailbox_open(change.box, NULL));
		is_open = !err;
	}
	if (!err)
		err = account_change_box(w->alice, &change, &ticket);
	if (is_open)
		mailbox_close(change.box);
	return err ? err : work_wait(w, ticket);
}

/* As many octets of it as the note shall have. */
static enum err work_note(struct work *w, const char *box, size_t size)
{
	static uint8_t bytes[MAILBOX_NOTE_MAX_BYTES];
	uint64_t ticket = 0;
	body_fill(bytes, size, (unsigned)size);
	struct box_change change = {.kind = BOX_SET_NOTE,
				    .box = work_box(w->alice, box),
				    .note = slice_of(bytes, size)};
	enum err err = account_change_box(w->alice, &change, &ticket);
	return err ? err : work_wait(w, ticket);
}

static enum err work_account(struct work *w, const char *name, struct account **account)
{
	uint64_t ticket = 0;
	enum err err;
	UNTIL_DONE(w, err, account_open(w->st, slice_str(name), true, account, &ticket, NULL));
	return err ? err : work_wait(w, ticket);
}

static enum err work_remove(struct work *w, const char *name, struct account **account)
{
	uint64_t ticket = 0;
	account_close(account);
	enum err err = account_remove(w->st, slice_str(name), &ticket);
	return err ? err : work_wait(w, ticket);
}

/* Quiet time: lists are put away, segments tidied, a checkpoint taken now and then. */
static enum err work_rest(struct work *w, unsigned turns)
{
	for (unsigned i = 0; i < turns; i++) {
		store_turn(w->st, true);
		clock_advance(i % 8 ? 30 : 1100);
	}
	return w->st && store_is_read_only(w->st) ? ERR_IO : ERR_NONE;
}

/* --- the deeds --------------------------------------------------------------------------------------- */

/* Some are done several times in a row. */
static const struct {
	unsigned deed, times;
} repeated[] = {{22, 10}, {35, 12}, {44, 8}, {48, 6}};
enum { DEED_KINDS = 53 };
const unsigned work_deeds = DEED_KINDS - 4 + 10 + 12 + 8 + 6;

static enum err work_deed(struct work *w, unsigned deed, unsigned again)
{
	struct account *alice = w->alice;
	switch (deed) {
	case 0: return work_account(w, "alice", &w->alice);
	case 1: return work_account(w, "bob", &w->bob);
	case 2: return work_append(w, alice, "INBOX", 1, 100);
	case 3: return work_append(w, alice, "INBOX", 2, 3000);
	case 4: return work_append(w, w->bob, "INBOX", 3, 0);
	case 5: return work_append(w, alice, "INBOX", 4, 9000);
	case 6: return work_append(w, alice, "INBOX", 5, 40000);
	case 7: return work_multi(w, 10, 4);
	case 8: return work_many_targets(w, 20, 2500);
	case 9: return work_many_targets(w, 21, 20000);
	case 10: return work_flags(w, "INBOX", 2, FLAG_SEEN);
	case 11: return work_keyword(w, "INBOX", "$Label1", 3);
	case 12: return work_note(w, "INBOX", 300);
	case 13: return work_names(w, BOX_CREATE, NULL, "a/b/c", 0);
	case 14: return work_names(w, BOX_SUBSCRIBE, NULL, "a/b", 0);
	case 15: return work_names(w, BOX_SET_USE, "a", NULL, USE_FLAGGED);
	case 16: return work_carry(w, "INBOX", 1, CHANGE_COPY, alice, "a/b");
	case 17: return work_carry(w, "INBOX", 3, CHANGE_MOVE, alice, "Archive");
	case 18: return work_expunge(w, "INBOX", 4);
	case 19: return work_names(w, BOX_RENAME, "a", "x/y", 0);
	case 20: return work_note(w, "x/y/b", 5000);
	case 21: return work_rest(w, 12);
	case 22: return work_append(w, alice, "Junk", 100 + again, 1500 + again * 37);
	case 23: return work_flags(w, "Junk", 3, FLAG_SEEN | FLAG_FLAGGED);
	case 24: return work_expunge(w, "Junk", 1);
	case 25: return work_note(w, "INBOX", 9000);
	case 26: return work_rest(w, 12);
	case 27: return work_names(w, BOX_RENAME, "INBOX", "old", 0);
	case 28: return work_append(w, alice, "INBOX", 200, 1000);
	case 29:
	case 30: return work_carry(w, "x/y/b", 1, CHANGE_COPY, alice, "x/y/b");
	case 31: return work_carry(w, "x/y/b", 1, CHANGE_COPY, w->bob, "Archive");
	case 32: return work_names(w, BOX_DELETE, "x/y/b", NULL, 0);
	case 33: return work_rest(w, 12);
	case 34: return work_note(w, "Junk", 1);
	case 35: return work_append(w, alice, "Junk", 300 + again, 2500 + again * 37);
	case 36: return work_expunge(w, "Junk", 2);
	case 37: return work_note(w, "INBOX", 7000);
	case 38: return work_rest(w, 40);
	case 39: return work_flags(w, "Junk", 1, FLAG_ANSWERED);
	case 40: return work_append(w, alice, "Junk", 700, 12000);
	case 41: return work_flags(w, "old", 1, FLAG_DELETED);
	case 42: return work_note(w, "Junk", 0);
	case 43: return work_carry(w, "old", 1, CHANGE_MOVE, alice, "Trash");
	case 44: return work_append(w, alice, "Junk", 400 + again, 5000 + again * 37);
	case 45: return work_expunge(w, "Trash", 1);
	case 46: return work_rest(w, 40);
	case 47: return work_remove(w, "bob", &w->bob);
	case 48: return work_append(w, alice, "Junk", 500 + again, 4000 + again * 37);
	case 49: return work_rest(w, 40);
	case 50: return work_note(w, "INBOX", 20);
	case 51: return work_account(w, "bob", &w->bob);
	case 52: return work_append(w, w->bob, "INBOX", 600, 4096);
	}
	return ERR_NONE;
}

static unsigned deed_times(unsigned deed)
{
	for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++)
		if (repeated[i].deed == deed)
			return repeated[i].times;
	return 1;
}

/* Time belongs to the deed, so that it is the same whatever came before. */
enum err work_do(struct work *w, unsigned number, bool *is_durable_out)
{
	unsigned deed = 0, again = number;
	while (again >= deed_times(deed))
		again -= deed_times(deed++);
	clock_freeze(1000 + number * (uint64_t)100000, 1700000000 + (int64_t)number * 100);
	enum err err = work_deed(w, deed, again);
	bool is_flags = deed == 10 || deed == 11 || deed == 23 || deed == 39 || deed == 41;
	*is_durable_out = !err && (!is_flags || w->config.flag_delay_ms == 0);
	return err;
}

/* --- looking --------------------------------------------------------------------------------------------- */

static enum err read_crc(struct work *w, struct mailbox *box, const struct msg_info *info,
			 enum msg_part part, uint32_t *crc_out, uint64_t *size_out)
{
	uint8_t bytes[5000];
	size_t got = 0;
	enum err err;
	*crc_out = 0;
	*size_out = 0;
	do {
		UNTIL_DONE(
			w, err,
			mailbox_read(box, info, part, *size_out, bytes, sizeof(bytes), &got, NULL));
		*crc_out = crc32c(*crc_out, bytes, got);
		*size_out += got;
	} while (!err && got == sizeof(bytes));
	return err;
}

static enum err describe_box(struct work *w, struct mailbox *box, FILE *out)
{
	enum err err;
	fprintf(out, "%s%s %s use %u validity %u next %u count %u unseen %u deleted %u size %llu\n",
		box->exists ? "" : "?", box->is_subscribed ? "+" : "-", box->name,
		(unsigned)box->special_use, (unsigned)box->uid_validity, (unsigned)box->uid_next,
		(unsigned)box->messages, (unsigned)box->unseen, (unsigned)box->deleted,
		(unsigned long long)box->size_bytes);
	if (box->note.len)
		fprintf(out, "  note of %zu crc %08x\n", box->note.len,
			(unsigned)crc32c(0, box->note.ptr, box->note.len));
	if (!box->exists)
		return ERR_NONE;
	UNTIL_DONE(w, err, mailbox_open(box, NULL));
	if (err)
		return err;
	for (uint32_t i = 0; i < box->messages && !err; i++) {
		struct msg_info info;
		uint32_t body, summary;
		uint64_t size, summary_size;
		err = mailbox_info(box, i, &info);
		if (!err)
			err = read_crc(w, box, &info, MSG_BODY, &body, &size);
		if (!err)
			err = read_crc(w, box, &info, MSG_SUMMARY, &summary, &summary_size);
		if (!err && size != info.size)
			err = ERR_CORRUPT;
		if (!err)
			fprintf(out, "  %u flags %x date %lld size %u crc %08x %08x\n",
				(unsigned)info.uid, (unsigned)info.flags,
				(long long)info.internal_date, (unsigned)info.size, (unsigned)body,
				(unsigned)summary);
	}
	mailbox_close(box);
	return err;
}

static enum err describe_account(struct work *w, struct account *a, FILE *out)
{
	enum err err = ERR_NONE;
	if (!a)
		return ERR_NONE;
	fprintf(out, "%s: %llu in %llu\n", a->name, (unsigned long long)a->used_messages,
		(unsigned long long)a->used_bytes);
	for (size_t i = 0; i < a->box_count && !err; i++) {
		for (uint32_t k = 0; k < a->boxes[i]->keywords.count; k++)
			fprintf(out, "  word %s\n", a->boxes[i]->keywords.names[k]);
		err = describe_box(w, a->boxes[i], out);
	}
	return err;
}

char *work_describe(struct work *w, enum err *err_out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	work_must(out != NULL);
	enum err err = describe_account(w, w->alice, out);
	if (!err)
		err = describe_account(w, w->bob, out);
	fclose(out);
	*err_out = err;
	if (!err)
		return text;
	free(text);
	return NULL;
}

/* --- what was told ------------------------------------------------------------------------------------------ */

static void told_add_box(struct work *w, struct work_told *t, struct mailbox *box)
{
	enum err err;
	if (!box->exists || t->count == 64)
		return;
	t->boxes[t->count++] =
		(struct told_box){box->mailbox_id, box->highest_modseq, box->uid_next};
	UNTIL_DONE(w, err, mailbox_open(box, NULL));
	if (err)
		return;
	size_t room = t->message_count + box->messages + 1;
	struct told_message *messages = realloc(t->messages, room * sizeof(*messages));
	work_must(messages != NULL);
	t->messages = messages;
	for (uint32_t i = 0; i < box->messages; i++) {
		struct msg_info info;
		if (!mailbox_info(box, i, &info))
			t->messages[t->message_count++] =
				(struct told_message){box->mailbox_id, info.uid, info.id};
	}
	mailbox_close(box);
}

void work_note_told(struct work *w, struct work_told *t)
{
	*t = (struct work_told){0};
	for (size_t i = 0; w->alice && i < w->alice->box_count; i++)
		told_add_box(w, t, w->alice->boxes[i]);
}

static struct mailbox *box_by_id(struct account *a, uint64_t id)
{
	for (size_t i = 0; a && i < a->box_count; i++)
		if (a->boxes[i]->exists && a->boxes[i]->mailbox_id == id)
			return a->boxes[i];
	return NULL;
}

const char *work_check_told(struct work *w, const struct work_told *t)
{
	enum err err;
	for (unsigned i = 0; i < t->count; i++) {
		const struct mailbox *box = box_by_id(w->alice, t->boxes[i].mailbox_id);
		if (box && box->highest_modseq < t->boxes[i].modseq)
			return "a mod-sequence went back";
		if (box && box->uid_next < t->boxes[i].uid_next)
			return "a UID will be given twice";
	}
	for (unsigned i = 0; i < t->message_count; i++) {
		const struct told_message *m = &t->messages[i];
		struct mailbox *box = box_by_id(w->alice, m->mailbox_id);
		struct msg_info info;
		if (!box)
			continue;
		UNTIL_DONE(w, err, mailbox_open(box, NULL));
		if (err)
			return "a mailbox does not open";
		err = mailbox_info_uid(box, m->uid, &info);
		mailbox_close(box);
		if (!err && memcmp(&info.id, &m->id, sizeof(info.id)) != 0)
			return "a UID names another message";
	}
	return NULL;
}

void work_told_free(struct work_told *t)
{
	free(t->messages);
	*t = (struct work_told){0};
}
