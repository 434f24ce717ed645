// SPDX-License-Identifier: MIT
#include "sample_entry.h"

#include <fmt/format.h>

#include <functional>

namespace pwlog::test {

std::string id_of(const std::string& stream, Timestamp time, int position) {
    return fmt::format("{}.{}.{}", stream, position, time.time_since_epoch().count());
}

std::string json_of(const std::string& id) {
    return fmt::format(
        R"({{"@timestamp":"2026-11-22T17:00:00.000Z","id":"{}","power_w":{},"input_v":229.9}})", id,
        std::hash<std::string>{}(id) % 2000);
}

Entry make_entry(const std::string& stream, Timestamp time, int documents) {
    Entry entry{stream, time, {}, {}};
    for (int i = 0; i < documents; ++i) {
        const std::string id = id_of(stream, time, i);
        entry.documents.push_back({id, "powerwalker-metrics-2026.11", json_of(id)});
    }
    return entry;
}

}  // namespace pwlog::test
