// SPDX-License-Identifier: MIT
#include "sampling/details.h"

#include <spdlog/spdlog.h>

namespace pwlog {
namespace {

constexpr auto period = std::chrono::hours(24);
constexpr auto frequent_period = std::chrono::minutes(10);

}  // namespace

bool Details::is_due(SteadyTime now) {
    const auto* const session = device_.session();
    const auto opens = session != nullptr ? session->counters().opens : 0;
    if (opens != opens_seen_ || now - read_at_ > period) {
        opens_seen_ = opens;
        read_at_ = now;
        begin(device_.detail_count(), now);
    } else if (next_ == end_ && now - frequent_read_at_ > frequent_period) {
        begin(device_.frequent_detail_count(), now);
    }
    return next_ < end_;
}

void Details::begin(std::size_t end, SteadyTime now) {
    frequent_read_at_ = now;
    next_ = 0;
    end_ = end;
}

void Details::read_next(const std::stop_token& stop) {
    auto read = device_.read_detail(next_++, stop);
    if (!read && read.error().kind != ErrorKind::stopped) {
        spdlog::debug("{}: {}", device_.tag().id, read.error().message);
    }
}

}  // namespace pwlog
