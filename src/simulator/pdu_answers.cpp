// SPDX-License-Identifier: MIT
// What the simulated PDU says: every line here is the other end of one decoder in protocol/pdu.h.
#include <fmt/format.h>

#include <algorithm>

#include "base/parse_number.h"
#include "simulator/pdu_simulator.h"

namespace pwlog::simulator {
namespace {

constexpr std::size_t count = pdu::outlet_count;
constexpr std::string_view accepted = "ACK";
constexpr std::string_view refused = "NAK";

bool is_number(std::string_view text) { return !text.empty() && are_digits(text); }

int to_number(std::string_view digits) {
    int number = 0;
    for (const char c : digits) {
        number = number * 10 + (c - '0');
    }
    return number;
}

/// `.1` to `.9`, `00` to `99` minutes.
std::optional<std::chrono::seconds> to_delay(std::string_view text) {
    constexpr std::chrono::seconds tenth_of_a_minute{6};
    if (text.starts_with('.') && text != ".0" && is_number(text.substr(1))) {
        return tenth_of_a_minute * to_number(text.substr(1));
    }
    return is_number(text)
               ? std::optional<std::chrono::seconds>(std::chrono::minutes(to_number(text)))
               : std::nullopt;
}

struct SwitchCommand {
    char outlet;                                ///< `1` to `8`, `A`
    std::optional<std::chrono::seconds> delay;  ///< none cancels
    std::optional<std::chrono::minutes> restore_after;
};

/// `S,<o><n>`, `S,<o><n>R<mmmm>` and `CS,<o>`.
std::optional<SwitchCommand> parse_switch(std::string_view command) {
    constexpr std::size_t plain = 5;
    constexpr std::size_t with_restore = 10;
    if (command.size() == 4 && command.starts_with("CS,")) {
        return SwitchCommand{command[3], std::nullopt, std::nullopt};
    }
    const bool restores = command.size() == with_restore && command[plain] == 'R' &&
                          is_number(command.substr(plain + 1));
    if (!command.starts_with("S,") || (command.size() != plain && !restores)) {
        return std::nullopt;
    }
    const auto delay = to_delay(command.substr(3, 2));
    if (!delay) {
        return std::nullopt;
    }
    SwitchCommand parsed{command[2], delay, std::nullopt};
    if (restores) {
        parsed.restore_after = std::chrono::minutes(to_number(command.substr(plain + 1)));
    }
    return parsed;
}

/// The digits of a memory word: `:;<=>?` follow 9 where others write A to F.
std::string to_digits(int value, int width) {
    std::string digits;
    for (int place = width - 1; place >= 0; --place) {
        digits += static_cast<char>('0' + ((value >> (4 * place)) & 0xF));
    }
    return digits;
}

}  // namespace

std::vector<std::string> PduSimulator::queries() const {
    std::vector<std::string> all{std::string(qpi.text), std::string(qvfw.text)};
    for (const auto& known : pdu::queries) {
        all.emplace_back(known.query.text);
    }
    return all;
}

std::optional<std::string> PduSimulator::answer(std::string_view command, const Moment& now) {
    advance(now);
    if (command.empty()) {
        return std::nullopt;
    }
    if (command == qpi.text) return std::string(pdu::protocol_id);
    if (command == qvfw.text) return "VERFW:00.15";
    if (command == pdu::qmd.text) return "############PDU 1/1 230 230 1 8";
    if (command == pdu::qgs.text) return status();
    if (command == pdu::qpw.text) return power(pdu::active_power_fields, true);
    if (command == pdu::qpva.text) return power(pdu::apparent_power_fields, false);
    if (command == pdu::qec.text) return energy();
    if (command == pdu::qsr.text) return countdowns();
    if (command == "TP") return std::string(accepted);
    if (command == "CEC") {
        clear_energy();
        return std::string(accepted);
    }
    if (auto word = memory_word(command)) {
        return word;
    }
    const bool switched = switch_outlets(command);
    return std::string(switched ? accepted : refused);
}

std::string PduSimulator::status() const {
    const auto& shown = meters_;
    const auto input = shown.input.scaled(forcing_.meter);
    constexpr double ampere_step = 0.1;
    const std::array<bool, 6> measured{
        shown.voltage<memory_.word(9), shown.voltage> memory_.word(10),
        input.amperes<memory_.word(12) * ampere_step, input.amperes> memory_.word(13) * ampere_step,
        false, false};
    std::string text;
    for (std::size_t i = 0; i < measured.size(); ++i) {
        text += forcing_.alarms[i].value_or(measured[i]) ? '1' : '0';
    }
    text += "00";
    const std::string digits = past_digits_.front().second;
    for (std::size_t i = 0; i < count; ++i) {
        const auto& shows = forcing_.outlets[i].shows;
        text += shows ? static_cast<char>('0' + *shows) : digits[i];
    }
    std::vector<double> numbers{shown.voltage, shown.frequency, input.amperes};
    for (std::size_t i = 0; i < count; ++i) {
        numbers.push_back(shown.outlets[i].amperes * forcing_.outlets[i].meter);
    }
    numbers.push_back(shown.temperature);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        text += " " + encode_saturated(pdu::status_fields[i], numbers[i]);
    }
    return text;
}

std::string PduSimulator::outlet_digits() const {
    const std::chrono::minutes imminent(memory_.word(14));
    std::string digits;
    for (const auto& outlet : outlets_) {
        digits += static_cast<char>('0' + static_cast<int>(outlet.state(now_.steady, imminent)));
    }
    return digits;
}

std::string PduSimulator::power(std::span<const NumberField> fields, bool active) const {
    const auto figure = [&](const Meter& meter) {
        return active ? meter.watts : meter.volt_amperes;
    };
    std::string text = encode_saturated(fields[0], figure(meters_.input.scaled(forcing_.meter)));
    for (std::size_t i = 0; i < count; ++i) {
        const auto meter = meters_.outlets[i].scaled(forcing_.outlets[i].meter);
        text += " " + encode_saturated(fields[i + 1], figure(meter));
    }
    return text;
}

std::string PduSimulator::energy() const {
    std::string text;
    for (std::size_t i = 0; i < energy_kwh_.size(); ++i) {
        const auto& field = pdu::energy_fields[i];
        text += (i == 0 ? "" : " ") + encode_saturated(field, cut_to_shape(field, energy_kwh_[i]));
    }
    return text;
}

std::string PduSimulator::countdowns() const {
    std::string text;
    for (const auto& outlet : outlets_) {
        const auto left = outlet.countdown(now_.steady);
        text += fmt::format("{}0 {:04} {:06}", text.empty() ? "" : " ", left.shutdown_s,
                            left.restore_s);
    }
    return text;
}

/// `QGM00` to `QGM0>`: the address as asked and the word's four digits.
std::optional<std::string> PduSimulator::memory_word(std::string_view command) const {
    for (int address = 0; address < pdu::memory_words; ++address) {
        if (command == pdu::memory_query(address)) {
            constexpr int word_digits = 4;
            return std::string(command.substr(3)) + to_digits(memory_.word(address), word_digits);
        }
    }
    return std::nullopt;
}

/// A locked outlet is not switched; all of them locked is a refusal.
bool PduSimulator::switch_outlets(std::string_view command) {
    const auto asked = parse_switch(command);
    bool any = false;
    for (std::size_t i = 0; asked && i < count; ++i) {
        const bool meant = asked->outlet == 'A' || asked->outlet == static_cast<char>('1' + i);
        if (!meant || outlets_[i].is_locked()) {
            continue;
        }
        any = true;
        if (asked->delay) {
            outlets_[i].shut_down(now_.steady, *asked->delay, asked->restore_after);
        } else {
            outlets_[i].cancel();
        }
    }
    advance(now_);  // the meters see at once what was switched
    return any;
}

}  // namespace pwlog::simulator
