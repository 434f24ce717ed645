// SPDX-License-Identifier: MIT
#include "backfill/history/known_status.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pwlog {
namespace {

using enum Field;

constexpr char not_known = '?';
constexpr std::size_t first_outlet_digit = 8;

struct PduBit {
    Field field;
    bool pdu::Alarms::*bit;
};
constexpr std::array<PduBit, 6> pdu_bits{{
    {pdu_alarm_low_input_voltage, &pdu::Alarms::low_input_voltage},
    {pdu_alarm_high_input_voltage, &pdu::Alarms::high_input_voltage},
    {pdu_alarm_low_input_current, &pdu::Alarms::low_input_current},
    {pdu_alarm_high_input_current, &pdu::Alarms::high_input_current},
    {pdu_alarm_aux1_power_fail, &pdu::Alarms::aux1_power_fail},
    {pdu_alarm_aux2_power_fail, &pdu::Alarms::aux2_power_fail},
}};

constexpr std::size_t on_source2 = 6;
constexpr std::size_t on_source1 = 7;
constexpr std::size_t source2_preferred = 8;
/// By their places in QAS.
constexpr std::array<std::pair<std::size_t, Field>, 13> ats_bits{{
    {0, ats_source1_voltage_bad},
    {1, ats_source1_freq_bad},
    {2, ats_source1_wave_bad},
    {3, ats_source2_voltage_bad},
    {4, ats_source2_freq_bad},
    {5, ats_source2_wave_bad},
    {9, ats_alarm_sync_bad},
    {10, ats_alarm_aux1_power_fail},
    {11, ats_alarm_aux2_power_fail},
    {12, ats_alarm_short_circuit},
    {13, ats_alarm_overload_fault},
    {14, ats_alarm_overload},
    {15, ats_alarm_fault_mode},
}};

void note_flag(char& bit, const std::optional<bool>& flag) {
    if (flag) {
        bit = *flag ? '1' : '0';
    }
}

void note_ats(std::string& bits, const FieldValues& values) {
    for (const auto& [place, field] : ats_bits) {
        note_flag(bits[place], values.flag(field));
    }
    if (const auto active = values.number(ats_active_source)) {
        bits[on_source1] = *active == 1 ? '1' : '0';
        bits[on_source2] = *active == 2 ? '1' : '0';
    }
    if (const auto preferred = values.number(ats_preferred_source)) {
        bits[source2_preferred] = *preferred == 2 ? '1' : '0';
    }
}

}  // namespace

KnownStatus KnownStatus::of_pdu() {
    return {std::string(first_outlet_digit + pdu::outlet_count, not_known)};
}

KnownStatus KnownStatus::of_ats() { return {std::string(ats::status_bit_names.size(), not_known)}; }

void KnownStatus::note(const Sample& sample) {
    if (sample.kind == DocumentKind::ats) {
        note_ats(bits, sample.values);
    } else if (sample.kind == DocumentKind::outlet) {
        if (const auto state = sample.values.number(outlet_state_code)) {
            bits[first_outlet_digit + static_cast<std::size_t>(sample.outlet) - 1] =
                static_cast<char>('0' + static_cast<int>(*state));
        }
    } else {
        for (std::size_t i = 0; i < pdu_bits.size(); ++i) {
            note_flag(bits[i], sample.values.flag(pdu_bits.at(i).field));
        }
    }
}

pdu::Status KnownStatus::pdu_status() const {
    pdu::Status status;
    status.bits = bits;
    for (std::size_t i = 0; i < pdu_bits.size(); ++i) {
        status.alarms.*pdu_bits.at(i).bit = bits[i] == '1';
    }
    for (std::size_t i = 0; i < status.outlets.size(); ++i) {
        const char digit = bits[first_outlet_digit + i];
        status.outlets.at(i) =
            digit == not_known ? pdu::OutletState::on : static_cast<pdu::OutletState>(digit - '0');
    }
    return status;
}

ats::Status KnownStatus::ats_status() const {
    std::string plain = bits;
    std::replace(plain.begin(), plain.end(), not_known, '0');
    auto decoded = ats::decode_status(plain);
    ats::Status status = decoded ? std::move(*decoded) : ats::Status{};
    status.bits = bits;
    return status;
}

}  // namespace pwlog
