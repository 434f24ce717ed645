// SPDX-License-Identifier: MIT
#include "events/ats_alarms.h"

#include <fmt/format.h>

#include <array>

namespace pwlog {
namespace {

struct SourceBit {
    bool ats::SourceBits::*bit;
    const char* name;
    const char* words;
};
constexpr std::array<SourceBit, 3> source_bits{{
    {&ats::SourceBits::voltage_bad, "voltage_bad", "voltage"},
    {&ats::SourceBits::freq_bad, "freq_bad", "frequency"},
    {&ats::SourceBits::wave_bad, "wave_bad", "wave form"},
}};

struct StatusBit {
    bool ats::Status::*bit;
    const char* name;
    const char* words;
    const char* words_over;
};
constexpr std::array<StatusBit, 7> status_bits{{
    {&ats::Status::sync_bad, "sync_bad", "the sources are out of step",
     "the sources are in step again"},
    {&ats::Status::aux1_power_fail, "aux1_power_fail", "auxiliary power supply 1 has failed",
     "auxiliary power supply 1 works again"},
    {&ats::Status::aux2_power_fail, "aux2_power_fail", "auxiliary power supply 2 has failed",
     "auxiliary power supply 2 works again"},
    {&ats::Status::short_circuit, "short_circuit", "the output is short-circuited",
     "the output is no longer short-circuited"},
    {&ats::Status::overload_fault, "overload_fault", "the output was switched off by overload",
     "the output is no longer switched off by overload"},
    {&ats::Status::overload_alarm, "overload", "the output is overloaded",
     "the output is no longer overloaded"},
    {&ats::Status::fault_mode, "fault_mode", "the switch is in fault mode",
     "the switch is no longer in fault mode"},
}};

constexpr std::size_t first_unnamed_status_bit =
    16;  // na_c7 to na_c0: nobody outside the maker knows them

}  // namespace

bool is_ats_bit_known(const ats::Status& status, std::size_t bit) {
    return bit >= status.bits.size() || status.bits[bit] != '?';
}

std::vector<std::pair<Alarm, bool>> ats_alarms(const ats::Status& status) {
    std::vector<std::pair<Alarm, bool>> alarms;
    for (int source = 1; source <= 2; ++source) {
        for (const auto& bit : source_bits) {
            alarms.push_back(
                {{.name = fmt::format("source{}_{}", source, bit.name),
                  .words = fmt::format("the {} of source {} is bad", bit.words, source),
                  .words_over = fmt::format("the {} of source {} is good again", bit.words, source),
                  .outlet = {},
                  .source = source},
                 status.sources.at(static_cast<std::size_t>(source - 1)).*bit.bit});
        }
    }
    for (const auto& bit : status_bits) {
        alarms.push_back({{.name = bit.name, .words = bit.words, .words_over = bit.words_over},
                          status.*bit.bit});
    }
    for (std::size_t i = first_unnamed_status_bit; i < ats::status_bit_names.size(); ++i) {
        const std::string name(ats::status_bit_names.at(i));
        alarms.push_back(
            {{.name = name,
              .words = fmt::format("status bit {}, whose meaning is not known, is set", name),
              .words_over =
                  fmt::format("status bit {}, whose meaning is not known, is clear", name)},
             status.bits.size() > i && status.bits[i] == '1'});
    }
    alarms.push_back({{.name = "no_source",
                       .words = "the output hangs on neither source",
                       .words_over = "the output hangs on a source again"},
                      is_ats_bit_known(status, on_source1_bit) && status.active_source() == 0});
    return alarms;
}

std::vector<std::string> bad_parts(const ats::SourceBits& bits) {
    std::vector<std::string> reasons;
    for (const auto& bit : source_bits) {
        if (bits.*bit.bit) {
            reasons.emplace_back(bit.name);
        }
    }
    return reasons;
}

ats::SourceBits bits_of(std::string_view bad_parts) {
    ats::SourceBits bits;
    for (const auto& bit : source_bits) {
        bits.*bit.bit = bad_parts.find(bit.name) != bad_parts.npos;
    }
    return bits;
}

}  // namespace pwlog
