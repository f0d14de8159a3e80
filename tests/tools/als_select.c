/* SPDX-License-Identifier: MIT */
/* als-select <query string>: reads records of the enriched topic, one a line, and prints those that
 * selection_matches takes, so that a test can hold them against what the document store finds. */
#include "common/buf.h"
#include "schemas/selection.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct selection s = {0};
    struct faults faults = {0};
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int code = EXIT_SUCCESS;

    if (argc != 2 || selection_read(&s, slice_of(argv[1]), &faults) != OK)
        code = EXIT_FAILURE;
    while (code == EXIT_SUCCESS && (len = getline(&line, &cap, stdin)) > 0)
        if (selection_matches(&s, slice_make(line, (size_t)len)))
            fputs(line, stdout);
    free(line);
    faults_done(&faults);
    selection_done(&s);
    return code;
}
