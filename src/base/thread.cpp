// SPDX-License-Identifier: MIT
#include "base/thread.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>

namespace pwlog {
namespace {

std::atomic<bool> thread_has_failed = false;

void end_process() noexcept {
    thread_has_failed = true;
    kill(getpid(), SIGTERM);
}

/// Errors are values here; what is thrown all the same comes from the library: no memory.
template <class Work>
void run_guarded(const std::string& name, const Work& work) noexcept {
    try {
        try {
            work();
            return;
        } catch (const std::exception& error) {
            spdlog::critical("thread {} failed, the process ends: {}", name, error.what());
        } catch (...) {
            spdlog::critical("thread {} failed, the process ends", name);
        }
    } catch (...) {  // not even enough for a line
    }
    end_process();
}

}  // namespace

Result<std::jthread> start_thread(const std::string& name, ThreadBody body) {
    try {
        return std::jthread([name, body = std::move(body)](const std::stop_token& stop) {
            pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());  // for top and gdb
            run_guarded(name, [&] { body(stop); });
        });
    } catch (const std::system_error& error) {
        return fail(ErrorKind::full,
                    fmt::format("no thread can be made for {}: {}; raise TasksMax= of the unit "
                                "(systemctl edit pwlog), or `ulimit -u`",
                                name, error.code().message()));
    }
}

Result<void> start_thread(std::jthread& thread, const std::string& name, ThreadBody body) {
    auto started = start_thread(name, std::move(body));
    if (!started) {
        return pass_on(started);
    }
    thread = std::move(*started);
    return {};
}

bool run_or_leave(const std::string& name, const std::function<void()>& work,
                  const std::stop_token& stop) {
    struct Progress {
        std::mutex mutex;
        std::condition_variable_any changed;
        bool is_done = false;
    };
    const auto progress = std::make_shared<Progress>();
    auto thread = start_thread(name, [progress, work](const std::stop_token&) {
        work();
        const std::lock_guard lock(progress->mutex);
        progress->is_done = true;
        progress->changed.notify_all();
    });
    if (!thread) {
        work();
        return true;
    }
    std::unique_lock lock(progress->mutex);
    const bool is_done =
        progress->changed.wait(lock, stop, [&progress] { return progress->is_done; });
    lock.unlock();
    is_done ? thread->join() : thread->detach();
    return is_done;
}

std::size_t spare_threads(std::size_t wanted) {
    std::vector<std::jthread> threads;
    while (threads.size() < wanted) {
        auto thread = start_thread("spare", [](const std::stop_token& stop) {
            std::mutex mutex;
            std::condition_variable_any never_notified;
            std::unique_lock lock(mutex);
            never_notified.wait(lock, stop, [] { return false; });
        });
        if (!thread) {
            break;
        }
        threads.push_back(std::move(*thread));
    }
    return threads.size();
}

void end_as_failed(const std::string& why) {
    spdlog::critical("the process ends: {}", why);
    end_process();
}

bool has_thread_failed() { return thread_has_failed; }

}  // namespace pwlog
