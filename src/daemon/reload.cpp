// SPDX-License-Identifier: MIT
#include "daemon/reload.h"

#include <unistd.h>

#include <chrono>
#include <csignal>

namespace pwlog {

Result<void> Reload::ask(const std::stop_token& stop) {
    constexpr auto patience = std::chrono::seconds(10);
    std::unique_lock lock(mutex_);
    const auto mine = begun_count_ + 1;  // one that has begun may have read the file already
    kill(getpid(), SIGHUP);
    if (!ended_.wait_for(lock, stop, patience, [&] { return ended_count_ >= mine; })) {
        return fail(ErrorKind::timeout,
                    "the daemon has not read its configuration within ten seconds");
    }
    return last_;
}

Result<void> Reload::perform(const std::function<Result<void>()>& read) {
    {
        const std::lock_guard lock(mutex_);
        ++begun_count_;
    }
    auto outcome = read();
    const std::lock_guard lock(mutex_);
    last_ = outcome;
    ended_count_ = begun_count_;
    ended_.notify_all();
    return outcome;
}

bool is_reloaded(std::string_view mark) { return mark == "log_level" || mark == "switchable"; }

void Reload::started_with(std::map<std::string, std::string> marks) {
    const std::lock_guard lock(mutex_);
    marks_ = std::move(marks);
}

void Reload::took_over(const std::map<std::string, std::string>& marks) {
    const std::lock_guard lock(mutex_);
    std::erase_if(marks_, [](const auto& mark) { return is_reloaded(mark.first); });
    for (const auto& [key, mark] : marks) {
        if (is_reloaded(key)) {
            marks_[key] = mark;
        }
    }
}

std::map<std::string, std::string> Reload::marks() const {
    const std::lock_guard lock(mutex_);
    return marks_;
}

std::string Reload::error() const {
    const std::lock_guard lock(mutex_);
    return last_ ? std::string() : last_.error().message;
}

}  // namespace pwlog
