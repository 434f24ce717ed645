// SPDX-License-Identifier: MIT
#include "protocol/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <vector>

#include "base/printable.h"
#include "protocol/ats.h"
#include "protocol/identity.h"
#include "protocol/memory.h"
#include "protocol/pdu.h"

namespace pwlog {
namespace {

constexpr std::size_t longest_question = 32;
constexpr std::size_t usual_payload_bytes = 80;  // of a query nobody knows

std::vector<Question> questions_of(DeviceKind kind) {
    const bool is_pdu = kind == DeviceKind::pdu;
    std::vector<Question> all;
    const auto add = [&all](const KnownQuery& known) {
        all.push_back({std::string(known.query.text), known.query.payload_bytes, known.check});
    };
    add({qpi, verdict_of<decode_protocol_id>});
    add({qvfw, verdict_of<decode_firmware>});
    for (const auto& known : is_pdu ? std::span<const KnownQuery>(pdu::queries) : ats::queries) {
        add(known);
    }
    for (int address = 0; address < (is_pdu ? pdu::memory_words : ats::memory_words); ++address) {
        all.push_back({is_pdu ? pdu::memory_query(address) : ats::memory_query(address),
                       is_pdu ? pdu::memory_payload_bytes : ats::memory_payload_bytes,
                       [is_pdu, address](std::string_view payload) -> Result<void> {
                           const auto decoded = is_pdu ? pdu::decode_memory(address, payload)
                                                       : ats::decode_memory(address, payload);
                           return decoded ? Result<void>() : pass_on(decoded);
                       }});
    }
    return all;
}

bool is_question(DeviceKind kind, std::string_view text) {
    const bool typeable = text.size() > 1 && text.size() <= longest_question &&
                          std::all_of(text.begin(), text.end(),
                                      [](char c) { return c > ' ' && c < 0x7f && c != ','; });
    return typeable &&
           (text.starts_with('Q') || (kind == DeviceKind::ats && text.starts_with("GM")));
}

}  // namespace

std::string_view to_keyword(DeviceKind kind) { return kind == DeviceKind::pdu ? "pdu" : "ats"; }

Result<Question> question_of(DeviceKind kind, std::string_view text) {
    if (!is_question(kind, text)) {
        return fail(ErrorKind::invalid,
                    fmt::format("'{}' is not a query of this device", printable(text)));
    }
    for (auto& question : questions_of(kind)) {
        if (question.text == text) {
            return question;
        }
    }
    return Question{std::string(text), usual_payload_bytes,
                    [](std::string_view) { return Result<void>(); }};
}

}  // namespace pwlog
