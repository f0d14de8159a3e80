/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "gateway/docs_dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void put(const char *folder, const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void drop(const char *folder, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

TEST(its_files_are_kept_in_memory_and_no_other_is_found)
{
    char folder[] = "/tmp/docs-dir-XXXXXX";
    assert_non_null(mkdtemp(folder));
    put(folder, "swagger-ui.css", "body{}");
    put(folder, "swagger-ui-bundle.js", "let a");
    put(folder, "package.json", "{}");
    AUTO(docs_dir) d = docs_dir_new(folder);
    drop(folder, "swagger-ui.css");
    drop(folder, "swagger-ui-bundle.js");
    drop(folder, "package.json");
    rmdir(folder);

    assert_true(docs_dir_is_whole(d));
    const struct docs_file *css = docs_dir_find(d, slice_of("swagger-ui.css"));
    assert_non_null(css);
    assert_true(slice_is(css->bytes, "body{}"));
    assert_null(docs_dir_find(d, slice_of("package.json")));
    assert_null(docs_dir_find(d, slice_of("../../etc/passwd")));
    assert_null(docs_dir_find(d, slice_of("swagger-ui.css/")));
}

TEST(a_folder_that_lacks_one_counts_as_none)
{
    char folder[] = "/tmp/docs-dir-XXXXXX";
    assert_non_null(mkdtemp(folder));
    put(folder, "swagger-ui.css", "body{}");
    AUTO(docs_dir) d = docs_dir_new(folder);
    drop(folder, "swagger-ui.css");
    rmdir(folder);

    assert_false(docs_dir_is_whole(d));
    assert_null(docs_dir_find(d, slice_of("swagger-ui.css")));
}

TEST(no_folder_is_fine)
{
    AUTO(docs_dir) d = docs_dir_new("");

    assert_false(docs_dir_is_whole(d));
    assert_null(docs_dir_find(d, slice_of("swagger-ui.css")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_files_are_kept_in_memory_and_no_other_is_found),
        cmocka_unit_test(a_folder_that_lacks_one_counts_as_none),
        cmocka_unit_test(no_folder_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
