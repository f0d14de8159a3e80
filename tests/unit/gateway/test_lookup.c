/* SPDX-License-Identifier: MIT */
#include "gateway/lookup.h"

#include "tests/unit/test.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

struct counted {
    struct lookup_job job;
    atomic_int *ran, *stopped;
    sem_t *started, *go; /* NULL: do not wait */
};

static void run(struct lookup_job *job, bool stopping)
{
    struct counted *c = (struct counted *)job;

    if (stopping) {
        atomic_fetch_add(c->stopped, 1);
        return;
    }
    if (c->started)
        sem_post(c->started);
    if (c->go)
        sem_wait(c->go);
    atomic_fetch_add(c->ran, 1);
}

TEST(every_job_is_run_once)
{
    enum { JOBS = 1000 };
    struct counted jobs[JOBS];
    atomic_int ran = 0, stopped = 0;
    struct lookup *l = lookup_new(4, JOBS);

    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct counted){{.run = run}, &ran, &stopped, NULL, NULL};
        assert_true(lookup_submit(l, &jobs[i].job));
    }
    lookup_free(l);
    assert_int_equal(ran + stopped, JOBS);
}

TEST(a_full_pool_refuses_and_later_takes_again)
{
    atomic_int ran = 0, stopped = 0;
    sem_t started, go;
    struct counted running, waiting, refused;
    struct lookup *l = lookup_new(1, 1);

    sem_init(&started, 0, 0);
    sem_init(&go, 0, 0);
    running = (struct counted){{.run = run}, &ran, &stopped, &started, &go};
    waiting = refused = running;
    assert_true(lookup_submit(l, &running.job));
    sem_wait(&started);
    assert_true(lookup_submit(l, &waiting.job));
    assert_false(lookup_submit(l, &refused.job));

    sem_post(&go);
    sem_wait(&started); /* the second one has left the queue */
    assert_true(lookup_submit(l, &refused.job));
    sem_post(&go);
    sem_wait(&started);
    sem_post(&go);
    lookup_free(l);
    assert_int_equal(ran, 3);
    assert_int_equal(stopped, 0);
}

static void *stop(void *l)
{
    lookup_stop(l);
    return NULL;
}

TEST(stopping_finishes_what_runs_and_tells_what_waits)
{
    enum { LATE_MAX = 100000 };
    atomic_int ran = 0, stopped = 0;
    sem_t started, go;
    struct lookup *l = lookup_new(1, LATE_MAX);
    struct counted *late = calloc(LATE_MAX, sizeof *late), running;
    pthread_t stopper;
    int taken = 0;

    sem_init(&started, 0, 0);
    sem_init(&go, 0, 0);
    running = (struct counted){{.run = run}, &ran, &stopped, &started, &go};
    assert_true(lookup_submit(l, &running.job));
    sem_wait(&started);
    pthread_create(&stopper, NULL, stop, l);

    /* It cannot end while a job runs: so whatever is still taken waits until it has begun. */
    for (bool open = true; open && taken < LATE_MAX; taken += open) {
        late[taken] = running;
        open = lookup_submit(l, &late[taken].job);
        sched_yield();
    }
    sem_post(&go);
    pthread_join(stopper, NULL);
    assert_int_equal(ran, 1);
    assert_int_equal(stopped, taken);
    lookup_free(l);
    free(late);
}

TEST(a_stopped_pool_may_be_stopped_again_and_takes_nothing)
{
    atomic_int ran = 0, stopped = 0;
    struct counted c = {{.run = run}, &ran, &stopped, NULL, NULL};
    struct lookup *l = lookup_new(2, 10);

    lookup_stop(l);
    lookup_stop(l);
    assert_false(lookup_submit(l, &c.job));
    lookup_free(l);
    lookup_free(NULL);
    assert_int_equal(ran + stopped, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_is_run_once),
        cmocka_unit_test(a_full_pool_refuses_and_later_takes_again),
        cmocka_unit_test(stopping_finishes_what_runs_and_tells_what_waits),
        cmocka_unit_test(a_stopped_pool_may_be_stopped_again_and_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
