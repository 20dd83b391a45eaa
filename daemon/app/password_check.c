#include "app/password_check.h"

#include <stdlib.h>

#include "base/secret.h"
#include "proto/sasl.h"
#include "proto/scram.h"

struct password_work {
	struct job job;
	struct list waiters;
	struct buf password;
	struct scram_verifier verifier; /* to check against, or the result */
	enum err err;
	bool is_making, is_right, is_done, is_abandoned;
};

static void work_free(struct password_work *work)
{
	buf_wipe(&work->password);
	secret_wipe(work, sizeof(*work));
	free(work);
}

static void work_run(struct job *job)
{
	struct password_work *work = list_owner(job, struct password_work, job);
	struct slice password = buf_view(&work->password);
	if (work->is_making) {
		uint8_t salt[16];
		memcpy(salt, work->verifier.salt, sizeof(salt));
		work->err = scram_make_verifier(password, salt, work->verifier.iterations,
						&work->verifier);
	} else {
		work->is_right = scram_check_password(&work->verifier, password);
	}
}

static void work_done(struct job *job)
{
	struct password_work *work = list_owner(job, struct password_work, job);
	work->is_done = true;
	if (work->is_abandoned)
		work_free(work);
	else
		waiters_wake(&work->waiters);
}

static enum err work_new(struct appliance *a, const struct scram_verifier *v, struct slice password,
			 bool is_making, struct password_work **work_out)
{
	struct password_work *work = calloc(1, sizeof(*work));
	*work_out = NULL;
	if (!work)
		return ERR_NOMEM;
	list_init(&work->waiters);
	buf_init(&work->password, PASSWORD_MAX_BYTES);
	work->job = (struct job){.run = work_run, .done = work_done};
	work->verifier = *v;
	work->is_making = is_making;
	enum err err = buf_add_slice(&work->password, password);
	if (err) {
		work_free(work);
		return err;
	}
	*work_out = work;
	job_submit(worker_pool_runner(a->workers), &work->job);
	return ERR_NONE;
}

enum err password_check_new(struct appliance *a, const struct scram_verifier *v,
			    struct slice password, struct password_work **work_out)
{
	return work_new(a, v, password, false, work_out);
}

/* What the stretching would refuse, without any of its work. */
static enum err password_usable(struct slice password)
{
	struct buf prepared;
	buf_init(&prepared, PASSWORD_MAX_BYTES);
	enum err err = sasl_prepare(password, &prepared);
	if (!err && prepared.len == 0)
		err = ERR_SYNTAX;
	buf_wipe(&prepared);
	return err;
}

enum err password_make_new(struct appliance *a, struct slice password,
			   struct password_work **work_out)
{
	struct scram_verifier v = {.iterations = (uint32_t)a->settings.auth_iterations};
	enum err err = password_usable(password);
	*work_out = NULL;
	secret_random(v.salt, sizeof(v.salt));
	return err ? err : work_new(a, &v, password, true, work_out);
}

enum err password_make_device_new(struct appliance *a, const struct user *user, struct slice secret,
				  struct password_work **work_out)
{
	struct scram_verifier v = {.iterations = DEVICE_ITERATIONS};
	user_device_salt(user, v.salt);
	return work_new(a, &v, secret, true, work_out);
}

bool password_is_busy(struct password_work *work, struct waiter *w)
{
	if (work->is_done)
		return false;
	list_remove(&w->link);
	list_add_tail(&work->waiters, &w->link);
	return true;
}

bool password_is_right(const struct password_work *work)
{
	return work->is_done && work->is_right;
}

enum err password_result(const struct password_work *work, struct scram_verifier *v_out)
{
	*v_out = work->verifier;
	return work->is_done ? work->err : ERR_STATE;
}

void password_work_free(struct password_work **work)
{
	struct password_work *gone = *work;
	*work = NULL;
	if (!gone)
		return;
	/* Whoever still waits is not woken any more, and must find its link unlinked. */
	list_for_each (node, &gone->waiters)
		list_remove(node);
	gone->is_abandoned = true;
	if (gone->is_done)
		work_free(gone);
}
