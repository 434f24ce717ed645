// SPDX-License-Identifier: MIT
#include "spool/sqlite/sqlite_failure.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>

namespace pwlog {
namespace {

/// The one place where SQLite's codes become ours.
ErrorKind kind_of(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return ErrorKind::full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return ErrorKind::busy;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
        // Our SQL is fixed and right: what no longer compiles meets a damaged schema, what no
        // longer fits meets damaged rows.
        case SQLITE_ERROR:
        case SQLITE_SCHEMA:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
            return ErrorKind::corrupt;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH:
        case SQLITE_CANTOPEN:
            return ErrorKind::denied;
        default:
            return ErrorKind::io;
    }
}

/// Whether the disk failed a read since this was last asked. SQLite makes SQLITE_CORRUPT of an EIO
/// in the middle of a statement, which is what damage is; its files remember the error itself.
bool take_failed_read(sqlite3* handle) {
    bool failed = false;
    if (handle == nullptr || (sqlite3_errcode(handle) & 0xff) == SQLITE_NOMEM) {
        return false;
    }
    for (const int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
        sqlite3_file* file = nullptr;
        sqlite3_file_control(handle, "main", which, &file);
        if (file == nullptr || file->pMethods == nullptr) {
            continue;
        }
        int error = 0;
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
        failed = failed || error == EIO || error == ENXIO || error == ERANGE;
        if (error != 0) {
            char nothing = 0;  // a read behind the end makes it forget
            file->pMethods->xRead(file, &nothing, 1, std::int64_t{1} << 40U);
        }
    }
    return failed;
}

/// In a person's words where the disk is the matter, else in SQLite's.
std::string_view words_for(sqlite3* handle) {
    switch (sqlite3_errcode(handle) & 0xff) {
        case SQLITE_FULL:
            return "its disk is full; make room there";
        case SQLITE_READONLY:
            return "it cannot be written: permission, or a read-only file system";
        case SQLITE_CANTOPEN:
            return "it cannot be opened: permission, or a folder that is gone";
        case SQLITE_IOERR:
            return "its disk reports an error";
        default:
            return sqlite3_errmsg(handle);
    }
}

}  // namespace

tl::unexpected<Error> sqlite_failure(sqlite3* handle, std::string_view what) {
    const int code = sqlite3_extended_errcode(handle);
    const char* const file = handle == nullptr ? nullptr : sqlite3_db_filename(handle, "main");
    const auto text = fmt::format("{}: {} (SQLite {} at {})",
                                  file == nullptr || *file == '\0' ? "the spool" : file,
                                  words_for(handle), code, what.substr(0, 60));
    const bool unread = take_failed_read(handle) && kind_of(code) == ErrorKind::corrupt;
    return unread ? fail(ErrorKind::io, "a read failed: " + text) : fail(kind_of(code), text);
}

}  // namespace pwlog
