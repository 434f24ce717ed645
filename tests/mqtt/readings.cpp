// SPDX-License-Identifier: MIT
#include "readings.h"

namespace pwlog::test {

PduReading captured_pdu() {
    PduReading reading;
    reading.status = *pdu::decode_status(
        "0000000013511111 222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0");
    reading.active_power =
        *pdu::decode_active_power("0246 0000 0042 0000 0080 0030 0044 0031 0000");
    reading.apparent_power =
        *pdu::decode_apparent_power("0336 0000 0078 0000 0089 0034 0050 0063 0000");
    reading.energy = *pdu::decode_energy(
        "000701.7 000000.0 000100.9 000011.8 000110.6 000198.8 000103.9 000046.2 000019.8");
    pdu::Countdowns countdowns{};
    countdowns[1] = {.shutdown_s = 42, .restore_s = 60};
    reading.countdowns = countdowns;
    return reading;
}

AtsReading captured_ats() {
    AtsReading reading;
    reading.measurements = *ats::decode_measurements("223.7 50.0 223.7 50.0 013 002.2 001 35.0");
    reading.status = *ats::decode_status("000000010000000000000000");
    return reading;
}

}  // namespace pwlog::test
