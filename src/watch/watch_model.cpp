// SPDX-License-Identifier: MIT
#include "watch/watch_model.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>

#include <algorithm>
#include <utility>

#include "base/json_document.h"
#include "base/json_member.h"
#include "document/document.h"
#include "document/preamble.h"

namespace pwlog {

namespace {

using json::is_true;
using json::number;
using json::text;
using rapidjson::Pointer;
using rapidjson::Value;

/// As long as the widest terminal can show.
constexpr std::size_t longest_history = 240;

int whole(const Value& object, const char* key) {
    return static_cast<int>(number(object, key).value_or(0));
}

std::string in_words(std::string keyword) {
    std::replace(keyword.begin(), keyword.end(), '_', ' ');
    return keyword;
}

/// The names of the members of `alarm` that are true.
void add_alarms(const Value& object, DeviceView& view) {
    const Value& alarm = json::member(object, "alarm");
    if (!alarm.IsObject()) {
        return;
    }
    for (const auto& [name, value] : alarm.GetObject()) {
        if (value.IsTrue()) {
            view.alarms.push_back(in_words(name.GetString()));
        }
    }
}

DeviceView device_view(const DeviceStatus& device) {
    DeviceView view;
    view.id = device.id;
    view.reachable = device.reachable;
    view.sampled = device.last_sample;
    view.trouble = device.last_error;
    return view;
}

/// Calls `take` with the part of each document that is of this kind.
template <class Take>
void for_each(const DeviceStatus& device, std::string_view dataset_name, const char* part,
              const Take& take) {
    const std::string path = fmt::format("/powerwalker/{}", part);
    for (const auto& line : device.documents) {
        rapidjson::Document document;
        if (!json::parse(document, line) || !document.IsObject()) {
            continue;
        }
        const auto* const dataset_of = Pointer("/event/dataset").Get(document);
        const auto* const object = Pointer(path.c_str()).Get(document);
        if (dataset_of != nullptr && dataset_of->IsString() &&
            dataset_of->GetString() == dataset_name && object != nullptr && object->IsObject()) {
            take(*object);
        }
    }
}

OutletView outlet_view(const Value& object) {
    OutletView outlet;
    outlet.number = whole(object, "number");
    outlet.name = text(object, "name");
    outlet.state = text(object, "state");
    outlet.power_w = number(object, "power_w");
    outlet.power_va = number(object, "power_va");
    outlet.current_a = number(object, "current_a");
    outlet.power_factor = number(object, "power_factor");
    outlet.shutdown_s = number(object, "shutdown_s");
    outlet.restore_s = number(object, "restore_s");
    return outlet;
}

SourceView source_view(const Value& object, int source) {
    const auto key = [source](const char* what) {
        return fmt::format("source{}_{}", source, what);
    };
    SourceView view;
    view.voltage_v = number(object, key("v").c_str());
    view.frequency_hz = number(object, key("hz").c_str());
    for (const auto& [name, word] :
         {std::pair("voltage_bad", "voltage"), std::pair("freq_bad", "frequency"),
          std::pair("wave_bad", "wave")}) {
        if (is_true(object, key(name).c_str())) {
            view.faults.emplace_back(word);
        }
    }
    return view;
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

std::optional<PduView> pdu_view(const DeviceStatus& device) {
    std::optional<PduView> view;
    for_each(device, dataset::pdu, "pdu", [&](const Value& object) {
        view.emplace();
        static_cast<DeviceView&>(*view) = device_view(device);
        view->power_w = number(object, "power_w");
        view->power_va = number(object, "power_va");
        view->power_factor = number(object, "power_factor");
        view->input_v = number(object, "input_v");
        view->input_hz = number(object, "input_hz");
        view->input_a = number(object, "input_a");
        view->temperature_c = number(object, "temperature_c");
        view->energy_kwh = number(object, "energy_kwh");
        add_alarms(object, *view);
    });
    if (!view) {
        return view;
    }
    for_each(device, dataset::outlet, "outlet", [&](const Value& object) {
        view->outlets.push_back(outlet_view(object));
        const auto& outlet = view->outlets.back();
        if (outlet.state == "overload" || outlet.state == "locked" ||
            outlet.state == "shutdown_imminent") {
            view->alarms.push_back(fmt::format("outlet {} ({}) {}", outlet.number, outlet.name,
                                               in_words(outlet.state)));
        }
    });
    return view;
}

std::optional<AtsView> ats_view(const DeviceStatus& device) {
    std::optional<AtsView> view;
    for_each(device, dataset::ats, "ats", [&](const Value& object) {
        view.emplace();
        static_cast<DeviceView&>(*view) = device_view(device);
        view->active = whole(object, "active_source");
        view->preferred = whole(object, "preferred_source");
        view->redundant = is_true(object, "redundant");
        view->load = number(object, "load_pct");
        view->output_a = number(object, "output_a");
        view->sync_angle_deg = number(object, "sync_angle_deg");
        view->temperature_c = number(object, "temperature_c");
        if (view->active == 0) {
            view->alarms.emplace_back("the output hangs on no source");
        }
        for (int source = 1; source <= 2; ++source) {
            auto& of = view->sources.at(static_cast<std::size_t>(source) - 1);
            of = source_view(object, source);
            if (!of.faults.empty()) {
                view->alarms.push_back(
                    fmt::format("source {}: {} bad", source, fmt::join(of.faults, ", ")));
            }
        }
        add_alarms(object, *view);
    });
    return view;
}

std::optional<UpsView> ups_view(const DeviceStatus& device) {
    std::optional<UpsView> view;
    for_each(device, dataset::ups, "ups", [&](const Value& object) {
        view.emplace();
        static_cast<DeviceView&>(*view) = device_view(device);
        view->status = text(object, "status");
        if (const Value& on_battery = json::member(object, "on_battery"); on_battery.IsBool()) {
            view->on_battery = on_battery.GetBool();
        }
        view->low_battery = is_true(object, "low_battery");
        view->charge = number(object, "charge_pct");
        view->load = number(object, "load_pct");
        view->runtime_s = number(object, "runtime_s");
        view->input_v = number(object, "input_v");
        const std::string words = fmt::format(" {} ", view->status);
        for (const auto& [word, alarm] :
             {std::pair(" OB ", "on battery"), std::pair(" LB ", "low battery"),
              std::pair(" RB ", "replace battery"), std::pair(" OVER ", "overload")}) {
            if (words.find(word) != std::string::npos) {
                view->alarms.emplace_back(alarm);
            }
        }
        if (const auto alarm = text(object, "alarm"); !alarm.empty()) {
            view->alarms.push_back(alarm);
        }
    });
    return view;
}

void WatchHistory::note(const DaemonStatus& status) {
    for (const auto& device : status.devices) {
        if (!device.last_sample || seen_[device.id] == *device.last_sample) {
            continue;
        }
        seen_[device.id] = *device.last_sample;
        if (const auto pdu = pdu_view(device)) {
            for (const auto& outlet : pdu->outlets) {
                keep(values_[power_key(device.id, outlet.number)], outlet.power_w);
            }
        }
        if (const auto ats = ats_view(device)) {
            for (std::size_t i = 0; i < ats->sources.size(); ++i) {
                keep(values_[voltage_key(device.id, i)], ats->sources.at(i).voltage_v);
            }
        }
    }
}

void WatchHistory::fill(const DaemonStatus& status, WatchModel& model) const {
    const auto history = [this](const std::string& key) {
        const auto found = values_.find(key);
        return found == values_.end() ? History() : found->second;
    };
    for (const auto& device : status.devices) {
        auto pdu = pdu_view(device);
        auto ats = ats_view(device);
        if (pdu) {
            for (auto& outlet : pdu->outlets) {
                outlet.shutdown_s = left(outlet.shutdown_s, device, model.now);
                outlet.restore_s = left(outlet.restore_s, device, model.now);
                outlet.power_history = history(power_key(device.id, outlet.number));
            }
            model.pdus.push_back(*std::move(pdu));
        } else if (ats) {
            for (std::size_t i = 0; i < ats->sources.size(); ++i) {
                ats->sources.at(i).voltage_history = history(voltage_key(device.id, i));
            }
            model.ats.push_back(*std::move(ats));
        } else if (auto ups = ups_view(device)) {
            model.ups.push_back(*std::move(ups));
        } else {
            model.unread.push_back(device_view(device));
        }
    }
}

std::vector<std::string> all_alarms(const WatchModel& model) {
    std::vector<std::string> alarms;
    const auto add = [&alarms](const DeviceView& device) {
        if (!device.reachable) {
            alarms.push_back(device.id + ": unreachable");
        }
        for (const auto& alarm : device.alarms) {
            alarms.push_back(fmt::format("{}: {}", device.id, alarm));
        }
    };
    std::for_each(model.pdus.begin(), model.pdus.end(), add);
    std::for_each(model.ats.begin(), model.ats.end(), add);
    std::for_each(model.ups.begin(), model.ups.end(), add);
    for (const auto& device : model.unread) {
        if (!device.trouble.empty()) {
            add(device);
        }
    }
    return alarms;
}

}  // namespace pwlog
