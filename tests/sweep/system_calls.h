// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>

#include "disk_record.h"

/// The program's own system calls on the files below one folder: counted, recorded for a power cut,
/// and made to fail on demand; and its memory running out. Defined in this executable, they take
/// the place of the C library's in SQLite and in the C++ library too.
namespace pwlog::test::system_calls {

enum class Call {
    open,
    read,
    write,
    sync,
    truncate,
    unlink,
    fallocate,
    rename,
    mmap,
    stat,
    any,       ///< of the above
    allocate,  ///< memory; no call to the system
};
inline constexpr std::size_t call_kinds = 12;
inline constexpr std::array<std::string_view, call_kinds> call_names = {
    "open",      "read",   "write", "sync", "truncate", "unlink",
    "fallocate", "rename", "mmap",  "stat", "any",      "allocate"};

enum class Fault {
    io_error,
    no_space,
    read_only,
    short_count,  ///< half of what was asked for
    torn,         ///< half is written, and there is no room for the rest
    kill,         ///< the process ends before the call
    no_memory,
    wrong,  ///< one byte of what was read, once
};
inline constexpr std::size_t fault_kinds = 8;
inline constexpr std::array<std::string_view, fault_kinds> fault_names = {
    "EIO", "ENOSPC", "EROFS", "short", "torn", "kill", "ENOMEM", "wrong"};

/// Whether the system may answer such a call so; of `any`, those it may answer so.
bool is_possible(Call call, Fault fault);

/// Asked before each allocation.
bool memory_runs_out();

struct Plan {
    Call call = Call::any;
    Fault fault = Fault::io_error;
    int nth = 0;          ///< from 1 on; 0: nothing fails
    bool always = false;  ///< from the nth on, instead of only the nth
};

/// From now on for files below this folder; all that is there counts as synced.
void watch(const std::filesystem::path& folder);
/// Begins to count, and to fail as planned.
void arm(const Plan& plan);
void disarm();
/// Leaves all calls alone, for one's own, until it is destroyed.
class Pause {
  public:
    Pause();
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

  private:
    bool was_armed_;
};
/// Calls of each kind since arm().
const std::array<int, call_kinds>& counts();
/// Called instead of the call that Fault::kill meets; does not return.
void on_kill(std::function<void()> last_act);
const DiskRecord& record();

}  // namespace pwlog::test::system_calls
