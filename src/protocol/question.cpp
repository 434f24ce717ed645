// SPDX-License-Identifier: MIT
#include "protocol/question.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/printable.h"
#include "protocol/ats.h"
#include "protocol/identity.h"
#include "protocol/memory.h"
#include "protocol/pdu.h"
#include "protocol/query.h"

namespace pwlog {
namespace {

constexpr std::size_t longest_question = 32;
constexpr std::size_t usual_payload_bytes = 80;  // of a query nobody knows

/// A decoder, of which only the verdict counts.
template <class Decode>
Question known(const Query& query, Decode decode) {
    return {std::string(query.text), query.payload_bytes,
            [decode](std::string_view payload) -> Result<void> {
                auto decoded = decode(payload);
                return decoded ? Result<void>() : pass_on(decoded);
            }};
}

std::vector<Question> questions_of_pdu() {
    std::vector<Question> all{known(qpi, decode_protocol_id),
                              known(qvfw, decode_firmware),
                              known(pdu::qmd, pdu::decode_model),
                              known(pdu::qgs, pdu::decode_status),
                              known(pdu::qpw, pdu::decode_active_power),
                              known(pdu::qpva, pdu::decode_apparent_power),
                              known(pdu::qec, pdu::decode_energy),
                              known(pdu::qsr, pdu::decode_countdowns)};
    for (int address = 0; address < pdu::memory_words; ++address) {
        const std::string text = pdu::memory_query(address);
        all.push_back(known(
            Query{text, pdu::memory_payload_bytes},
            [address](std::string_view payload) { return pdu::decode_memory(address, payload); }));
    }
    return all;
}

std::vector<Question> questions_of_ats() {
    std::vector<Question> all{known(qpi, decode_protocol_id), known(qvfw, decode_firmware),
                              known(ats::qats, ats::decode_measurements),
                              known(ats::qas, ats::decode_status),
                              known(ats::qri, ats::decode_ratings)};
    for (int address = 0; address < ats::memory_words; ++address) {
        const std::string text = ats::memory_query(address);
        all.push_back(known(
            Query{text, ats::memory_payload_bytes},
            [address](std::string_view payload) { return ats::decode_memory(address, payload); }));
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
    for (auto& question : kind == DeviceKind::pdu ? questions_of_pdu() : questions_of_ats()) {
        if (question.text == text) {
            return question;
        }
    }
    return Question{std::string(text), usual_payload_bytes,
                    [](std::string_view) { return Result<void>(); }};
}

}  // namespace pwlog
