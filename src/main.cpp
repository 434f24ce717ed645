// SPDX-License-Identifier: MIT
#include <malloc.h>
#include <sqlite3.h>

#include <string>

#include "cli/app.h"

/// libcurl comes with a GnuTLS that only RTMP uses. It asks for this by its name when it is loaded:
/// not made ready unless it is needed, it takes 0.6 MB less.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" int _gnutls_global_init_skip();
extern "C" int _gnutls_global_init_skip() { return 1; }

// The linker takes the first of many copies. Those of the rooms that are optimised for size would
// make each std::string slower, where backfill handles millions; this file is linked first.
template class std::basic_string<char>;

int main(int argc, char** argv) {
    // Threads here wait for lines and networks, not for each other; a heap for each would only keep
    // memory that others could use.
    mallopt(M_ARENA_MAX, 1);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);  // each allocation would take a lock to count
    return pwlog::run_app(argc, argv);
}
