// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pwlog {

using ThreadBody = std::function<void(const std::stop_token&)>;

/// Starts a thread: the only place that does. ErrorKind::full where the system makes no more
/// (TasksMax= of the unit, `ulimit -u`, memory); nothing has happened then. An exception that
/// escapes from `body` is logged and ends the process as SIGTERM does: see has_thread_failed().
Result<std::jthread> start_thread(const std::string& name, ThreadBody body);
/// The same as a member, which has none yet.
Result<void> start_thread(std::jthread& thread, const std::string& name, ThreadBody body);

/// Runs `task(0)` … `task(count - 1)` at once and returns when the last is done. Those that get no
/// thread are run by the caller's, one after the other.
template <class Task>
void run_at_once(const std::string& name, std::size_t count, const Task& task) {
    std::vector<std::jthread> threads;
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < count; ++i) {
        if (auto thread = start_thread(name, [&task, i](const std::stop_token&) { task(i); })) {
            threads.push_back(std::move(*thread));
        } else {
            left.push_back(i);
        }
    }
    for (const auto i : left) {
        task(i);
    }
}  // all joined

/// Runs `work` on a thread of its own until it is done; false where a stop came first. The thread
/// is left to itself then, with all that `work` holds: only for what the system does not end, as a
/// name's look-up, and nothing that anybody else still uses.
bool run_or_leave(const std::string& name, const std::function<void()>& work,
                  const std::stop_token& stop);

/// How many more threads could be made just now, up to `wanted`.
std::size_t spare_threads(std::size_t wanted);

/// Logs it and ends the process as SIGTERM does, with the exit status of a failure.
void end_as_failed(const std::string& why);

/// A thread of this process ended by an exception, or end_as_failed() was called.
bool has_thread_failed();

}  // namespace pwlog
