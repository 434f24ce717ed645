// SPDX-License-Identifier: MIT
#include "daemon/signals.h"

#include <csignal>

#include "base/thread.h"
#include "base/timespec.h"

namespace pwlog {
namespace {

sigset_t waited_for() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) {
        sigaddset(&set, signal);
    }
    return set;
}

}  // namespace

Signals::Signals() {
    const sigset_t set = waited_for();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE,
                SIG_IGN);  // a peer that closes is an error of the write, not an end of the program
}

std::optional<Signals::Kind> Signals::wait(std::chrono::nanoseconds at_most) const {
    const sigset_t set = waited_for();
    const timespec limit = to_timespec(at_most);
    switch (sigtimedwait(&set, nullptr, &limit)) {
        case SIGTERM:
        case SIGINT:
            return Kind::stop;
        case SIGHUP:
            return Kind::reload;
        case SIGUSR1:
            return Kind::sample_now;
        default:
            return std::nullopt;
    }
}

StopOnSignal::StopOnSignal() {
    const auto started = start_thread(watcher_, "signals", [this](const std::stop_token& over) {
        constexpr auto look_again = std::chrono::milliseconds(100);
        while (!over.stop_requested()) {
            if (signals_.wait(look_again) == Signals::Kind::stop) {
                source_.request_stop();
                return;
            }
        }
    });
    if (!started) {  // then a signal does what it does without us: it ends the process
        const sigset_t set = waited_for();
        pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    }
}

}  // namespace pwlog
