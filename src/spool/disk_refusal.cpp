// SPDX-License-Identifier: MIT
#include "spool/disk_refusal.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace pwlog {

namespace {

constexpr std::chrono::milliseconds first_pause = std::chrono::seconds(1);
constexpr std::chrono::milliseconds longest_pause = std::chrono::minutes(1);

}  // namespace

void DiskRefusal::Pause::extend(SteadyTime now) {
    length = on ? std::min(length * 2, longest_pause) : first_pause;
    on = true;
    end = now + length;
}

void DiskRefusal::tell_begin(const Error& error) {
    if (!is_on()) {
        since_ = clock_.steady_now();
        spdlog::error(
            "the spool's disk cannot be written: samples wait in memory and are shipped from "
            "there, and the disk is tried again at least once a minute. Check it: {}",
            error.message);
    }
}

void DiskRefusal::tell_end() const {
    if (!is_on()) {
        const auto lasted =
            std::chrono::duration_cast<std::chrono::seconds>(clock_.steady_now() - since_);
        spdlog::info("the spool's disk can be written again, after {} s", lasted.count());
    }
}

void DiskRefusal::write_failed(const Error& error) {
    tell_begin(error);
    reason_ = error.message;
    write_.extend(clock_.steady_now());
}

void DiskRefusal::write_worked() {
    if (write_.on) {
        write_ = {};
        tell_end();
    }
}

void DiskRefusal::growth_failed(const Error& error) {
    tell_begin(error);
    growth_.extend(clock_.steady_now());
}

void DiskRefusal::growth_worked() {
    if (growth_.on) {
        growth_ = {};
        tell_end();
    }
}

void DiskRefusal::try_now() { write_.end = growth_.end = clock_.steady_now(); }

}  // namespace pwlog
