// SPDX-License-Identifier: MIT
#include <malloc.h>

#include "cli/app.h"

int main(int argc, char** argv) {
    // Threads here wait for lines and networks, not for each other; a heap for each would only keep
    // memory that others could use.
    mallopt(M_ARENA_MAX, 1);
    return pwlog::run_app(argc, argv);
}
