// SPDX-License-Identifier: MIT
#include "cli/device_methods.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "base/parse_number.h"
#include "cli/device_rows.h"
#include "config/config_problems.h"
#include "protocol/identity.h"

namespace pwlog {
namespace {

using Rows = std::function<Result<ValueRows>(std::string_view payload, const DeviceFacts& facts)>;

/// A method that is one query.
struct QueryMethod {
    std::vector<std::string_view> names;
    std::string_view question;
    Rows rows;
};

template <class T>
Rows decoded(Result<T> (*decode)(std::string_view), ValueRows (*rows)(const T&)) {
    return [=](std::string_view payload, const DeviceFacts&) -> Result<ValueRows> {
        const auto value = decode(payload);
        return value ? Result<ValueRows>(rows(*value)) : pass_on(value);
    };
}

template <class T>
Rows decoded(Result<T> (*decode)(std::string_view),
             ValueRows (*rows)(const T&, const OutletNames&)) {
    return [=](std::string_view payload, const DeviceFacts& facts) -> Result<ValueRows> {
        const auto value = decode(payload);
        return value ? Result<ValueRows>(rows(*value, facts.outlet_names)) : pass_on(value);
    };
}

std::vector<QueryMethod> pdu_methods() {
    return {{{"info"}, pdu::qmd.text, decoded<pdu::Model>(pdu::decode_model, rows_of)},
            {{"status"}, pdu::qgs.text, decoded<pdu::Status>(pdu::decode_status, rows_of)},
            {{"power_watt", "power_w"},
             pdu::qpw.text,
             decoded<pdu::ActivePower>(pdu::decode_active_power, rows_of)},
            {{"power_va"},
             pdu::qpva.text,
             decoded<pdu::ApparentPower>(pdu::decode_apparent_power, rows_of)},
            {{"power_cons", "energy_kwh"},
             pdu::qec.text,
             decoded<pdu::Energy>(pdu::decode_energy, rows_of)},
            {{"countdown_times"},
             pdu::qsr.text,
             decoded<pdu::Countdowns>(pdu::decode_countdowns, rows_of)},
            {{"protocol", "connect"}, qpi.text, decoded(decode_protocol_id, protocol_rows)},
            {{"firmware"}, qvfw.text, decoded(decode_firmware, firmware_rows)}};
}

std::vector<QueryMethod> ats_methods() {
    return {
        {{"info"}, ats::qats.text, decoded<ats::Measurements>(ats::decode_measurements, rows_of)},
        {{"status"}, ats::qas.text, decoded<ats::Status>(ats::decode_status, rows_of)},
        {{"ratings"}, ats::qri.text, decoded<ats::Ratings>(ats::decode_ratings, rows_of)},
        {{"protocol", "connect"}, qpi.text, decoded(decode_protocol_id, protocol_rows)},
        {{"firmware"}, qvfw.text, decoded(decode_firmware, firmware_rows)}};
}

std::vector<QueryMethod> query_methods(DeviceKind kind) {
    return kind == DeviceKind::pdu ? pdu_methods() : ats_methods();
}

struct SetMethodNames {
    SetMethod method;
    std::vector<std::string_view> names;
    std::string_view arguments;
    std::string_view sends;
};

std::vector<SetMethodNames> set_methods(DeviceKind kind) {
    if (kind == DeviceKind::ats) {
        return {};
    }
    return {{SetMethod::clear_energy, {"power_cons_clear", "energy_kwh_clear"}, "", "CEC"},
            {SetMethod::test, {"test"}, "", "TP"},
            {SetMethod::shutdown, {"shutdown"}, " OUTLET MIN", "S, switchable outlets only"},
            {SetMethod::shutdown_restore,
             {"shutdown_restore"},
             " OUTLET MIN MIN",
             "S with R, switchable outlets only"},
            {SetMethod::shutdown_cancel,
             {"shutdown_cancel"},
             " OUTLET",
             "CS, switchable outlets only"}};
}

bool is_among(const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Result<MethodResult> ask_query(DeviceAccess& line, const QueryMethod& method) {
    auto payload = line.ask(method.question);
    if (!payload) {
        return pass_on(payload);
    }
    auto rows = method.rows(*payload, line.facts());
    return rows ? Result<MethodResult>(MethodResult{*std::move(rows), {*std::move(payload)}})
                : pass_on(rows);
}

/// An address, or a setting's name; every address where nothing is said.
Result<std::vector<int>> addresses_of(DeviceKind kind, const std::vector<std::string>& arguments) {
    const auto map = kind == DeviceKind::pdu ? pdu::memory_map() : ats::memory_map();
    const int words = kind == DeviceKind::pdu ? pdu::memory_words : ats::memory_words;
    std::vector<int> addresses;
    for (const auto& argument : arguments) {
        auto address = parse_number<int>(argument).value_or(-1);
        if (address < 0) {
            std::string name = argument;
            if (const auto at = name.find("freq_low_high"); at != std::string::npos) {
                name.replace(at, std::string::npos, "freq_low_back");
            }
            const auto found = std::find_if(
                map.begin(), map.end(), [&](const auto& setting) { return setting.name == name; });
            address = found == map.end() ? -1 : found->address;
        }
        if (address < 0 || address >= words) {
            return fail(ErrorKind::invalid,
                        fmt::format("there is no setting \"{}\": 0 to {}, or one of the names that "
                                    "`pwlog memory show` tells",
                                    argument, words - 1));
        }
        addresses.push_back(address);
    }
    for (int address = 0; arguments.empty() && address < words; ++address) {
        addresses.push_back(address);
    }
    return addresses;
}

/// Two answers in a row that agree: a digit lost on the wire looks just like another setting.
Result<std::string> ask_twice(DeviceAccess& line, const std::string& question) {
    constexpr int most_questions = 4;
    auto before = line.ask(question);
    for (int questions = 1; before && questions < most_questions; ++questions) {
        auto again = line.ask(question);
        if (!again || *again == *before) {
            return again;
        }
        before = std::move(again);
    }
    return before ? fail(ErrorKind::garbled,
                         fmt::format("{}: another answer each time, last '{}'; something disturbs "
                                     "the line",
                                     question, *before))
                  : before;
}

Result<MethodResult> ask_memory(DeviceAccess& line, const std::vector<std::string>& arguments) {
    const auto addresses = addresses_of(line.facts().kind, arguments);
    if (!addresses) {
        return pass_on(addresses);
    }
    MethodResult result;
    const auto values = read_memory(line, *addresses, &result.payloads);
    if (!values) {
        return pass_on(values);
    }
    result.rows = rows_of(*values);
    return result;
}

}  // namespace

std::vector<std::string_view> method_names(DeviceKind kind) {
    std::vector<std::string_view> names{"memory_get", "send"};
    for (const auto& method : query_methods(kind)) {
        names.insert(names.end(), method.names.begin(), method.names.end());
    }
    for (const auto& method : set_methods(kind)) {
        names.insert(names.end(), method.names.begin(), method.names.end());
    }
    return names;
}

Result<std::vector<MemoryValue>> read_memory(DeviceAccess& line, const std::vector<int>& addresses,
                                             std::vector<std::string>* payloads) {
    const bool is_pdu = line.facts().kind == DeviceKind::pdu;
    std::vector<MemoryValue> all;
    for (const int address : addresses) {
        const auto payload =
            ask_twice(line, is_pdu ? pdu::memory_query(address) : ats::memory_query(address));
        if (!payload) {
            return pass_on(payload);
        }
        const auto values =
            is_pdu ? pdu::decode_memory(address, *payload) : ats::decode_memory(address, *payload);
        if (!values) {
            return pass_on(values);
        }
        all.insert(all.end(), values->begin(), values->end());
        if (payloads != nullptr) {
            payloads->push_back(*payload);
        }
    }
    return all;
}

Result<MethodResult> ask_method(DeviceAccess& line, std::string_view method,
                                const std::vector<std::string>& arguments) {
    if (method == "memory_get") {
        return ask_memory(line, arguments);
    }
    for (const auto& known : query_methods(line.facts().kind)) {
        if (is_among(known.names, method)) {
            return arguments.empty()
                       ? ask_query(line, known)
                       : fail(ErrorKind::invalid, fmt::format("{} has no argument", method));
        }
    }
    return tl::unexpected(unknown_method(line.facts().kind, method));
}

std::optional<SetMethod> set_method(DeviceKind kind, std::string_view name) {
    for (const auto& known : set_methods(kind)) {
        if (is_among(known.names, name)) {
            return known.method;
        }
    }
    return std::nullopt;
}

std::string method_help(DeviceKind kind) {
    std::string lines;
    const auto add = [&](const std::vector<std::string_view>& names, std::string_view arguments,
                         std::string_view what) {
        lines += fmt::format("  {:<34} {}\n",
                             fmt::format("{}{}", fmt::join(names, ", "), arguments), what);
    };
    for (const auto& method : query_methods(kind)) {
        add(method.names, "", method.question);
    }
    for (const auto& method : set_methods(kind)) {
        add(method.names, method.arguments, method.sends);
    }
    add({"memory_get"}, " [ADDRESS|NAME]", kind == DeviceKind::pdu ? "QGM" : "GM");
    add({"send"}, " COMMAND", "any query; commands follow the same rules as above");
    return lines;
}

bool is_method(DeviceKind kind, std::string_view name) {
    return is_among(method_names(kind), name);
}

Error unknown_method(DeviceKind kind, std::string_view name) {
    const auto near = nearest_name(name, method_names(kind));
    const auto text =
        near.empty() ? fmt::format("there is no method \"{}\": {}", name,
                                   fmt::join(method_names(kind), ", "))
                     : fmt::format(R"(there is no method "{}": did you mean "{}"?)", name, near);
    return {ErrorKind::invalid, text};
}

}  // namespace pwlog
