// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cli/device_rows.h"

namespace pwlog {
namespace {

struct BitName {
    std::string_view key;
    std::string_view meaning;
};

/// The first eight characters of QGS.
constexpr std::array<BitName, 8> alarm_bits{{
    {"a01_low_in_voltage", "input voltage too low (A01)"},
    {"a02_high_in_voltage", "input voltage too high (A02)"},
    {"f09_low_in_current", "input current too low (F09)"},
    {"f10_high_in_current", "input current too high (F10)"},
    {"f11_pwr_fail_aux1", "auxiliary supply 1 failed (F11)"},
    {"f12_pwr_fail_aux2", "auxiliary supply 2 failed (F12)"},
    {"na_b9", ""},
    {"na_b8", ""},
}};

std::string outlet_key(std::size_t index, std::string_view rest) {
    return fmt::format("out{}_{}", index + 1, rest);
}

ValueRow in_group(std::string group, ValueRow row) {
    row.group = std::move(group);
    return row;
}

/// The input's value and one for each outlet.
template <class Unit>
ValueRows per_outlet(const pdu::PerOutlet<Unit>& values, std::string_view key,
                     const std::string& unit, const OutletNames& names) {
    constexpr bool has_tenths = std::is_same_v<Unit, KilowattHours>;
    const auto make = has_tenths ? measured_row : number_row;
    ValueRows rows{make(fmt::format("in_{}", key), value_of(values.input), unit, "input")};
    for (std::size_t i = 0; i < values.outlets.size(); ++i) {
        rows.push_back(make(outlet_key(i, key), value_of(values.outlets.at(i)), unit, names.at(i)));
    }
    return rows;
}

}  // namespace

ValueRows rows_of(const pdu::Model& model) {
    ValueRows rows{text_row("model", model.name),
                   text_row("in_out_phase", model.phases),
                   number_row("nom_in_voltage", model.nominal_input_v, "V"),
                   number_row("nom_out_voltage", model.nominal_output_v, "V"),
                   number_row("in_socket_no", model.inputs),
                   number_row("out_socket_no", model.outputs)};
    rows.push_back(alias_row(rows[2], "nom_ip_voltage"));
    rows.push_back(alias_row(rows[3], "nom_op_voltage"));
    return rows;
}

ValueRows rows_of(const pdu::Status& status, const OutletNames& names) {
    ValueRows rows{measured_row("in_voltage", value_of(status.input_voltage), "V"),
                   measured_row("in_freq", value_of(status.input_frequency), "Hz"),
                   measured_row("in_current", value_of(status.input_current), "A")};
    for (std::size_t i = 0; i < status.outlet_current.size(); ++i) {
        rows.push_back(measured_row(outlet_key(i, "current"), value_of(status.outlet_current.at(i)),
                                    "A", names.at(i)));
    }
    rows.push_back(measured_row("int_temp", value_of(status.temperature), "°C"));
    rows.push_back(alias_row(rows.back(), "temp"));
    for (std::size_t i = 0; i < alarm_bits.size(); ++i) {
        const auto& bit = alarm_bits.at(i);
        rows.push_back(in_group(
            "status", bit_row(std::string(bit.key), status.bits.at(i), std::string(bit.meaning))));
    }
    for (std::size_t i = 0; i < status.outlets.size(); ++i) {
        const auto state = status.outlets.at(i);
        auto row = number_row(outlet_key(i, "status"), static_cast<int>(state), "", names.at(i));
        row.text = pdu::to_words(state);
        rows.push_back(in_group("status", row));
    }
    return rows;
}

ValueRows rows_of(const pdu::ActivePower& power, const OutletNames& names) {
    return per_outlet(power, "w", "W", names);
}

ValueRows rows_of(const pdu::ApparentPower& power, const OutletNames& names) {
    return per_outlet(power, "va", "VA", names);
}

ValueRows rows_of(const pdu::Energy& energy, const OutletNames& names) {
    return per_outlet(energy, "kwh", "kWh", names);
}

ValueRows rows_of(const pdu::Countdowns& countdowns, const OutletNames& names) {
    ValueRows rows;
    for (std::size_t i = 0; i < countdowns.size(); ++i) {
        const auto named = [&](const std::string& what) {
            return names.at(i).empty() ? what : fmt::format("{} ({})", what, names.at(i));
        };
        const ValueRows pair{
            number_row("s", countdowns.at(i).shutdown_s, "s", named("until shutdown")),
            number_row("r", countdowns.at(i).restore_s, "s", named("until restored"))};
        for (const auto& row : pair) {
            rows.push_back(in_group(outlet_key(i, "cd_sec"), row));
        }
        for (const auto& row : pair) {  // as the library's README has it
            rows.push_back(in_group(fmt::format("out{}", i + 1), alias_row(row, row.key)));
        }
    }
    return rows;
}

}  // namespace pwlog
