// SPDX-License-Identifier: MIT
#include "device/pdu_device.h"

#include <algorithm>

#include "device/ask.h"
#include "device/status_check.h"
#include "protocol/identity.h"

namespace pwlog {
namespace {

/// Odd figures that three readings in a row agree on are the meter's own.
constexpr int readings_to_believe = 3;
/// Reading a status again takes less; more is a clock that was set.
constexpr auto longest_confirming = std::chrono::seconds(10);

bool is_counting_down(pdu::OutletState state) {
    return state == pdu::OutletState::shutdown_active ||
           state == pdu::OutletState::shutdown_imminent ||
           state == pdu::OutletState::restore_active;
}

}  // namespace

PduDevice::PduDevice(Session session, const Clock& clock)
    : session_(std::move(session)), clock_(clock) {}

// The order matters: no two neighbours have the same shape, so a doubled or late answer never
// passes for the next one (QPW and QPVA look alike).
Result<PduReading> PduDevice::read_cycle(const std::stop_token& stop) {
    const auto started = clock_.steady_now();
    PduReading reading;
    auto status = read_believable_status(stop);
    if (!status) {
        return pass_on(status);
    }
    reading.time.first_answer = status->completed;
    reading.time.uptime = std::chrono::floor<std::chrono::milliseconds>(
        clock_.uptime() - std::clamp<std::chrono::nanoseconds>(
                              clock_.wall_now() - status->completed, {}, longest_confirming));
    reading.status = std::move(status->value);
    auto power = read_believable_power(stop);
    if (!power) {
        return pass_on(power);
    }
    reading.active_power = power->active;
    reading.apparent_power = power->apparent;
    reading.energy = power->energy;
    const auto& outlets = reading.status.outlets;
    if (countdown_expected_ || std::any_of(outlets.begin(), outlets.end(), is_counting_down)) {
        auto countdowns = read_countdowns(stop);
        if (!countdowns) {
            return pass_on(countdowns);
        }
        countdown_expected_ = false;
        reading.countdowns = *countdowns;
    }
    reading.time.duration = clock_.steady_now() - started;
    return reading;
}

Result<Timed<pdu::Status>> PduDevice::read_believable_status(const std::stop_token& stop) {
    auto first = ask_status(stop);
    return first ? believable_status<pdu::Status>(believed_bits_, std::move(*first),
                                                  [&] { return ask_status(stop); })
                 : first;
}

Result<PduFastReading> PduDevice::read_fast(const std::stop_token& stop) {
    auto status = read_believable_status(stop);
    if (!status) {
        return pass_on(status);
    }
    auto active = read_active_power(stop);
    if (active && last_power_ && is_power_swapped(*active, *last_power_)) {
        active = read_active_power(stop);
    }
    if (!active) {
        return pass_on(active);
    }
    return PduFastReading{status->completed, std::move(status->value), *active};
}

Result<PduDevice::Power> PduDevice::read_power(const std::stop_token& stop) {
    auto active = read_active_power(stop);
    if (!active) {
        return pass_on(active);
    }
    auto energy = read_energy(stop);
    if (!energy) {
        return pass_on(energy);
    }
    auto apparent = read_apparent_power(stop);
    if (!apparent) {
        return pass_on(apparent);
    }
    return Power{{*active, *apparent}, *energy};
}

Result<PduDevice::Power> PduDevice::read_believable_power(const std::stop_token& stop) {
    auto power = read_power(stop);
    if (power && is_power_swapped(*power, last_power_)) {
        power = read_power(stop);  // whichever it was, this one is right
    }
    int odd_readings = 0;
    while (power && is_power_suspicious(power->active, power->apparent) && !odd_meter_) {
        if (++odd_readings == readings_to_believe) {
            odd_meter_ = true;
            break;
        }
        power = read_power(stop);
    }
    if (!power) {
        return power;
    }
    odd_meter_ = odd_meter_ && is_power_suspicious(power->active, power->apparent);
    auto energy = read_believable_energy(power->energy, stop);
    if (!energy) {
        return pass_on(energy);
    }
    power->energy = *energy;
    last_power_ = *power;
    return power;
}

/// A counter that jumped, and the first one of all, is believed once a second reading says the
/// same. Error `garbled` where no two agree: the next cycle compares with what was last believed.
Result<pdu::Energy> PduDevice::read_believable_energy(pdu::Energy first,
                                                      const std::stop_token& stop) {
    constexpr int most_readings = 4;
    const auto now = clock_.steady_now();
    const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(now - last_energy_at_);
    auto energy = first;
    bool confirmed = false;
    for (int readings = 1;
         !confirmed && (!last_energy_ || is_energy_suspicious(*last_energy_, energy, elapsed));
         ++readings) {
        if (readings == most_readings) {
            return fail(ErrorKind::garbled, "QEC: the counters jump, to other figures each time");
        }
        auto again = read_energy(stop);
        if (!again) {
            return again;
        }
        confirmed = is_energy_same(energy, *again);
        energy = *again;
    }
    last_energy_ = energy;
    last_energy_at_ = now;
    return energy;
}

Result<Timed<pdu::Status>> PduDevice::ask_status(const std::stop_token& stop) {
    return ask_timed<pdu::Status>(session_, pdu::qgs.text, pdu::qgs.payload_bytes,
                                  pdu::decode_status, stop);
}

Result<pdu::Status> PduDevice::read_status(const std::stop_token& stop) {
    auto status = ask_status(stop);
    return status ? Result<pdu::Status>(std::move(status->value)) : pass_on(status);
}

Result<pdu::ActivePower> PduDevice::read_active_power(const std::stop_token& stop) {
    return ask<pdu::ActivePower>(session_, pdu::qpw, pdu::decode_active_power, stop);
}

Result<pdu::ApparentPower> PduDevice::read_apparent_power(const std::stop_token& stop) {
    return ask<pdu::ApparentPower>(session_, pdu::qpva, pdu::decode_apparent_power, stop);
}

Result<pdu::Energy> PduDevice::read_energy(const std::stop_token& stop) {
    return ask<pdu::Energy>(session_, pdu::qec, pdu::decode_energy, stop);
}

Result<pdu::Countdowns> PduDevice::read_countdowns(const std::stop_token& stop) {
    constexpr auto resolution = std::chrono::seconds(1);
    const auto asked = clock_.steady_now();
    auto countdowns = ask<pdu::Countdowns>(session_, pdu::qsr, pdu::decode_countdowns, stop);
    for (std::size_t i = 0; countdowns && i < countdowns->size(); ++i) {
        const std::chrono::seconds left(countdowns->at(i).shutdown_s);
        countdown_ends_.at(i) =
            left.count() > 0 ? std::optional(asked + left - resolution) : std::nullopt;
    }
    return countdowns;
}

Result<pdu::Model> PduDevice::read_model(const std::stop_token& stop) {
    return ask<pdu::Model>(session_, pdu::qmd, pdu::decode_model, stop);
}

Result<std::string> PduDevice::read_firmware(const std::stop_token& stop) {
    return ask<std::string>(session_, qvfw, decode_firmware, stop);
}

Result<std::vector<MemoryValue>> PduDevice::read_memory(int address, const std::stop_token& stop) {
    const std::string question = pdu::memory_query(address);
    const auto decode = [address](std::string_view payload) {
        return pdu::decode_memory(address, payload);
    };
    return ask<std::vector<MemoryValue>>(session_, Query{question, pdu::memory_payload_bytes},
                                         decode, stop);
}

CommandResult PduDevice::command(const pdu::SetCommand& command, const pdu::LivePermit& permit,
                                 const std::stop_token& stop) {
    countdown_expected_ = true;
    countdown_ends_ = {};
    return session_.command(command, permit, stop);
}

}  // namespace pwlog
