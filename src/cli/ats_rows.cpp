// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/parse_number.h"
#include "cli/device_rows.h"
#include "cli/memory_text.h"

namespace pwlog {
namespace {

/// The bits of QAS in words, in wire order.
constexpr std::array<std::string_view, 24> bit_meanings{"source 1: voltage bad",
                                                        "source 1: frequency bad",
                                                        "source 1: wave bad",
                                                        "source 2: voltage bad",
                                                        "source 2: frequency bad",
                                                        "source 2: wave bad",
                                                        "output is on source 2",
                                                        "output is on source 1",
                                                        "source 2 is preferred",
                                                        "sources are not synchronous",
                                                        "auxiliary supply 1 failed",
                                                        "auxiliary supply 2 failed",
                                                        "short circuit",
                                                        "overload, switched off",
                                                        "overload",
                                                        "fault mode"};

/// `preferred_src2` was `src2_preferred` once, and is so in the protocol's description.
std::string library_key(std::string_view bit) {
    return bit == "src2_preferred" ? "preferred_src2" : std::string(bit);
}

ValueRow memory_row(const MemoryValue& value) {
    const auto& setting = *value.setting;
    auto row = number_row(std::string(setting.name), value.raw, std::string(setting.unit));
    row.text = value_text(setting, value.raw);
    row.meaning = setting.unit.empty() ? "configuration bits" : range_text(setting);
    return row;
}

}  // namespace

ValueRows rows_of(const ats::Measurements& measured) {
    ValueRows rows;
    for (std::size_t i = 0; i < measured.sources.size(); ++i) {
        const auto& source = measured.sources.at(i);
        rows.push_back(
            measured_row(fmt::format("src{}_voltage", i + 1), value_of(source.voltage), "V"));
        rows.push_back(
            measured_row(fmt::format("src{}_freq", i + 1), value_of(source.frequency), "Hz"));
    }
    rows.push_back(number_row("out_load_pct", value_of(measured.load), "%"));
    rows.push_back(measured_row("out_current", value_of(measured.output_current), "A"));
    rows.push_back(number_row("sync_angle", value_of(measured.sync_angle), "°"));
    rows.push_back(measured_row("int_temp", value_of(measured.temperature), "°C"));
    rows.push_back(alias_row(rows.back(), "temp"));
    return rows;
}

ValueRows rows_of(const ats::Status& status) {
    ValueRows rows;
    for (std::size_t i = 0; i < ats::status_bit_names.size(); ++i) {
        auto row = bit_row(library_key(ats::status_bit_names.at(i)), status.bits.at(i),
                           std::string(bit_meanings.at(i)));
        row.group = "status";
        rows.push_back(row);
    }
    const auto preferred = std::find_if(
        rows.begin(), rows.end(), [](const auto& row) { return row.key == "preferred_src2"; });
    if (preferred != rows.end()) {
        rows.push_back(alias_row(*preferred, "src2_preferred"));
    }
    return rows;
}

ValueRows rows_of(const ats::Ratings& ratings) {
    return {number_row("rated_output_voltage", value_of(ratings.output_voltage), "V"),
            number_row("rated_output_current", value_of(ratings.output_current), "A"),
            number_row("battery_voltage", value_of(ratings.battery_voltage), "V",
                       ratings.battery_voltage ? "" : "there is none"),
            number_row("rated_output_freq", value_of(ratings.output_frequency), "Hz")};
}

ValueRows rows_of(const std::vector<MemoryValue>& values) {
    ValueRows rows;
    for (const auto& value : values) {
        rows.push_back(memory_row(value));
        // The library's code calls `srcN_freq_low_back` so.
        const std::string key = rows.back().key;
        if (const auto at = key.find("freq_low_back"); at != std::string::npos) {
            rows.push_back(alias_row(rows.back(), key.substr(0, at) + "freq_low_high"));
        }
    }
    return rows;
}

ValueRows protocol_rows(const std::string& id) {
    return {text_row("prot_id", id, id == "PI90" ? "a PDU" : id == "PI97" ? "an ATS" : "")};
}

/// The library makes a number of it; its zeros are in the text.
ValueRows firmware_rows(const std::string& version) {
    auto row = number_row("verfw", parse_number<double>(version));
    row.text = version;
    auto text = text_row("version", version);
    text.only_json = true;
    return {row, text};
}

}  // namespace pwlog
