/* SPDX-License-Identifier: MIT */
#include "gateway/lookup.h"

#include "common/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct lookup {
    pthread_mutex_t mutex; /* guards what follows, but for `threads` */
    pthread_cond_t work;
    struct lookup_job *first, **last; /* waiting, the oldest first */
    size_t waiting, max_waiting;
    bool stopping;
    size_t thread_count;
    pthread_t threads[];
};

/* Called with the mutex locked; NULL: nothing waits. */
static struct lookup_job *take_first(struct lookup *l)
{
    struct lookup_job *job = l->first;

    if (!job)
        return NULL;
    l->first = job->_next;
    if (!l->first)
        l->last = &l->first;
    l->waiting--;
    return job;
}

static struct lookup_job *wait_for_job(struct lookup *l)
{
    struct lookup_job *job = NULL;

    pthread_mutex_lock(&l->mutex);
    while (!l->stopping && !(job = take_first(l)))
        pthread_cond_wait(&l->work, &l->mutex);
    pthread_mutex_unlock(&l->mutex);
    return job;
}

static void *work(void *arg)
{
    struct lookup *l = arg;
    struct lookup_job *job;

    while ((job = wait_for_job(l)))
        job->run(job, false);
    return NULL;
}

struct lookup *lookup_new(size_t threads, size_t max_waiting)
{
    struct lookup *l = mem_zalloc(sizeof *l + threads * sizeof l->threads[0]);

    l->last = &l->first;
    l->max_waiting = max_waiting;
    l->thread_count = threads;
    pthread_mutex_init(&l->mutex, NULL);
    pthread_cond_init(&l->work, NULL);
    for (size_t i = 0; i < threads; i++) {
        int failed = pthread_create(&l->threads[i], NULL, work, l);
        assert(!failed); /* as out of memory: the supervisor starts us again */
        (void)failed;
    }
    return l;
}

void lookup_stop(struct lookup *l)
{
    struct lookup_job *job;

    pthread_mutex_lock(&l->mutex);
    l->stopping = true;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->mutex);
    for (; l->thread_count > 0; l->thread_count--)
        pthread_join(l->threads[l->thread_count - 1], NULL);
    /* No thread is left, and nothing is added any more. */
    while ((job = take_first(l)))
        job->run(job, true);
}

void lookup_free(struct lookup *l)
{
    if (!l)
        return;
    lookup_stop(l);
    pthread_cond_destroy(&l->work);
    pthread_mutex_destroy(&l->mutex);
    free(l);
}

bool lookup_submit(struct lookup *l, struct lookup_job *job)
{
    bool taken = false;

    pthread_mutex_lock(&l->mutex);
    if (!l->stopping && l->waiting < l->max_waiting) {
        job->_next = NULL;
        *l->last = job;
        l->last = &job->_next;
        l->waiting++;
        taken = true;
        pthread_cond_signal(&l->work);
    }
    pthread_mutex_unlock(&l->mutex);
    return taken;
}
