/* SPDX-License-Identifier: MIT */
/* Against a redis-server of its own, on a free port, gone with the test. */
#include "processor/counters_redis.h"

#include "tests/unit/test.h"

#include "common/clock.h"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    pid_t server;
    struct settings settings;
    struct counters_redis *redis;
    redisContext *raw;
    struct tally *tally;
};

static struct fixture f;
static char host[] = "127.0.0.1", no_password[] = "";
static const char field[] = "activity-logs-stats:0";

static int free_port(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
    close(fd);
    return ntohs(in.sin_port);
}

static void serve(int port)
{
    char text[16];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(text, sizeof text, "%d", port);
    execlp("redis-server", "redis-server", "--port", text, "--bind", host, "--save", "",
           "--logfile", "/dev/null", NULL);
    _exit(127);
}

static int start_server(void **state)
{
    int port = free_port();
    struct err err;

    (void)state;
    f.server = fork();
    if (f.server == 0)
        serve(port);
    f.settings =
        (struct settings){.redis_host = host, .redis_port = port, .redis_password = no_password};
    for (int i = 0; i < 200 && counters_redis_new(&f.settings, &f.redis, &err) != OK; i++)
        clock_sleep_ms(50);
    f.raw = redisConnect(host, port);
    f.tally = tally_new();
    return f.redis && f.raw && !f.raw->err ? 0 : -1;
}

static int stop_server(void **state)
{
    (void)state;
    counters_redis_free(f.redis);
    redisFree(f.raw);
    tally_free(f.tally);
    kill(f.server, SIGKILL);
    waitpid(f.server, NULL, 0);
    return 0;
}

/* One command, whose answer is compared as text. */
static void expect(const char *answer, const char *command)
{
    redisReply *reply = redisCommand(f.raw, command);
    char number[24];

    assert_non_null(reply);
    snprintf(number, sizeof number, "%lld", reply->integer);
    assert_string_equal(reply->type == REDIS_REPLY_NIL       ? "nil"
                        : reply->type == REDIS_REPLY_INTEGER ? number
                                                             : reply->str,
                        answer);
    freeReplyObject(reply);
}

static int flush(void **state)
{
    (void)state;
    expect("OK", "FLUSHALL");
    tally_clear(f.tally);
    return 0;
}

static void add(enum tally_kind kind, const char *key, const char *member, int64_t n,
                int64_t expire_ms)
{
    const struct tally_group group = {.kind = kind, .key = slice_of(key), .expire_ms = expire_ms};

    tally_add(f.tally, &group, slice_of(member), n);
}

static enum counters_answer apply(int64_t expected, int64_t after)
{
    const struct slice_of_partition slice = {
        .field = field, .expected = expected, .after = after, .tally = f.tally};
    enum counters_answer answer = COUNTERS_MOVED;
    struct err err;

    assert_int_equal(counters_redis_apply(f.redis, &slice, &answer, &err), OK);
    return answer;
}

static void add_count(int64_t n)
{
    tally_clear(f.tally);
    add(TALLY_HASH, "{als}:t:total", "count", n, 0);
}

TEST(a_slice_changes_counters_and_position_together)
{
    int64_t later = clock_wall_ms() + 1000000;

    add(TALLY_HASH, "{als}:t:total", "count", 5, 0);
    add(TALLY_SORTED, "{als}:t:actions:day:x", "a/b", 3, later);
    add(TALLY_UNIQUE, "{als}:t:users:day:x", "u1", 1, later);
    add(TALLY_UNIQUE, "{als}:t:users:day:x", "u2", 1, later);
    add(TALLY_EARLIEST, "{als}:t:total", "since", 1000, 0);
    add(TALLY_LATEST, "{als}:t:meta", "watermark", 2000, 0);
    assert_int_equal(apply(-1, 10), COUNTERS_APPLIED);
    expect("10", "HGET {als}:position activity-logs-stats:0");
    expect("5", "HGET {als}:t:total count");
    expect("3", "ZSCORE {als}:t:actions:day:x a/b");
    expect("2", "PFCOUNT {als}:t:users:day:x");
    expect("1970-01-01T00:00:01.000Z", "HGET {als}:t:total since");
    expect("1970-01-01T00:00:02.000Z", "HGET {als}:t:meta watermark");
    expect("-1", "TTL {als}:t:total");
}

TEST(a_replay_and_a_gap_are_refused)
{
    add_count(5);
    assert_int_equal(apply(-1, 10), COUNTERS_APPLIED);
    assert_int_equal(apply(-1, 10), COUNTERS_MOVED);
    assert_int_equal(apply(11, 12), COUNTERS_MOVED);
    expect("5", "HGET {als}:t:total count");
    assert_int_equal(apply(10, 12), COUNTERS_APPLIED);
    expect("10", "HGET {als}:t:total count");
}

TEST(times_move_one_way_only)
{
    add(TALLY_EARLIEST, "{als}:t:total", "since", 2000, 0);
    add(TALLY_LATEST, "{als}:t:meta", "watermark", 2000, 0);
    apply(-1, 1);
    tally_clear(f.tally);
    add(TALLY_EARLIEST, "{als}:t:total", "since", 3000, 0);
    add(TALLY_LATEST, "{als}:t:meta", "watermark", 1000, 0);
    assert_int_equal(apply(1, 2), COUNTERS_APPLIED);
    expect("1970-01-01T00:00:02.000Z", "HGET {als}:t:total since");
    expect("1970-01-01T00:00:02.000Z", "HGET {als}:t:meta watermark");
}

TEST(a_key_whose_time_has_passed_is_not_written)
{
    add(TALLY_HASH, "{als}:t:minute:old", "count", 1, clock_wall_ms() - 2000);
    add(TALLY_UNIQUE, "{als}:t:users:day:old", "u", 1, clock_wall_ms() - 2000);
    add(TALLY_HASH, "{als}:t:total", "count", 1, 0);
    assert_int_equal(apply(-1, 1), COUNTERS_APPLIED);
    expect("0", "EXISTS {als}:t:minute:old {als}:t:users:day:old");
    expect("1", "HGET {als}:t:total count");
}

TEST(an_empty_redis_begins_anew)
{
    add_count(5);
    apply(-1, 10);
    expect("OK", "FLUSHALL");
    assert_int_equal(apply(10, 12), COUNTERS_MOVED);
    assert_int_equal(apply(-1, 12), COUNTERS_APPLIED);
    expect("5", "HGET {als}:t:total count");
}

TEST(counters_without_positions_are_made_anew)
{
    add_count(5);
    apply(-1, 10);
    expect("1", "DEL {als}:position");
    assert_int_equal(apply(-1, 10), COUNTERS_REBUILDING);
    expect("5", "HGET {als}:t:total count");
    assert_int_equal(apply(-1, 10), COUNTERS_REBUILDING);
}

TEST(a_position_of_another_type_is_as_good_as_none)
{
    int64_t offset = 7;
    const char *fields[] = {field};
    struct counters_positions positions = {.offsets = &offset};
    struct err err;

    add_count(5);
    apply(-1, 10);
    expect("OK", "SET {als}:position hello");
    assert_int_equal(counters_redis_positions(f.redis, fields, 1, &positions, &err), OK);
    assert_int_equal(offset, -1);
    assert_false(positions.is_rebuilding);
    assert_int_equal(apply(-1, 10), COUNTERS_REBUILDING);
}

TEST(a_script_that_fails_half_way_asks_for_a_rebuild)
{
    add(TALLY_HASH, "{als}:t:total", "count", 5, 0);
    add(TALLY_HASH, "{als}:t:meta", "processed", 5, 0);
    expect("OK", "SET {als}:t:meta hello");
    expect("1", "HSET {als}:position activity-logs-stats:0 3");
    assert_int_equal(apply(3, 10), COUNTERS_REBUILDING);
    expect("3", "HGET {als}:position activity-logs-stats:0");
    expect("1", "HEXISTS {als}:position rebuild");
}

static void read_token(char token[REBUILD_TOKEN_LEN + 1])
{
    struct counters_positions positions = {0};
    struct err err;

    assert_int_equal(counters_redis_positions(f.redis, NULL, 0, &positions, &err), OK);
    assert_true(positions.is_rebuilding);
    memcpy(token, positions.token, sizeof positions.token);
}

static int rebuild(const char *token)
{
    char cursor[CURSOR_MAX] = "0";
    bool done = false;
    struct err err;
    int batches = 0;

    for (; !done; batches++)
        assert_int_equal(counters_redis_rebuild(f.redis, token, cursor, &done, &err), OK);
    return batches;
}

TEST(a_rebuild_deletes_all_counters_and_nothing_else)
{
    char token[REBUILD_TOKEN_LEN + 1];
    struct err err;

    for (int i = 0; i < 3000; i++)
        redisAppendCommand(f.raw, "HSET {als}:t:minute:%d count 1", i);
    for (int i = 0; i < 3000; i++) {
        void *reply = NULL;

        redisGetReply(f.raw, &reply);
        freeReplyObject(reply);
    }
    expect("OK", "SET other kept");
    expect("1", "HSET {als}:position activity-logs-stats:0 3");
    assert_int_equal(counters_redis_want_rebuild(f.redis, &err), OK);
    read_token(token);
    assert_true(rebuild(token) > 1);
    expect("1", "DBSIZE");
    expect("kept", "GET other");
    add_count(1);
    assert_int_equal(apply(-1, 1), COUNTERS_APPLIED);
}

TEST(a_rebuild_that_is_over_deletes_nothing)
{
    char token[REBUILD_TOKEN_LEN + 1];
    struct err err;

    assert_int_equal(counters_redis_want_rebuild(f.redis, &err), OK);
    read_token(token);
    rebuild(token);
    add_count(5);
    assert_int_equal(apply(-1, 10), COUNTERS_APPLIED);
    assert_int_equal(rebuild(token), 1);
    expect("5", "HGET {als}:t:total count");
}

TEST(the_first_who_asks_names_the_rebuild)
{
    char first[REBUILD_TOKEN_LEN + 1], second[REBUILD_TOKEN_LEN + 1];
    struct err err;

    assert_int_equal(counters_redis_want_rebuild(f.redis, &err), OK);
    read_token(first);
    assert_int_equal(counters_redis_want_rebuild(f.redis, &err), OK);
    read_token(second);
    assert_string_equal(first, second);
}

TEST(a_full_redis_is_waited_for_not_rebuilt)
{
    const struct slice_of_partition slice = {
        .field = field, .expected = -1, .after = 1, .tally = f.tally};
    enum counters_answer answer;
    struct err err;

    add_count(5);
    expect("OK", "CONFIG SET maxmemory 1");
    assert_int_equal(counters_redis_apply(f.redis, &slice, &answer, &err), RETRY);
    expect("OK", "CONFIG SET maxmemory 0");
    expect("0", "EXISTS {als}:position");
    assert_int_equal(apply(-1, 1), COUNTERS_APPLIED);
}

static enum counters_answer apply_under(int64_t rules, int64_t expected, int64_t after)
{
    const struct slice_of_partition slice = {.field = field,
                                             .expected = expected,
                                             .after = after,
                                             .tally = f.tally,
                                             .is_ruled = true,
                                             .rules = rules};
    enum counters_answer answer = COUNTERS_MOVED;
    struct err err;

    assert_int_equal(counters_redis_apply(f.redis, &slice, &answer, &err), OK);
    return answer;
}

static char ranking[1][DASHBOARD_KEY_MAX] = {"{als}:t:top-users:day:x"};

static void forget(int64_t version)
{
    const struct forgotten what = {.version = version, .user = slice_of("ada"), .key_count = 1};
    struct err err;

    assert_int_equal(counters_redis_forget(f.redis, &what, ranking, &err), OK);
}

static void rank(int64_t n)
{
    tally_clear(f.tally);
    add(TALLY_SORTED, ranking[0], "ada", n, 0);
    add(TALLY_SORTED, ranking[0], "bob", n, 0);
}

TEST(who_is_erased_leaves_the_ranking_and_no_older_slice_comes_behind)
{
    rank(5);
    assert_int_equal(apply_under(6, -1, 10), COUNTERS_APPLIED);
    forget(7);
    expect("nil", "ZSCORE {als}:t:top-users:day:x ada");
    expect("5", "ZSCORE {als}:t:top-users:day:x bob");
    assert_int_equal(apply_under(6, 10, 20), COUNTERS_MOVED);
    expect("5", "ZSCORE {als}:t:top-users:day:x bob");
    assert_int_equal(apply_under(7, 10, 20), COUNTERS_APPLIED);
}

TEST(an_erasure_takes_a_user_out_once_so_that_a_new_life_stays)
{
    rank(5);
    apply_under(0, -1, 10);
    forget(7);
    apply_under(7, 10, 20);
    forget(7);
    forget(6);
    expect("5", "ZSCORE {als}:t:top-users:day:x ada");
}

TEST(an_empty_redis_learns_the_rules_with_its_first_slice)
{
    forget(7);
    expect("0", "EXISTS {als}:position");
    rank(5);
    assert_int_equal(apply_under(7, -1, 10), COUNTERS_APPLIED);
    expect("7", "HGET {als}:position rules");
    assert_int_equal(apply_under(6, 10, 20), COUNTERS_MOVED);
}

TEST(eviction_is_noticed)
{
    assert_false(counters_redis_evicts(f.redis));
    expect("OK", "CONFIG SET maxmemory-policy allkeys-lru");
    assert_true(counters_redis_evicts(f.redis));
    expect("OK", "CONFIG SET maxmemory-policy noeviction");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, flush)
    const struct CMUnitTest tests[] = {
        CASE(a_slice_changes_counters_and_position_together),
        CASE(a_replay_and_a_gap_are_refused),
        CASE(times_move_one_way_only),
        CASE(a_key_whose_time_has_passed_is_not_written),
        CASE(an_empty_redis_begins_anew),
        CASE(counters_without_positions_are_made_anew),
        CASE(a_position_of_another_type_is_as_good_as_none),
        CASE(a_script_that_fails_half_way_asks_for_a_rebuild),
        CASE(a_rebuild_deletes_all_counters_and_nothing_else),
        CASE(a_rebuild_that_is_over_deletes_nothing),
        CASE(the_first_who_asks_names_the_rebuild),
        CASE(a_full_redis_is_waited_for_not_rebuilt),
        CASE(who_is_erased_leaves_the_ranking_and_no_older_slice_comes_behind),
        CASE(an_erasure_takes_a_user_out_once_so_that_a_new_life_stays),
        CASE(an_empty_redis_learns_the_rules_with_its_first_slice),
        CASE(eviction_is_noticed),
    };

    return cmocka_run_group_tests(tests, start_server, stop_server);
}
