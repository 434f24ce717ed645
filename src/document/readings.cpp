// SPDX-License-Identifier: MIT
#include "document/readings.h"

#include "base/units.h"

namespace pwlog {
namespace {

using enum Field;

void set_input(FieldValues& values, const pdu::Status& status) {
    values.set(pdu_input_v, value_of(status.input_voltage));
    values.set(pdu_input_hz, value_of(status.input_frequency));
    values.set(pdu_input_a, value_of(status.input_current));
    values.set(pdu_temperature_c, value_of(status.temperature));
    values.set(pdu_alarm_low_input_voltage, status.alarms.low_input_voltage);
    values.set(pdu_alarm_high_input_voltage, status.alarms.high_input_voltage);
    values.set(pdu_alarm_low_input_current, status.alarms.low_input_current);
    values.set(pdu_alarm_high_input_current, status.alarms.high_input_current);
    values.set(pdu_alarm_aux1_power_fail, status.alarms.aux1_power_fail);
    values.set(pdu_alarm_aux2_power_fail, status.alarms.aux2_power_fail);
}

void set_outlet(FieldValues& values, const pdu::Status& status, std::size_t index) {
    values.set(outlet_state, std::string(to_keyword(status.outlets[index])));
    values.set(outlet_state_code, static_cast<int>(status.outlets[index]));
    values.set(outlet_current_a, value_of(status.outlet_current[index]));
}

void set_measurements(FieldValues& values, const ats::Measurements& measured) {
    for (std::size_t i = 0; i < source_fields.size(); ++i) {
        values.set(source_fields[i].voltage, value_of(measured.sources[i].voltage));
        values.set(source_fields[i].frequency, value_of(measured.sources[i].frequency));
    }
    if (measured.load) {
        values.set(ats_load_pct, measured.load->value() / 100.0);
    }
    values.set(ats_output_a, value_of(measured.output_current));
    values.set(ats_sync_angle_deg, value_of(measured.sync_angle));
    values.set(ats_temperature_c, value_of(measured.temperature));
}

void set_status(FieldValues& values, const ats::Status& status) {
    values.set(ats_active_source, status.active_source());
    values.set(ats_preferred_source, status.preferred_source());
    for (std::size_t i = 0; i < source_fields.size(); ++i) {
        values.set(source_fields[i].voltage_bad, status.sources[i].voltage_bad);
        values.set(source_fields[i].freq_bad, status.sources[i].freq_bad);
        values.set(source_fields[i].wave_bad, status.sources[i].wave_bad);
    }
    values.set(ats_alarm_sync_bad, status.sync_bad);
    values.set(ats_alarm_aux1_power_fail, status.aux1_power_fail);
    values.set(ats_alarm_aux2_power_fail, status.aux2_power_fail);
    values.set(ats_alarm_short_circuit, status.short_circuit);
    values.set(ats_alarm_overload_fault, status.overload_fault);
    values.set(ats_alarm_overload, status.overload_alarm);
    values.set(ats_alarm_fault_mode, status.fault_mode);
}

}  // namespace

std::vector<Sample> samples_of(const pdu::Status& status, const pdu::ActivePower& power) {
    std::vector<Sample> samples(pdu::outlet_count + 1);
    set_input(samples[0].values, status);
    samples[0].values.set(pdu_power_w, value_of(power.input));
    for (std::size_t i = 0; i < pdu::outlet_count; ++i) {
        auto& sample = samples[i + 1];
        sample.kind = DocumentKind::outlet;
        sample.outlet = static_cast<int>(i) + 1;
        set_outlet(sample.values, status, i);
        sample.values.set(outlet_power_w, value_of(power.outlets[i]));
    }
    return samples;
}

std::vector<Sample> samples_of(const PduReading& reading, Timestamp time) {
    auto samples = samples_of(reading.status, reading.active_power);
    for (auto& sample : samples) {
        sample.time = time;
        sample.duration = reading.time.duration;
    }
    samples[0].values.set(pdu_power_va, value_of(reading.apparent_power.input));
    samples[0].values.set(pdu_energy_kwh, value_of(reading.energy.input));
    for (std::size_t i = 0; i < pdu::outlet_count; ++i) {
        auto& values = samples[i + 1].values;
        values.set(outlet_power_va, value_of(reading.apparent_power.outlets[i]));
        values.set(outlet_energy_kwh, value_of(reading.energy.outlets[i]));
        if (reading.countdowns) {
            values.set(outlet_shutdown_s, (*reading.countdowns)[i].shutdown_s);
            values.set(outlet_restore_s, (*reading.countdowns)[i].restore_s);
        }
    }
    return samples;
}

Sample sample_of(const AtsReading& reading, Timestamp time) {
    Sample sample;
    sample.kind = DocumentKind::ats;
    sample.time = time;
    sample.duration = reading.time.duration;
    set_measurements(sample.values, reading.measurements);
    set_status(sample.values, reading.status);
    return sample;
}

std::vector<std::string> obstacles_to_takeover(const AtsReading& reading,
                                               const AtsContext& context) {
    return obstacles_to_takeover(sample_of(reading, {}).values, context).value();
}

bool is_redundant(const AtsReading& reading, const AtsContext& context) {
    return obstacles_to_takeover(reading, context).empty();
}

}  // namespace pwlog
