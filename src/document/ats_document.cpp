#include <array>

#include "document/metric_documents.h"
#include "document/preamble.h"

namespace pwlog {
namespace {

struct SourceNames {
    const char* voltage;
    const char* frequency;
    const char* voltage_bad;
    const char* freq_bad;
    const char* wave_bad;
};
constexpr std::array<SourceNames, 2> source_names{{
    {"source1_v", "source1_hz", "source1_voltage_bad", "source1_freq_bad", "source1_wave_bad"},
    {"source2_v", "source2_hz", "source2_voltage_bad", "source2_freq_bad", "source2_wave_bad"},
}};

void write_alarms(JsonObject& json, const ats::Status& status) {
    json.open("alarm");
    json.add("sync_bad", status.sync_bad);
    json.add("aux1_power_fail", status.aux1_power_fail);
    json.add("aux2_power_fail", status.aux2_power_fail);
    json.add("short_circuit", status.short_circuit);
    json.add("overload_fault", status.overload_fault);
    json.add("overload", status.overload_alarm);
    json.add("fault_mode", status.fault_mode);
    json.close();
}

/// Least and greatest where there were readings between two documents.
void write_extremes(JsonObject& json, const AtsExtremes& extremes) {
    const auto write = [&](const std::string& name, const auto& range) {
        json.add(name + "_min", value_of(range.least()));
        json.add(name + "_max", value_of(range.greatest()));
    };
    for (std::size_t i = 0; i < source_names.size(); ++i) {
        write(source_names[i].voltage, extremes.voltage[i]);
    }
    write("output_a", extremes.output_current);
    if (extremes.load.least()) {
        json.add("load_pct_min", extremes.load.least()->value() / 100.0);
        json.add("load_pct_max", extremes.load.greatest()->value() / 100.0);
    }
}

}  // namespace

std::vector<std::string> obstacles_to_takeover(const AtsReading& reading,
                                               const AtsContext& context) {
    const int active = reading.status.active_source();
    if (active == 0) {
        return {"no_source"};
    }
    std::vector<std::string> obstacles;
    const auto note = [&](bool is_there, const char* name) {
        if (is_there) {
            obstacles.emplace_back(name);
        }
    };
    const auto& standby = reading.status.sources[active == 1 ? 1 : 0];
    // 0: the device takes over at any angle, in step or not. Until it has said so, being out of
    // step counts.
    const auto limit = context.acceptable_phases.value_or(Degrees(0));
    const bool any_angle = context.acceptable_phases == Degrees(0);
    const auto angle = reading.measurements.sync_angle;
    note(standby.voltage_bad, "voltage_bad");
    note(standby.freq_bad, "freq_bad");
    note(standby.wave_bad, "wave_bad");
    note(reading.status.sync_bad && !any_angle, "sync_bad");
    note(limit.value() > 0 && angle && angle->value() > limit.value(), "angle");
    note(reading.status.fault_mode, "fault_mode");
    return obstacles;
}

bool is_redundant(const AtsReading& reading, const AtsContext& context) {
    return obstacles_to_takeover(reading, context).empty();
}

Document ats_document(const Origin& origin, const AtsContext& context, const AtsReading& reading,
                      Timestamp time, const std::optional<AtsExtremes>& extremes,
                      const std::string& capsule) {
    const auto& measured = reading.measurements;
    const auto& status = reading.status;
    JsonObject json;
    write_preamble(json, origin, context.device, dataset::ats, "metric", time);
    if (!capsule.empty()) {
        json.add("id", capsule);
    }
    close_event(json, reading.time.duration);
    json.open("powerwalker");
    json.open("ats");
    for (std::size_t i = 0; i < source_names.size(); ++i) {
        json.add(source_names[i].voltage, value_of(measured.sources[i].voltage));
        json.add(source_names[i].frequency, value_of(measured.sources[i].frequency));
    }
    json.add("active_source", status.active_source());
    json.add("preferred_source", status.preferred_source());
    if (measured.load) {
        json.add("load_pct", measured.load->value() / 100.0);
    }
    json.add("output_a", value_of(measured.output_current));
    json.add("sync_angle_deg", value_of(measured.sync_angle));
    json.add("temperature_c", value_of(measured.temperature));
    if (extremes) {
        write_extremes(json, *extremes);
    }
    if (!capsule.empty()) {
        json.add("capsule", true);
    }
    json.add("redundant", is_redundant(reading, context));
    for (std::size_t i = 0; i < source_names.size(); ++i) {
        json.add(source_names[i].voltage_bad, status.sources[i].voltage_bad);
        json.add(source_names[i].freq_bad, status.sources[i].freq_bad);
        json.add(source_names[i].wave_bad, status.sources[i].wave_bad);
    }
    write_alarms(json, status);
    json.close();
    json.close();
    return {metric_id(context.device.id, dataset::ats, 0, time), json.take()};
}

}  // namespace pwlog
