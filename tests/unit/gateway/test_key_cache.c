/* SPDX-License-Identifier: MIT */
#include "gateway/key_cache.h"

#include "tests/unit/test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/als-key-cache-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/keys.json", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails when a temporary file was left behind */
}

TEST(there_is_none_at_first)
{
    AUTO_BUF read = {0};
    struct err err;
    assert_int_equal(key_cache_read(path, &read, &err), RETRY);
}

TEST(what_is_written_is_read_and_belongs_to_its_owner_alone)
{
    static const char *const texts[] = {"first", "", "another and longer"};
    struct err err;
    mode_t before = umask(0);
    for (size_t i = 0; i < 3; i++) {
        AUTO_BUF read = {0};
        struct stat st;
        assert_int_equal(key_cache_write(path, slice_of(texts[i]), &err), OK);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(key_cache_read(path, &read, &err), OK);
        assert_string_equal(buf_text(&read), texts[i]);
    }
    umask(before);
}

TEST(a_file_that_others_may_touch_is_refused)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0660, 0666};
    struct err err;
    assert_int_equal(key_cache_write(path, slice_of("x"), &err), OK);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        AUTO_BUF read = {0};
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(key_cache_read(path, &read, &err), REJECT);
    }
}

TEST(a_link_and_a_pipe_are_no_cache)
{
    AUTO_BUF read = {0};
    struct err err;
    unlink(path);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(key_cache_read(path, &read, &err), REJECT);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(key_cache_read(path, &read, &err), REJECT);
}

TEST(a_folder_that_is_not_there_is_said)
{
    struct err err;
    assert_int_equal(key_cache_write("/nowhere/at/all/keys.json", slice_of("x"), &err), RETRY);
    assert_string_equal(err.text,
                        "cannot write beside /nowhere/at/all/keys.json: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_none_at_first),
        cmocka_unit_test(what_is_written_is_read_and_belongs_to_its_owner_alone),
        cmocka_unit_test(a_file_that_others_may_touch_is_refused),
        cmocka_unit_test(a_link_and_a_pipe_are_no_cache),
        cmocka_unit_test(a_folder_that_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
