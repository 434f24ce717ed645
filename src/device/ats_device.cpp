// SPDX-License-Identifier: MIT
#include "device/ats_device.h"

#include "device/ask.h"
#include "device/status_check.h"
#include "protocol/identity.h"

namespace pwlog {

AtsDevice::AtsDevice(Session session, const Clock& clock)
    : session_(std::move(session)), clock_(clock) {}

Result<AtsReading> AtsDevice::read_cycle(const std::stop_token& stop) {
    const auto started = clock_.steady_now();
    auto measurements = ask_timed<ats::Measurements>(
        session_, ats::qats.text, ats::qats.payload_bytes, ats::decode_measurements, stop);
    if (!measurements) {
        return pass_on(measurements);
    }
    const auto ask_status = [&] {
        return ask_timed<ats::Status>(session_, ats::qas.text, ats::qas.payload_bytes,
                                      ats::decode_status, stop);
    };
    auto first = ask_status();
    if (!first) {
        return pass_on(first);
    }
    auto status = believable_status<ats::Status>(believed_bits_, std::move(*first), ask_status);
    if (!status) {
        return pass_on(status);
    }
    AtsReading reading;
    reading.time = {measurements->completed, clock_.steady_now() - started};
    reading.measurements = measurements->value;
    reading.status = std::move(status->value);
    return reading;
}

Result<std::string> AtsDevice::read_firmware(const std::stop_token& stop) {
    return ask<std::string>(session_, qvfw, decode_firmware, stop);
}

Result<std::vector<MemoryValue>> AtsDevice::read_memory(int address, const std::stop_token& stop) {
    const std::string question = ats::memory_query(address);
    const auto decode = [address](std::string_view payload) {
        return ats::decode_memory(address, payload);
    };
    return ask<std::vector<MemoryValue>>(session_, Query{question, ats::memory_payload_bytes},
                                         decode, stop);
}

}  // namespace pwlog
