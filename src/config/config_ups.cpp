// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "config/config_sections.h"

namespace pwlog {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_ups = 16;  // a thread each

bool is_used(const Config& config, const std::string& id) {
    if (id.empty()) {
        return false;  // told already
    }
    const auto has_id = [&](const auto& device) { return device.id == id; };
    return std::any_of(config.pdus.begin(), config.pdus.end(), has_id) ||
           std::any_of(config.ats.begin(), config.ats.end(), has_id) ||
           std::any_of(config.ups.begin(), config.ups.end(), has_id);
}

/// As NUT's own: what has no blank and no quote in it, as it becomes part of a request.
bool is_ups_name(std::string_view name) {
    return name.size() <= 64 && name.find_first_not_of(
                                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789._-") == std::string_view::npos;
}

void read_id(TableReader& reader, UpsConfig& ups) {
    read_id_and_name(reader, "rack1-ups", ups.id, ups.name);
}

void read_ups_name(TableReader& reader, UpsConfig& ups) {
    if (reader.read("ups", ups.ups) && !is_ups_name(ups.ups)) {
        reader.problem("ups", "expected a name of letters, digits and . _ -");
    }
}

const auto& ups_keys() {
    using S = UpsConfig;
    static const std::tuple keys{
        SpecialKey<S>{"id", &read_id, R"("rack1-ups")",
                      "becomes device.id: unique, never change it", Stand::needed},
        SpecialKey<S>{"name", nullptr, R"("UPS")", "shown to people; the id if left out"},
        Key{"host", &S::host, Text{}, "of the NUT server"},
        Key{"port", &S::port, Whole{{1, 65'535}}, "of the NUT server"},
        SpecialKey<S>{"ups", &read_ups_name, R"("ups")", "its name on the server"},
        Key{"interval", &S::interval, Duration{{1s, 24h}},
            "between documents; as at the top, at least 1s"}};
    return keys;
}

}  // namespace

void read_ups(TableReader& top, Config& config, ConfigProblems& problems) {
    const auto tables = top.tables("ups");
    if (tables.size() > most_ups) {
        problems.add({}, fmt::format("has more than {} [[ups]]", most_ups));
        return;
    }
    for (const toml::table* table : tables) {
        TableReader reader(*table, "ups", problems);
        UpsConfig ups;
        ups.interval = std::max<milliseconds>(config.interval, 1s);
        read_keys(reader, ups, ups_keys());
        if (is_used(config, ups.id)) {
            reader.problem("id",
                           fmt::format("\"{}\" is already used; each device has its own", ups.id));
        }
        finish_section(reader);
        config.ups.push_back(std::move(ups));
    }
}

SectionFacts ups_facts() {
    return {"ups", true, false, "a UPS that a NUT server knows: docs/mqtt.md",
            facts_of(UpsConfig{}, ups_keys())};
}

}  // namespace pwlog
