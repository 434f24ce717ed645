// SPDX-License-Identifier: MIT
#include "simulator/damage.h"

#include <algorithm>

#include "protocol/frame.h"

namespace pwlog::simulator {
namespace {

constexpr std::size_t babble_bytes = std::size_t{64} * 1024;

Transmission at_once(std::string bytes) { return {{{{}, std::move(bytes), {}}}, {}}; }

/// Any bytes but a parenthesis, which would start an answer.
std::string make_noise(Dice& dice) {
    constexpr std::size_t longest = 20;
    std::string bytes(1 + dice.below(longest), '\0');
    for (auto& byte : bytes) {
        do {
            byte = dice.byte();
        } while (byte == '(');
    }
    return bytes;
}

/// Loses the end, and half of the time only what stands before the CR.
std::string truncate(const std::string& frame, Dice& dice) {
    auto cut = frame.substr(0, 1 + dice.below(std::max<std::size_t>(frame.size(), 3) - 2));
    if (dice.chance(0.5)) {
        cut += '\r';
    }
    return cut;
}

std::string garble(std::string frame, Dice& dice) {
    auto& byte = frame[dice.below(frame.size())];
    const char before = byte;
    do {
        byte = dice.byte();
    } while (byte == before);
    return frame;
}

std::string flip_bit(std::string frame, Dice& dice) {
    constexpr std::size_t bits = 8;
    auto& byte = frame[dice.below(frame.size())];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << dice.below(bits)));
    return frame;
}

/// Pads in front, somewhere inside and behind.
std::string strew_nuls(std::string frame, Dice& dice) {
    constexpr std::size_t most = 8;
    const auto nuls = [&] { return std::string(1 + dice.below(most), '\0'); };
    frame.insert(1 + dice.below(frame.size() - 1), nuls());
    return nuls() + frame + nuls();
}

Transmission slowly(const std::string& frame, const FaultRule& rule) {
    return {{{{}, frame, rule.duration}}, {}};
}

Transmission break_off(const std::string& frame, const FaultRule& rule, Dice& dice) {
    auto sent = at_once(frame.substr(0, dice.below(frame.size())));
    sent.unplug_for = rule.duration;
    return sent;
}

/// As many digits as the line takes in that time, and never an end.
Transmission babble(const FaultRule& rule) {
    const double bytes = std::chrono::duration<double>(rule.duration).count() / wire_seconds(1);
    return at_once("(" + std::string(std::min(babble_bytes, static_cast<std::size_t>(bytes)), '0'));
}

}  // namespace

Transmission undamaged(const Exchange& exchange) { return at_once(exchange.frame); }

Transmission damaged(const Exchange& exchange, const FaultRule& rule, Dice& dice) {
    const auto& frame = exchange.frame;
    switch (rule.kind) {
        case FaultKind::drop:
            return {};
        case FaultKind::late:
            return {{{rule.duration, frame, {}}}, {}};
        case FaultKind::truncated:
            return at_once(truncate(frame, dice));
        case FaultKind::unended:
            return at_once(frame.substr(0, frame.size() - 1));
        case FaultKind::garbled:
            return at_once(garble(frame, dice));
        case FaultKind::bitflip:
            return at_once(flip_bit(frame, dice));
        case FaultKind::noise:
            return at_once(make_noise(dice) + frame);
        case FaultKind::nul:
            return at_once(strew_nuls(frame, dice));
        case FaultKind::linefeed:
            return at_once(frame + "\n");
        case FaultKind::echo:
            return at_once(exchange.request + "\r" + frame);
        case FaultKind::nak:
        case FaultKind::ignored:
            return undamaged(exchange);  // whoever asks has put NAK or ACK into it
        case FaultKind::wrong:
            return at_once(exchange.other);
        case FaultKind::stale:
            return at_once(exchange.previous + frame);
        case FaultKind::doubled:
            return at_once(frame + frame);
        case FaultKind::slow:
            return slowly(frame, rule);
        case FaultKind::babble:
            return babble(rule);
        case FaultKind::unplug:
            return break_off(frame, rule, dice);
    }
    return {};
}

}  // namespace pwlog::simulator
