// SPDX-License-Identifier: MIT
// What the simulated ATS says: every line here is the other end of one decoder in protocol/ats.h.
#include <fmt/format.h>

#include "simulator/ats_simulator.h"
#include "simulator/pdu_meters.h"

namespace pwlog::simulator {
namespace {

constexpr int overload_alarm_word = 16;
constexpr int overload_fault_word = 17;
constexpr int phases_word = 18;

/// The bits of QAS by their names, so that their order stands in one table only.
class StatusBits {
  public:
    void set(std::string_view name, bool value) {
        for (std::size_t i = 0; i < ats::status_bit_names.size(); ++i) {
            if (ats::status_bit_names[i] == name) {
                text_[i] = value ? '1' : '0';
            }
        }
    }
    void force(std::size_t index, bool value) { text_[index] = value ? '1' : '0'; }
    const std::string& text() const { return text_; }

  private:
    std::string text_ = std::string(ats::status_bit_names.size(), '0');
};

}  // namespace

std::vector<std::string> AtsSimulator::queries() const {
    std::vector<std::string> all{std::string(qpi.text), std::string(qvfw.text)};
    for (const auto& known : ats::queries) {
        all.emplace_back(known.query.text);
    }
    return all;
}

std::optional<std::string> AtsSimulator::answer(std::string_view command, const Moment& now) {
    advance(now);
    if (command.empty()) {
        return std::nullopt;
    }
    if (command == qpi.text) return std::string(ats::protocol_id);
    if (command == qvfw.text) return "VERFW:00181.00";
    if (command == ats::qats.text) return measurements();
    if (command == ats::qas.text) return status();
    if (command == ats::qri.text) return "230.0 016 ---.- 50.0";
    return memory_word(command).value_or("NAK");
}

std::string AtsSimulator::measurements() const {
    const std::array<double, 8> numbers{
        sources_[0].voltage, sources_[0].frequency, sources_[1].voltage, sources_[1].frequency,
        load_percent(),      output_amperes(),      sync_angle(),        temperature()};
    std::string text;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        text += (i == 0 ? "" : " ") + encode_saturated(ats::measurement_fields[i], numbers[i]);
    }
    return text;
}

std::string AtsSimulator::status() const {
    StatusBits bits;
    bits.set("src1_voltage_bad", sources_[0].voltage_bad);
    bits.set("src1_freq_bad", sources_[0].frequency_bad);
    bits.set("src1_wave_bad", sources_[0].wave_bad);
    bits.set("src2_voltage_bad", sources_[1].voltage_bad);
    bits.set("src2_freq_bad", sources_[1].frequency_bad);
    bits.set("src2_wave_bad", sources_[1].wave_bad);
    bits.set("on_src1", active_ == 1);
    bits.set("on_src2", active_ == 2);
    bits.set("src2_preferred", forcing_.preferred == 2);
    const int phases = memory_.word(phases_word);
    bits.set("syncron_bad", phases != 0 && sync_angle() > phases);
    const int fault = memory_.word(overload_fault_word);
    const bool overload_fault = fault != 0 && load_percent() > fault;
    bits.set("overload_alarm", load_percent() > memory_.word(overload_alarm_word));
    bits.set("overload_fault", overload_fault);
    bits.set("on_fault_mode", overload_fault);
    for (std::size_t i = 0; i < forcing_.bits.size(); ++i) {
        if (const auto& forced = forcing_.bits[i]) {
            bits.force(i, *forced);
        }
    }
    return bits.text();
}

/// `GM0000` to `GM0020`: a decimal number.
std::optional<std::string> AtsSimulator::memory_word(std::string_view command) const {
    for (int address = 0; address < ats::memory_words; ++address) {
        if (command == ats::memory_query(address)) {
            return fmt::format("{:04}", memory_.word(address));
        }
    }
    return std::nullopt;
}

}  // namespace pwlog::simulator
