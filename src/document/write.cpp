// SPDX-License-Identifier: MIT
#include "document/write.h"

namespace pwlog {
namespace {

/// `alarm.overload` stands in an object of its own.
void write_values(JsonObject& json, const FieldValues& values) {
    std::string_view open;
    for (const auto& [field, value] : values) {
        auto name = row_of(field).path;
        const auto dot = name.find('.');
        const auto group = dot == name.npos ? std::string_view() : name.substr(0, dot);
        if (group != open && !open.empty()) {
            json.close();
        }
        if (group != open && !group.empty()) {
            json.open(group);
        }
        open = group;
        name.remove_prefix(dot == name.npos ? 0 : dot + 1);
        std::visit([&](const auto& plain) { json.add(name, plain); }, value);
    }
    if (!open.empty()) {
        json.close();
    }
}

}  // namespace

Document write(const Origin& origin, const DeviceTag& device, const Sample& sample,
               std::string_view manufacturer) {
    const auto dataset = dataset_name(sample.kind);
    JsonObject json;
    write_preamble(json, origin, device, dataset, "metric", sample.time, manufacturer);
    if (!sample.event_id.empty()) {
        json.add("id", sample.event_id);
    }
    close_event(json, sample.duration);
    json.open("powerwalker");
    json.open(dataset.substr(dataset.find('.') + 1));
    write_values(json, sample.values);
    json.close();
    json.close();
    return {metric_id(device.id, dataset, sample.outlet, sample.time),
            index_name(Family::metrics, sample.time), json.take()};
}

}  // namespace pwlog
