#include "proto/ingest.h"

#include <stdlib.h>

#include "mail/summary.h"

struct ingest {
	struct append *append;
	struct summary_builder *builder;
	struct buf summary; /* append->summary points into it */
};

enum err ingest_begin(struct store *store, const struct append_meta *meta,
		      struct ingest **ingest_out)
{
	struct ingest *in = calloc(1, sizeof(*in));
	*ingest_out = NULL;
	if (!in)
		return ERR_NOMEM;
	buf_init(&in->summary, SUMMARY_MAX_BYTES);
	enum err err = summary_new(&in->builder);
	if (!err)
		err = append_begin(store, meta, &in->append);
	if (err)
		ingest_end(&in);
	*ingest_out = in;
	return err;
}

enum err ingest_write(struct ingest *in, struct slice bytes, struct waiter *w)
{
	/* The store first: it is the one that may not take the bytes now. */
	enum err err = append_write(in->append, bytes, w);
	return err ? err : summary_push(in->builder, bytes);
}

enum err ingest_seal(struct ingest *in)
{
	enum err err = summary_finish(in->builder, &in->summary);
	summary_free(&in->builder);
	if (!err)
		in->append->summary = buf_view(&in->summary);
	return err;
}

struct append *ingest_append(struct ingest *in)
{
	return in->append;
}

enum err ingest_commit(struct ingest *const *ingests, size_t count, uint64_t *ticket_out,
		       struct waiter *w)
{
	struct append *few[8];
	struct append **appends = count <= sizeof(few) / sizeof(few[0])
					  ? few
					  : calloc(count, sizeof(struct append *));
	if (!appends)
		return ERR_NOMEM;
	for (size_t i = 0; i < count; i++)
		appends[i] = ingests[i]->append;
	enum err err = append_commit(appends, count, ticket_out, w);
	if (appends != few)
		free(appends);
	return err;
}

void ingest_end(struct ingest **in)
{
	if (!*in)
		return;
	summary_free(&(*in)->builder);
	if ((*in)->append)
		append_end(&(*in)->append);
	buf_free(&(*in)->summary);
	free(*in);
	*in = NULL;
}
