// SPDX-License-Identifier: MIT
#include "watch/watch_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "document/read.h"

namespace pwlog {

namespace {

/// As long as the widest terminal can show.
constexpr std::size_t longest_history = 240;

std::string in_words(std::string keyword) {
    std::replace(keyword.begin(), keyword.end(), '_', ' ');
    return keyword;
}

void add_outlet_alarms(DeviceView& view) {
    for (const auto& outlet : view.outlets) {
        const auto state = outlet.state();
        if (state == "overload" || state == "locked" || state == "shutdown_imminent") {
            view.alarms.push_back(
                fmt::format("outlet {} ({}) {}", outlet.number(), outlet.name(), in_words(state)));
        }
    }
}

void add_ats_alarms(DeviceView& view) {
    if (view.source(Field::ats_active_source) == 0) {
        view.alarms.emplace_back("the output hangs on no source");
    }
    for (std::size_t i = 0; i < source_fields.size(); ++i) {
        if (const auto faults = source_faults(view, i); !faults.empty()) {
            view.alarms.push_back(fmt::format("source {}: {} bad", i + 1, fmt::join(faults, ", ")));
        }
    }
}

void add_ups_alarms(DeviceView& view) {
    const std::string words = fmt::format(" {} ", view.values.text_or_none(Field::ups_status));
    for (const auto& [word, alarm] :
         {std::pair(" OB ", "on battery"), std::pair(" LB ", "low battery"),
          std::pair(" RB ", "replace battery"), std::pair(" OVER ", "overload")}) {
        if (words.find(word) != std::string::npos) {
            view.alarms.emplace_back(alarm);
        }
    }
    if (const auto* const alarm = view.values.text(Field::ups_alarm); alarm && !alarm->empty()) {
        view.alarms.push_back(*alarm);
    }
}

/// Those of its `alarm.` fields that are true, in words.
void add_flagged(DeviceView& view) {
    constexpr std::string_view flag = "alarm.";
    for (const auto& [field, value] : view.values) {
        const auto path = row_of(field).path;
        if (path.starts_with(flag) && value == FieldValue(true)) {
            view.alarms.push_back(in_words(std::string(path.substr(flag.size()))));
        }
    }
}

std::string power_key(const std::string& device, int outlet) {
    return fmt::format("{}/{}", device, outlet);
}

std::string voltage_key(const std::string& device, std::size_t source) {
    return fmt::format("{}/source{}", device, source + 1);
}

/// What is left of a countdown that the device's last sample saw.
std::optional<double> left(const std::optional<double>& seconds, const DeviceStatus& device,
                           Timestamp now) {
    if (!seconds || !device.last_sample) {
        return seconds;
    }
    const std::chrono::duration<double> age = now - *device.last_sample;
    return std::max(0.0, *seconds - std::max(0.0, age.count()));
}

void keep(History& history, std::optional<double> value) {
    if (value) {
        history.push_back(*value);
    }
    if (history.size() > longest_history) {
        history.pop_front();
    }
}

}  // namespace

DeviceView device_view(const DeviceStatus& device) {
    DeviceView view{device.id, device.reachable, device.last_sample, device.last_error};
    for (const auto& line : device.documents) {
        auto sample = read(line);
        if (!sample || sample->kind == DocumentKind::logger) {
            continue;
        }
        if (sample->kind == DocumentKind::outlet) {
            view.outlets.push_back({std::move(sample->values)});
        } else {
            view.kind = sample->kind;
            view.values = std::move(sample->values);
        }
    }
    if (view.kind == DocumentKind::ats) {
        add_ats_alarms(view);
    } else if (view.kind == DocumentKind::ups) {
        add_ups_alarms(view);
    }
    add_flagged(view);
    add_outlet_alarms(view);
    return view;
}

std::vector<std::string> source_faults(const DeviceView& ats, std::size_t source) {
    const auto& fields = source_fields.at(source);
    std::vector<std::string> faults;
    for (const auto& [field, word] :
         {std::pair(fields.voltage_bad, "voltage"), std::pair(fields.freq_bad, "frequency"),
          std::pair(fields.wave_bad, "wave")}) {
        if (ats.values.flag(field) == true) {
            faults.emplace_back(word);
        }
    }
    return faults;
}

void WatchHistory::note(const DaemonStatus& status) {
    for (const auto& device : status.devices) {
        if (!device.last_sample || seen_[device.id] == *device.last_sample) {
            continue;
        }
        seen_[device.id] = *device.last_sample;
        const auto view = device_view(device);
        for (const auto& outlet : view.outlets) {
            keep(values_[power_key(device.id, outlet.number())],
                 outlet.values.number(Field::outlet_power_w));
        }
        for (std::size_t i = 0; view.kind == DocumentKind::ats && i < source_fields.size(); ++i) {
            keep(values_[voltage_key(device.id, i)], view.values.number(source_fields[i].voltage));
        }
    }
}

void WatchHistory::fill(const DaemonStatus& status, WatchModel& model) const {
    const auto history = [this](const std::string& key) {
        const auto found = values_.find(key);
        return found == values_.end() ? History() : found->second;
    };
    for (const auto& device : status.devices) {
        auto view = device_view(device);
        for (auto& outlet : view.outlets) {
            for (const auto field : {Field::outlet_shutdown_s, Field::outlet_restore_s}) {
                outlet.values.set(field, left(outlet.values.number(field), device, model.now));
            }
            outlet.power_history = history(power_key(device.id, outlet.number()));
        }
        for (std::size_t i = 0; i < view.voltage_history.size(); ++i) {
            view.voltage_history[i] = history(voltage_key(device.id, i));
        }
        model.devices.push_back(std::move(view));
    }
}

std::vector<std::string> all_alarms(const WatchModel& model) {
    std::vector<std::string> alarms;
    for (const auto& device : model.devices) {
        if (!device.reachable && (device.kind || !device.trouble.empty())) {
            alarms.push_back(device.id + ": unreachable");
        }
        for (const auto& alarm : device.alarms) {
            alarms.push_back(fmt::format("{}: {}", device.id, alarm));
        }
    }
    return alarms;
}

}  // namespace pwlog
