// SPDX-License-Identifier: MIT
#include "daemon/reload.h"

#include <unistd.h>

#include <chrono>
#include <csignal>

namespace pwlog {

Result<WaitsForRestart> Reload::ask(const std::stop_token& stop) {
    constexpr auto patience = std::chrono::seconds(20);
    std::unique_lock lock(mutex_);
    const auto mine = begun_count_ + 1;  // one that has begun may have read the file already
    kill(getpid(), SIGHUP);
    if (!ended_.wait_for(lock, stop, patience, [&] { return ended_count_ >= mine; })) {
        return fail(ErrorKind::timeout,
                    "the daemon has not read its configuration within 20 seconds");
    }
    return last_;
}

void Reload::begins() {
    const std::lock_guard lock(mutex_);
    ++begun_count_;
}

void Reload::ended(const Result<WaitsForRestart>& outcome) {
    const std::lock_guard lock(mutex_);
    last_ = outcome;
    ended_count_ = begun_count_;
    ended_.notify_all();
}

// The spool is open, clients are at the socket, and the first samples are past waiting.
bool is_reloaded(std::string_view mark) {
    return mark != "spool" && mark != "control_socket" && mark != "clock_wait";
}

std::set<std::string> changed_marks(const std::map<std::string, std::string>& before,
                                    const std::map<std::string, std::string>& now) {
    std::set<std::string> changed;
    const auto compare = [&](const auto& some, const auto& others) {
        for (const auto& [key, mark] : some) {
            const auto other = others.find(key);
            if (other == others.end() || other->second != mark) {
                changed.insert(key);
            }
        }
    };
    compare(before, now);
    compare(now, before);
    return changed;
}

void Reload::started_with(std::map<std::string, std::string> marks) {
    const std::lock_guard lock(mutex_);
    marks_ = std::move(marks);
}

WaitsForRestart Reload::took_over(const std::map<std::string, std::string>& marks) {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    for (const auto& key : changed_marks(marks_, marks)) {
        const auto mark = marks.find(key);
        if (!is_reloaded(key)) {
            waiting_.push_back(key);
        } else if (mark == marks.end()) {
            marks_.erase(key);
        } else {
            marks_[key] = mark->second;
        }
    }
    return waiting_;
}

std::map<std::string, std::string> Reload::marks() const {
    const std::lock_guard lock(mutex_);
    return marks_;
}

std::string Reload::error() const {
    const std::lock_guard lock(mutex_);
    return last_ ? std::string() : last_.error().message;
}

WaitsForRestart Reload::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
}

}  // namespace pwlog
