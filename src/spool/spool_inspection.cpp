// SPDX-License-Identifier: MIT
#include "spool/spool_inspection.h"

#include <fmt/format.h>

#include "spool/rescue/log_tail.h"
#include "spool/schema.h"
#include "spool/spool_directory.h"
#include "spool/spool_file.h"

namespace pwlog {

namespace {

/// What can be told before SQLite sees the file.
Result<void> check_outside(const std::filesystem::path& database) {
    const auto header = judge_header(database);
    if (!header) {
        return pass_on(header);
    }
    const std::string name = database.string();
    switch (*header) {
        case HeaderVerdict::absent:
            return fail(ErrorKind::not_found, fmt::format("there is no {}", name));
        case HeaderVerdict::newer:
            return fail(ErrorKind::invalid, fmt::format("{} was made by a newer pwlog", name));
        case HeaderVerdict::damaged:
            return fail(ErrorKind::corrupt,
                        fmt::format("the first page of {} is not pwlog's", name));
        case HeaderVerdict::ours:
            break;
    }
    const auto log = read_log_tail(log_of(database));
    if (!log) {
        return pass_on(log);
    }
    if (log->damaged) {
        return fail(ErrorKind::corrupt, fmt::format("the log of {} is torn", name));
    }
    return {};
}

}  // namespace

Result<SpoolInfo> inspect_spool(const std::filesystem::path& directory,
                                std::chrono::milliseconds budget) {
    const auto none = [&directory](ErrorKind kind) {
        return fail(kind, fmt::format("there is no spool in {}", directory.string()));
    };
    std::error_code error;
    const bool is_there = std::filesystem::exists(directory, error);
    if (error || !is_there) {  // before it is opened, which would make it
        return none(error == std::errc::permission_denied ? ErrorKind::denied
                                                          : ErrorKind::not_found);
    }
    const auto opened = SpoolDirectory::open(directory);
    if (!opened) {
        return pass_on(opened);
    }
    if (!std::filesystem::exists(opened->database(), error)) {
        return none(ErrorKind::not_found);
    }
    if (auto fine = check_outside(opened->database()); !fine) {
        return pass_on(fine);
    }
    auto file = SpoolFile::open(opened->database(), {});
    if (!file) {
        return pass_on(file);
    }
    if (auto whole = (*file)->store().database().check(budget); !whole) {
        return pass_on(whole);
    }
    SpoolInfo info;
    (*file)->fill(info);
    return info;
}

}  // namespace pwlog
