// SPDX-License-Identifier: MIT
#include "protocol/ats.h"

#include <algorithm>

namespace pwlog::ats {

const std::array<KnownQuery, 3> queries{{{qats, verdict_of<decode_measurements>},
                                         {qas, verdict_of<decode_status>},
                                         {qri, verdict_of<decode_ratings>}}};

const std::array<std::string_view, 24> status_bit_names{"src1_voltage_bad",
                                                        "src1_freq_bad",
                                                        "src1_wave_bad",
                                                        "src2_voltage_bad",
                                                        "src2_freq_bad",
                                                        "src2_wave_bad",
                                                        "on_src2",
                                                        "on_src1",
                                                        "src2_preferred",
                                                        "syncron_bad",
                                                        "aux_pwr1_fail",
                                                        "aux_pwr2_fail",
                                                        "short_fault",
                                                        "overload_fault",
                                                        "overload_alarm",
                                                        "on_fault_mode",
                                                        "na_c7",
                                                        "na_c6",
                                                        "na_c5",
                                                        "na_c4",
                                                        "na_c3",
                                                        "na_c2",
                                                        "na_c1",
                                                        "na_c0"};

// QATS  223.7 50.0 223.7 50.0 013 002.2 001 35.0      (captured)
//       V, Hz of source 1, of source 2, load %, output A, synchronisation angle, degrees C
const std::array<NumberField, 8> measurement_fields{{
    {"source 1 voltage", "000.0", 0, 320},
    {"source 1 frequency", "00.0", 0, 75},
    {"source 2 voltage", "000.0", 0, 320},
    {"source 2 frequency", "00.0", 0, 75},
    {"output load %", "000", 0, 300},
    {"output current", "000.0", 0, 60},
    {"synchronisation angle", "000", 0, 360},
    {"internal temperature", "00.0", -9.9, 99.9},
}};

// QRI   230.0 016 ---.- 50.0                          V, A, battery V (none), Hz
const std::array<NumberField, 4> rating_fields{{
    {"rated output voltage", "000.0", 0, 320},
    {"rated output current", "000", 0, 100},
    {"battery voltage", "000.0", 0, 500},
    {"rated output frequency", "00.0", 0, 75},
}};

Result<Measurements> decode_measurements(std::string_view payload) {
    auto numbers = decode_numbers(measurement_fields, split_fields(payload));
    if (!numbers) {
        return garbled(qats.text, numbers.error().message, payload);
    }
    const auto& n = *numbers;
    Measurements measurements;
    measurements.sources = {Source{as<Volts>(n[0]), as<Hertz>(n[1])},
                            Source{as<Volts>(n[2]), as<Hertz>(n[3])}};
    measurements.load = as<Percent>(n[4]);
    measurements.output_current = as<Amperes>(n[5]);
    measurements.sync_angle = as<Degrees>(n[6]);
    measurements.temperature = as<Celsius>(n[7]);
    return measurements;
}

// QAS   000000010000000000000000                      24 bits, named above
Result<Status> decode_status(std::string_view payload) {
    if (payload.size() != status_bit_names.size() ||
        !std::all_of(payload.begin(), payload.end(), [](char c) { return c == '0' || c == '1'; })) {
        return garbled(qas.text, "24 bits expected", payload);
    }
    const auto bit = [&](std::size_t index) { return payload[index] == '1'; };
    if (bit(6) && bit(7)) {
        return garbled(qas.text, "on both sources at once", payload);
    }
    Status status;
    status.bits = payload;
    status.sources = {SourceBits{bit(0), bit(1), bit(2)}, SourceBits{bit(3), bit(4), bit(5)}};
    status.on_source2 = bit(6);
    status.on_source1 = bit(7);
    status.source2_preferred = bit(8);
    status.sync_bad = bit(9);
    status.aux1_power_fail = bit(10);
    status.aux2_power_fail = bit(11);
    status.short_circuit = bit(12);
    status.overload_fault = bit(13);
    status.overload_alarm = bit(14);
    status.fault_mode = bit(15);
    return status;
}

Result<Ratings> decode_ratings(std::string_view payload) {
    auto numbers = decode_numbers(rating_fields, split_fields(payload));
    if (!numbers) {
        return garbled(qri.text, numbers.error().message, payload);
    }
    const auto& n = *numbers;
    return Ratings{as<Volts>(n[0]), as<Amperes>(n[1]), as<Volts>(n[2]), as<Hertz>(n[3])};
}

}  // namespace pwlog::ats
