// SPDX-License-Identifier: MIT
#include "protocol/memory.h"

#include <fmt/format.h>

#include <array>

#include "protocol/fields.h"
#include "protocol/query.h"

namespace pwlog {
namespace {

using Part = MemorySetting::Part;

// The outlets' words: high byte = configuration bits (0 on at power on, 1 automatic disconnection
// one minute after the overload alarm is disabled, 2 front-panel button enabled), low byte = alarm
// threshold.
constexpr MemorySetting outlet_config(int outlet, std::string_view name) {
    return {outlet, Part::high_byte, name, "", 1, 0, 7, std::nullopt, std::nullopt};
}
constexpr MemorySetting outlet_alarm(int outlet, std::string_view name) {
    return {outlet, Part::low_byte, name, "A", 0.1, 0.5, 4.0, 2.0, std::nullopt};
}
constexpr MemorySetting word(int address, std::string_view name, std::string_view unit,
                             double scale, double least, std::optional<double> greatest,
                             double standard, std::optional<int> disabled = std::nullopt) {
    return {address, Part::word, name, unit, scale, least, greatest, standard, disabled};
}

constexpr std::array<MemorySetting, 23> pdu_settings{{
    word(0, "output_start_up_delay", "s", 1, 0, 240, 1),
    outlet_config(1, "out1_config"),
    outlet_alarm(1, "out1_current_alarm"),
    outlet_config(2, "out2_config"),
    outlet_alarm(2, "out2_current_alarm"),
    outlet_config(3, "out3_config"),
    outlet_alarm(3, "out3_current_alarm"),
    outlet_config(4, "out4_config"),
    outlet_alarm(4, "out4_current_alarm"),
    outlet_config(5, "out5_config"),
    outlet_alarm(5, "out5_current_alarm"),
    outlet_config(6, "out6_config"),
    outlet_alarm(6, "out6_current_alarm"),
    outlet_config(7, "out7_config"),
    outlet_alarm(7, "out7_current_alarm"),
    outlet_config(8, "out8_config"),
    outlet_alarm(8, "out8_current_alarm"),
    word(9, "low_input_voltage_alarm", "V", 1, 184, 207, 196),
    word(10, "high_input_voltage_alarm", "V", 1, 242, 264, 253),
    word(11, "max_input_voltage_shutoff", "V", 1, 253, 300, 276, 0xFFFF),
    word(12, "low_input_current_alarm", "A", 0.1, 0, 15.0, 0),
    word(13, "high_input_current_alarm", "A", 0.1, 1.0, 16.0, 16.0),
    word(14, "shutdown_imminent_signal", "min", 1, 1, std::nullopt, 3),
}};

constexpr std::array<MemorySetting, 21> ats_settings{{
    word(0, "src1_voltage_high_loss", "V", 1, 100, 300, 258),
    word(1, "src1_voltage_high_back", "V", 1, 100, 300, 248),
    word(2, "src1_voltage_low_loss", "V", 1, 100, 300, 180),
    word(3, "src1_voltage_low_back", "V", 1, 100, 300, 190),
    word(4, "src1_freq_high_loss", "Hz", 1, 40, 70, 55),
    word(5, "src1_freq_high_back", "Hz", 1, 0, 70, 0),
    word(6, "src1_freq_low_loss", "Hz", 1, 40, 70, 45),
    word(7, "src1_freq_low_back", "Hz", 1, 0, 70, 0),
    word(8, "src2_voltage_high_loss", "V", 1, 100, 300, 258),
    word(9, "src2_voltage_high_back", "V", 1, 100, 300, 248),
    word(10, "src2_voltage_low_loss", "V", 1, 100, 300, 180),
    word(11, "src2_voltage_low_back", "V", 1, 100, 300, 190),
    word(12, "src2_freq_high_loss", "Hz", 1, 40, 70, 55),
    word(13, "src2_freq_high_back", "Hz", 1, 0, 70, 0),
    word(14, "src2_freq_low_loss", "Hz", 1, 40, 70, 45),
    word(15, "src2_freq_low_back", "Hz", 1, 0, 70, 0),
    word(16, "overload_alarm", "%", 1, 0, 150, 100),
    word(17, "overload_fault", "%", 1, 0, 250, 0),
    word(18, "acceptable_phases", "deg", 1, 0, 180, 0),
    word(19, "breaking_time", "ms", 1, 0, 9999, 5),
    word(20, "blanking_time", "ms", 1, 0, 1000, 4),
}};

/// `0`-`9`, then `:;<=>?` for ten to fifteen; the letters are taken as well.
std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '?') {
        return c - '0';
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return std::nullopt;
}

int part_of(const MemorySetting& setting, int whole) {
    switch (setting.part) {
        case Part::high_byte:
            return whole >> 8;
        case Part::low_byte:
            return whole & 0xFF;
        case Part::word:
            break;
    }
    return whole;
}

std::vector<MemoryValue> values_at(std::span<const MemorySetting> map, int address, int whole) {
    std::vector<MemoryValue> values;
    for (const auto& setting : map) {
        if (setting.address == address) {
            values.push_back({&setting, part_of(setting, whole)});
        }
    }
    return values;
}

}  // namespace

bool MemorySetting::allows(double value) const {
    constexpr double rounding = 1e-9;  // 0.1 x 40 is not quite 4.0
    return (!least || value >= *least - rounding) && (!greatest || value <= *greatest + rounding);
}

bool MemoryValue::in_range() const { return is_disabled() || setting->allows(value()); }

namespace pdu {

std::span<const MemorySetting> memory_map() { return pdu_settings; }

std::string memory_query(int address) {
    return fmt::format("QGM0{}", static_cast<char>('0' + address));  // ':' follows '9', and so on
}

// QGM01  010714      characters 3 to 6 are the word in hexadecimal, here 07 and 14: configuration
// 7, 2.0 A
Result<std::vector<MemoryValue>> decode_memory(int address, std::string_view payload) {
    constexpr std::size_t first = 2;
    constexpr std::size_t characters = 6;
    if (payload.size() != characters) {
        return garbled(memory_query(address), "6 characters expected", payload);
    }
    int whole = 0;
    for (std::size_t i = 0; i < characters; ++i) {
        const auto digit = hex_digit(payload[i]);
        if (!digit) {
            return garbled(memory_query(address), "hexadecimal digits expected", payload);
        }
        if (i >= first) {
            whole = whole * 16 + *digit;
        }
    }
    return values_at(pdu_settings, address, whole);
}

}  // namespace pdu

namespace ats {

std::span<const MemorySetting> memory_map() { return ats_settings; }

std::string memory_query(int address) { return fmt::format("GM{:04}", address); }

Result<std::vector<MemoryValue>> decode_memory(int address, std::string_view payload) {
    auto whole = decode_digits(payload, memory_payload_bytes);
    if (!whole) {
        return garbled(memory_query(address), whole.error().message, payload);
    }
    return values_at(ats_settings, address, *whole);
}

}  // namespace ats
}  // namespace pwlog
