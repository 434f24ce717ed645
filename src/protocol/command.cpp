// SPDX-License-Identifier: MIT
#include "protocol/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/parse_number.h"
#include "base/printable.h"

namespace pwlog::pdu {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int last_outlet = 8;
constexpr auto longest_delay = minutes(99);
constexpr auto longest_restore = minutes(9999);
constexpr auto delay_step = seconds(6);  // a tenth of a minute

/// `00`, `.1` to `.9`, `01` to `99`.
Result<std::string> encode_delay(seconds delay) {
    if (delay >= seconds(0) && delay < minutes(1) && delay % delay_step == seconds(0)) {
        return delay == seconds(0) ? std::string("00") : fmt::format(".{}", delay / delay_step);
    }
    if (delay >= minutes(1) && delay <= longest_delay && delay % minutes(1) == seconds(0)) {
        return fmt::format("{:02}", delay / minutes(1));
    }
    return fail(
        ErrorKind::invalid,
        fmt::format(
            "the device knows no delay of {} s: it takes 0, 6 to 54 s in steps of 6 s, or 1 "
            "to 99 whole minutes",
            delay.count()));
}

Result<void> check_permit(const SwitchPermit& permit, OutletChoice outlet) {
    if (outlet.is_all() ? permit.allows_all() : permit.allows(outlet.outlet())) {
        return {};
    }
    return fail(
        ErrorKind::denied,
        outlet.is_all()
            ? std::string("switching all outlets is only allowed where all 8 are listed in "
                          "'switchable' of the device's configuration")
            : fmt::format("outlet {} is not listed in 'switchable' of the device's configuration",
                          outlet.outlet()));
}

std::optional<int> number(std::string_view digits) {
    const auto value = parse_number<int>(digits);
    return value && digits.front() != '-' ? value : std::nullopt;
}

std::optional<OutletChoice> parse_outlet(char c) {
    if (c == 'A') {
        return OutletChoice::all();
    }
    const auto choice = OutletChoice::number(c - '0');
    return choice ? std::optional(*choice) : std::nullopt;
}

/// `00`, `.1` to `.9`, `01` to `99` back to seconds.
std::optional<seconds> parse_delay(std::string_view text) {
    if (text.size() != 2) {
        return std::nullopt;
    }
    if (text[0] == '.') {
        const auto tenths = number(text.substr(1));
        return tenths && *tenths > 0 ? std::optional(delay_step * *tenths) : std::nullopt;
    }
    const auto whole = number(text);
    return whole ? std::optional<seconds>(minutes(*whole)) : std::nullopt;
}

/// `S,<o><n>` or `S,<o><n>R<mmmm>`, to the letter.
Result<SetCommand> parse_shutdown(const SwitchPermit& permit, std::string_view text) {
    constexpr std::size_t plain = 5;
    constexpr std::size_t with_restore = 10;
    const auto refuse = [&] {
        return fail(ErrorKind::invalid, fmt::format("'{}' is not a valid switching command", text));
    };
    if (!text.starts_with("S,") ||
        (text.size() != plain && !(text.size() == with_restore && text[plain] == 'R'))) {
        return refuse();
    }
    const auto outlet = parse_outlet(text[2]);
    const auto delay = parse_delay(text.substr(3, 2));
    const auto restore = text.size() == plain ? std::optional(0) : number(text.substr(plain + 1));
    if (!outlet || !delay || !restore) {
        return refuse();
    }
    return shutdown(permit, *outlet, *delay,
                    text.size() == plain ? std::nullopt : std::optional(minutes(*restore)));
}

}  // namespace

Result<SwitchPermit> SwitchPermit::of(const std::vector<int>& outlets) {
    SwitchPermit permit;
    for (const int outlet : outlets) {
        if (outlet < 1 || outlet > last_outlet) {
            return fail(ErrorKind::invalid,
                        fmt::format("outlet {} does not exist: 1 to 8", outlet));
        }
        permit.outlets_.set(static_cast<std::size_t>(outlet - 1));
    }
    return permit;
}

bool SwitchPermit::allows(int outlet) const {
    return outlet >= 1 && outlet <= last_outlet &&
           outlets_.test(static_cast<std::size_t>(outlet - 1));
}

std::vector<int> SwitchPermit::outlets() const {
    std::vector<int> allowed;
    for (int outlet = 1; outlet <= last_outlet; ++outlet) {
        if (allows(outlet)) {
            allowed.push_back(outlet);
        }
    }
    return allowed;
}

Result<OutletChoice> OutletChoice::number(int outlet) {
    if (outlet < 1 || outlet > last_outlet) {
        return fail(ErrorKind::invalid, fmt::format("outlet {} does not exist: 1 to 8", outlet));
    }
    return OutletChoice(outlet);
}

Result<void> SetCommand::check(const SwitchPermit& permit) const {
    return switches_ ? check_permit(permit, *switches_) : Result<void>();
}

Result<SetCommand> shutdown(const SwitchPermit& permit, OutletChoice outlet, seconds delay,
                            std::optional<minutes> restore_after) {
    if (auto allowed = check_permit(permit, outlet); !allowed) {
        return pass_on(allowed);
    }
    auto wire_delay = encode_delay(delay);
    if (!wire_delay) {
        return pass_on(wire_delay);
    }
    if (!restore_after) {
        return SetCommand(fmt::format("S,{}{}", outlet.wire(), *wire_delay), outlet);
    }
    if (*restore_after < minutes(0) || *restore_after > longest_restore) {
        return fail(ErrorKind::invalid,
                    fmt::format("restore after {} minutes: the device takes 0 to 9999",
                                restore_after->count()));
    }
    return SetCommand(
        fmt::format("S,{}{}R{:04}", outlet.wire(), *wire_delay, restore_after->count()), outlet);
}

Result<SetCommand> cancel_shutdown(const SwitchPermit& permit, OutletChoice outlet) {
    if (auto allowed = check_permit(permit, outlet); !allowed) {
        return pass_on(allowed);
    }
    return SetCommand(fmt::format("CS,{}", outlet.wire()), outlet);
}

SetCommand clear_energy() { return SetCommand("CEC"); }

SetCommand self_test() { return SetCommand("TP"); }

Result<SetCommand> custom(const SwitchPermit& permit, std::string_view text) {
    constexpr std::size_t longest = 32;
    const bool typeable =
        !text.empty() && text.size() <= longest &&
        std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!typeable) {
        return fail(
            ErrorKind::invalid,
            fmt::format("a command is 1 to {} printable characters without spaces, got '{}'",
                        longest, printable(text)));
    }
    // Upper and lower case, since nobody knows whether a device tells them apart.
    const auto first = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    const auto second = text.size() > 1
                            ? static_cast<char>(std::toupper(static_cast<unsigned char>(text[1])))
                            : '\0';
    if (first == 'C' && second == 'S') {
        const auto outlet =
            text.size() == 4 && text.starts_with("CS,") ? parse_outlet(text[3]) : std::nullopt;
        if (!outlet) {
            return fail(ErrorKind::invalid,
                        fmt::format("'{}' is not a valid switching command", text));
        }
        return cancel_shutdown(permit, *outlet);
    }
    // A comma stands in switching commands only: whoever answers may look for one behind noise.
    if (first == 'S' || text.find(',') != std::string_view::npos) {
        return parse_shutdown(permit, text);
    }
    return SetCommand(std::string(text));
}

}  // namespace pwlog::pdu
