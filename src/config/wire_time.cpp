// SPDX-License-Identifier: MIT
#include "config/wire_time.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "protocol/ats.h"
#include "protocol/pdu.h"

namespace pwlog {

namespace {

constexpr std::array<Query, 4> pdu_cycle{pdu::qgs, pdu::qpw, pdu::qec, pdu::qpva};
constexpr std::array<Query, 2> pdu_fast_cycle{pdu::qgs, pdu::qpw};
constexpr std::array<Query, 2> ats_cycle{ats::qats, ats::qas};

std::span<const Query> queries(Cycle cycle) {
    switch (cycle) {
        case Cycle::pdu_full:
            return pdu_cycle;
        case Cycle::pdu_fast:
            return pdu_fast_cycle;
        case Cycle::ats:
            break;
    }
    return ats_cycle;
}

std::chrono::milliseconds wire_time(Cycle cycle) {
    double seconds = 0;
    for (const Query& query : queries(cycle)) {
        seconds += query.wire_seconds();
    }
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

}  // namespace

std::chrono::milliseconds shortest_interval(Cycle cycle, std::chrono::milliseconds query_gap) {
    return wire_time(cycle) + queries(cycle).size() * query_gap;
}

Result<void> check_interval(Cycle cycle, std::chrono::milliseconds interval,
                            std::chrono::milliseconds query_gap) {
    const auto shortest = shortest_interval(cycle, query_gap);
    if (interval >= shortest) {
        return {};
    }
    std::string names;
    for (const Query& query : queries(cycle)) {
        names += fmt::format("{}{}", names.empty() ? "" : " ", query.text);
    }
    return fail(ErrorKind::invalid,
                fmt::format("{} ms is too short: {} take {} ms on the wire at 2400 baud, with {} "
                            "gaps of {} ms at least {} ms",
                            interval.count(), names, wire_time(cycle).count(),
                            queries(cycle).size(), query_gap.count(), shortest.count()));
}

}  // namespace pwlog
