#include "protocol/identity.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/fields.h"

namespace pwlog {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<std::string> decode_protocol_id(std::string_view payload) {
    const bool fits = payload.size() == 4 && payload.starts_with("PI") &&
                      std::all_of(payload.begin() + 2, payload.end(), is_digit);
    if (!fits) {
        return garbled("QPI", "PI and two digits expected", payload);
    }
    return std::string(payload);
}

Result<std::string> decode_firmware(std::string_view payload) {
    constexpr std::string_view prefix = "VERFW:";
    constexpr std::size_t longest = 16;
    const auto version = payload.substr(std::min(prefix.size(), payload.size()));
    const bool fits =
        payload.starts_with(prefix) && !version.empty() && version.size() <= longest &&
        std::all_of(version.begin(), version.end(), [](char c) { return is_digit(c) || c == '.'; });
    if (!fits) {
        return garbled("QVFW", "VERFW: and a version expected", payload);
    }
    return std::string(version);
}

Result<void> decode_acknowledgement(std::string_view command, std::string_view payload) {
    if (payload == "ACK") {
        return {};
    }
    if (payload == nak) {
        return fail(ErrorKind::refused, fmt::format("{}: the device refused (NAK)", command));
    }
    return garbled(command, "ACK or NAK expected", payload);
}

}  // namespace pwlog
