// SPDX-License-Identifier: MIT
#include "history_text.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>

#include "base/timestamp_text.h"

namespace pwlog::test {
namespace {

const std::array<const char*, 13> pdu_fields{"input_v",
                                             "input_hz",
                                             "input_a",
                                             "power_w",
                                             "power_va",
                                             "energy_kwh",
                                             "temperature_c",
                                             "alarm.low_input_voltage",
                                             "alarm.high_input_voltage",
                                             "alarm.low_input_current",
                                             "alarm.high_input_current",
                                             "alarm.aux1_power_fail",
                                             "alarm.aux2_power_fail"};
const std::array<const char*, 5> outlet_fields{"state", "current_a", "power_w", "power_va",
                                               "energy_kwh"};
const std::array<const char*, 24> ats_fields{"source1_v",
                                             "source1_hz",
                                             "source2_v",
                                             "source2_hz",
                                             "active_source",
                                             "preferred_source",
                                             "load_pct",
                                             "output_a",
                                             "sync_angle_deg",
                                             "temperature_c",
                                             "source1_voltage_bad",
                                             "source1_freq_bad",
                                             "source1_wave_bad",
                                             "source2_voltage_bad",
                                             "source2_freq_bad",
                                             "source2_wave_bad",
                                             "alarm.sync_bad",
                                             "alarm.aux1_power_fail",
                                             "alarm.aux2_power_fail",
                                             "alarm.short_circuit",
                                             "alarm.overload_fault",
                                             "alarm.overload",
                                             "alarm.fault_mode",
                                             "capsule"};

using Row = std::map<std::string, std::string>;  // by field, as a map calls it

template <class Fields>
void add_fields(Row& row, const rapidjson::Document& sample, const std::string& group,
                const std::string& prefix, const Fields& fields) {
    for (const std::string field : fields) {
        std::string pointer = "/powerwalker/" + group + "/" + field;
        for (auto& c : pointer) {
            c = c == '.' ? '/' : c;
        }
        if (auto text = text_at(sample, pointer); !text.empty()) {
            row[prefix + "." + field] = std::move(text);
        }
    }
}

/// By time and device.
std::map<std::pair<std::string, std::string>, Row> rows_of(const Replayed& live) {
    std::map<std::pair<std::string, std::string>, Row> rows;
    for (const auto& sample : live.samples) {
        auto& row = rows[{text_at(sample, "/@timestamp"), text_at(sample, "/device/id")}];
        const auto dataset = text_at(sample, "/event/dataset");
        if (dataset == "powerwalker.pdu") {
            add_fields(row, sample, "pdu", "pdu", pdu_fields);
        } else if (dataset == "powerwalker.ats") {
            add_fields(row, sample, "ats", "ats", ats_fields);
        } else {
            add_fields(row, sample, "outlet",
                       "outlet" + text_at(sample, "/powerwalker/outlet/number"), outlet_fields);
        }
    }
    return rows;
}

std::set<std::string> columns_of(const std::map<std::pair<std::string, std::string>, Row>& rows) {
    std::set<std::string> columns;
    for (const auto& [key, row] : rows) {
        for (const auto& [field, value] : row) {
            columns.insert(field);
        }
    }
    return columns;
}

std::string value(const Row& row, const std::string& field) {
    const auto found = row.find(field);
    return found == row.end() ? "null" : found->second;
}

/// true is 1 in messages.
std::string flag(const Row& row, const std::string& field) {
    const auto text = value(row, field);
    return text == "true" ? "1" : text == "false" ? "0" : text;
}

std::string pdu_messages(const std::string& time, const Row& row) {
    std::string text;
    const auto print = [&](const std::string& topic, const std::string& payload) {
        text += fmt::format("{} homelab/pdu/{} {}\n", time, topic, payload);
    };
    static const std::map<std::string, int> digits{{"off", 0},
                                                   {"on", 1},
                                                   {"shutdown_active", 2},
                                                   {"shutdown_imminent", 3},
                                                   {"restore_active", 4},
                                                   {"overload", 5},
                                                   {"locked", 6}};
    for (int outlet = 1; outlet <= 8; ++outlet) {
        print(fmt::format("outlet/out{}", outlet),
              fmt::format(R"({{"status": {}, "state": "x"}})",
                          digits.at(value(row, fmt::format("outlet{}.state", outlet)))));
    }
    print(
        "status",
        fmt::format(
            R"({{"in_hz": {}, "in_v": {}, "temp_c": {}, "low_in_voltage": {}, )"
            R"("high_in_voltage": {}, "low_in_current": {}, "high_in_current": {}, )"
            R"("pwr_fail_aux1": {}, "pwr_fail_aux2": {}}})",
            value(row, "pdu.input_hz"), value(row, "pdu.input_v"), value(row, "pdu.temperature_c"),
            flag(row, "pdu.alarm.low_input_voltage"), flag(row, "pdu.alarm.high_input_voltage"),
            flag(row, "pdu.alarm.low_input_current"), flag(row, "pdu.alarm.high_input_current"),
            flag(row, "pdu.alarm.aux1_power_fail"), flag(row, "pdu.alarm.aux2_power_fail")));
    const auto power = [&](const std::string& topic, const std::string& channel,
                           const std::string& current) {
        print("power/" + topic,
              fmt::format(R"({{"w": {}, "va": {}, "a": {}}})", value(row, channel + ".power_w"),
                          value(row, channel + ".power_va"), value(row, channel + current)));
    };
    power("in", "pdu", ".input_a");
    for (int outlet = 1; outlet <= 8; ++outlet) {
        power(fmt::format("out{}", outlet), fmt::format("outlet{}", outlet), ".current_a");
    }
    return text;
}

std::string ats_messages(const std::string& time, const Row& row) {
    std::string text;
    const auto print = [&](const std::string& topic, const std::string& payload) {
        text += fmt::format("{} homelab/ats/{} {}\n", time, topic, payload);
    };
    for (int source = 1; source <= 2; ++source) {
        const auto own = [&](const char* name) {
            return fmt::format("ats.source{}_{}", source, name);
        };
        const bool bad = value(row, own("voltage_bad")) == "true" ||
                         value(row, own("freq_bad")) == "true" ||
                         value(row, own("wave_bad")) == "true";
        const auto number = std::to_string(source);
        print(
            fmt::format("supply/src{}", source),
            fmt::format(R"({{"v": {}, "hz": {}, "active": {:d}, "preferred": {:d}, "bad": {:d}}})",
                        value(row, own("v")), value(row, own("hz")),
                        value(row, "ats.active_source") == number,
                        value(row, "ats.preferred_source") == number, bad));
    }
    const auto load = value(row, "ats.load_pct");
    print("status",
          fmt::format(R"({{"temp_c": {}, "out_a": {}, "out_pct": {}, "sync_angle": {}, )"
                      R"("aux_pwr1_fail": {}, "aux_pwr2_fail": {}, "on_fault_mode": {}, )"
                      R"("overload_alarm": {}, "overload_fault": {}, "short_fault": {}, )"
                      R"("syncron_bad": {}}})",
                      value(row, "ats.temperature_c"), value(row, "ats.output_a"),
                      load == "null" ? load : fmt::format("{:g}", std::stod(load) * 100),
                      value(row, "ats.sync_angle_deg"), flag(row, "ats.alarm.aux1_power_fail"),
                      flag(row, "ats.alarm.aux2_power_fail"), flag(row, "ats.alarm.fault_mode"),
                      flag(row, "ats.alarm.overload"), flag(row, "ats.alarm.overload_fault"),
                      flag(row, "ats.alarm.short_circuit"), flag(row, "ats.alarm.sync_bad")));
    return text;
}

}  // namespace

HistoryText as_csv(const Replayed& live) {
    const auto rows = rows_of(live);
    const auto columns = columns_of(rows);
    HistoryText csv{"csv", "when;who", "when = @timestamp\nwho = device.id\n"};
    for (const auto& column : columns) {
        csv.text += ";" + column;
        csv.map += fmt::format("\"{}\" = {}\n", column, column);
    }
    csv.text += "\n";
    for (const auto& [key, row] : rows) {
        csv.text += key.first + ";" + key.second;
        for (const auto& column : columns) {
            const auto found = row.find(column);
            csv.text += ";" + (found == row.end() ? "" : found->second);
        }
        csv.text += "\n";
    }
    return csv;
}

HistoryText as_line_protocol(const Replayed& live) {
    const auto rows = rows_of(live);
    HistoryText influx{"influx", "", "time = @timestamp\nhost = device.id\n"};
    for (const auto& column : columns_of(rows)) {
        influx.map += fmt::format("\"{}\" = {}\n", column, column);
    }
    for (const auto& [key, row] : rows) {
        std::string fields;
        for (const auto& [field, value] : row) {
            const bool is_text = field.ends_with(".state");
            fields +=
                (fields.empty() ? "" : ",") + field + "=" + (is_text ? "\"" + value + "\"" : value);
        }
        const auto time = parse_rfc3339(key.first);
        influx.text += fmt::format("power,host={} {} {}000000\n", key.second, fields,
                                   time->time_since_epoch().count());
    }
    return influx;
}

HistoryText as_messages(const Replayed& live) {
    HistoryText recording{"mqtt", ""};
    for (const auto& [key, row] : rows_of(live)) {
        recording.text += row.contains("ats.source1_v") || row.contains("ats.active_source")
                              ? ats_messages(key.first, row)
                              : pdu_messages(key.first, row);
    }
    return recording;
}

}  // namespace pwlog::test
