// SPDX-License-Identifier: MIT
#include "readings.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>

namespace pwlog::test {

Timestamp at(double second) {
    return Timestamp(std::chrono::milliseconds(1'795'366'600'000 + std::llround(second * 1000)));
}

pdu::Status pdu_status(const std::string& bits) {
    auto status =
        pdu::decode_status(bits + " 222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0");
    REQUIRE(status);
    return *status;
}

AtsReading ats_reading(const std::string& bits, int angle) {
    AtsReading reading;
    auto status = ats::decode_status(bits);
    REQUIRE(status);
    reading.status = *status;
    auto measured =
        ats::decode_measurements(fmt::format("223.7 50.0 223.7 50.0 013 002.2 {:03} 35.0", angle));
    REQUIRE(measured);
    reading.measurements = *measured;
    return reading;
}

std::string with(std::string bits, std::size_t place, char character) {
    bits.at(place) = character;
    return bits;
}

const Event& only(const std::vector<Event>& events) {
    REQUIRE(events.size() == 1);
    return events.front();
}

std::string detail(const Event& event, const std::string& name) {
    for (const auto& each : event.details) {
        if (each.name == name) {
            return std::visit(
                [](const auto& value) {
                    using Value = std::decay_t<decltype(value)>;
                    if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
                        return fmt::format("{}", fmt::join(value, ","));
                    } else {
                        return fmt::format("{}", value);
                    }
                },
                each.value);
        }
    }
    return "";
}

std::vector<std::string> actions(const std::vector<Event>& events) {
    std::vector<std::string> names;
    for (const auto& event : events) {
        names.push_back(event.action);
    }
    return names;
}

}  // namespace pwlog::test
