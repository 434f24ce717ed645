// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/parse_number.h"
#include "cli/device_methods.h"

namespace pwlog {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Action = SwitchOrder::Action;

constexpr int tenths_of_minute_s = 6;

std::optional<int> whole_number(std::string_view text) {
    const auto value = parse_number<int>(text);
    return value && text.front() != '-' ? value : std::nullopt;
}

Result<pdu::OutletChoice> outlet_of(const std::string& text) {
    if (text == "A" || text == "a" || text == "all") {
        return pdu::OutletChoice::all();
    }
    const auto number = whole_number(text);
    return number ? pdu::OutletChoice::number(*number)
                  : fail(ErrorKind::invalid,
                         fmt::format("'{}' is not an outlet: 1 to 8, or A for all", text));
}

/// `0`, `.1` or `0.1` to `0.9`, `1` to `99`: minutes, as the library takes them.
Result<seconds> delay_of(const std::string& text) {
    const auto point = text.find('.');
    const bool has_tenths = point != std::string::npos && point + 2 == text.size();
    const auto whole = point == 0 ? std::optional(0) : whole_number(text.substr(0, point));
    const auto tenths = has_tenths ? whole_number(text.substr(point + 1)) : std::nullopt;
    if (whole && point == std::string::npos) {
        return seconds(minutes(*whole));
    }
    if (whole == 0 && tenths) {
        return seconds(tenths_of_minute_s * *tenths);
    }
    return fail(ErrorKind::invalid,
                fmt::format("'{}' is not a delay in minutes: 0, 0.1 to 0.9, or 1 to 99", text));
}

Result<minutes> restore_of(const std::string& text) {
    const auto whole = whole_number(text);
    return whole ? Result<minutes>(minutes(*whole))
                 : fail(ErrorKind::invalid,
                        fmt::format("'{}' is not a restore time in minutes: 0 to 9999", text));
}

std::string_view arguments_of(SetMethod method) {
    return method == SetMethod::shutdown           ? "OUTLET MINUTES"
           : method == SetMethod::shutdown_restore ? "OUTLET MINUTES RESTORE_MINUTES"
                                                   : "OUTLET";
}

SwitchOrder library_order(pdu::OutletChoice outlet, Action action) {
    SwitchOrder order;
    order.outlet = outlet;
    order.action = action;
    order.in_any_state = true;
    order.wait = false;
    return order;
}

}  // namespace

Result<SwitchOrder> shutdown_order(SetMethod method, const std::vector<std::string>& arguments) {
    const std::size_t expected = method == SetMethod::shutdown_restore ? 3
                                 : method == SetMethod::shutdown       ? 2
                                                                       : 1;
    if (arguments.size() != expected) {
        return fail(ErrorKind::invalid,
                    fmt::format("expected the arguments {}", arguments_of(method)));
    }
    const auto outlet = outlet_of(arguments[0]);
    if (!outlet) {
        return pass_on(outlet);
    }
    if (method == SetMethod::shutdown_cancel) {
        return library_order(*outlet, Action::cancel);
    }
    const auto delay = delay_of(arguments[1]);
    if (!delay) {
        return pass_on(delay);
    }
    auto order = library_order(*outlet, Action::off);
    order.delay = *delay;
    if (method == SetMethod::shutdown_restore) {
        const auto restore = restore_of(arguments[2]);
        if (!restore) {
            return pass_on(restore);
        }
        order.action = Action::cycle;
        order.restore_after = *restore;
    }
    return order;
}

Result<SwitchOrder> typed_order(std::string_view command) {
    const auto everything = pdu::SwitchPermit::of({1, 2, 3, 4, 5, 6, 7, 8});
    if (const auto valid = pdu::custom(*everything, command); !valid) {  // its letters only
        return pass_on(valid);
    }
    constexpr std::size_t outlet_at = 2;
    constexpr std::size_t delay_at = 3;
    constexpr std::size_t restore_at = 6;
    if (!looks_like_switching(command)) {
        return fail(ErrorKind::invalid,
                    fmt::format("'{}' is not a valid switching command", command));
    }
    if (command.starts_with("CS,")) {
        return shutdown_order(SetMethod::shutdown_cancel, {std::string(command.substr(3))});
    }
    const std::string outlet(1, command[outlet_at]);
    const std::string delay(command.substr(delay_at, 2));
    if (command.size() <= restore_at) {
        return shutdown_order(SetMethod::shutdown, {outlet, delay});
    }
    return shutdown_order(SetMethod::shutdown_restore,
                          {outlet, delay, std::string(command.substr(restore_at))});
}

bool looks_like_switching(std::string_view command) {
    std::string upper(command.substr(0, 2));
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return upper.starts_with('S') || upper == "CS";
}

}  // namespace pwlog
