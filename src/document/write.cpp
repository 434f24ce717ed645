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

std::string SampleWriter::json(const Origin& origin, const DeviceTag& device,
                               const Sample& sample) {
    constexpr std::size_t before_time = std::string_view(R"({"@timestamp":")").size();
    constexpr std::size_t behind_values = std::string_view("}}").size();
    auto& frame = frames_.at(static_cast<std::size_t>(sample.kind));
    if (frame.empty()) {
        frame = write(origin, device, {sample.kind, sample.outlet, sample.time, {}}).json;
        frame.resize(frame.size() - behind_values - std::string_view("{}").size());
    }
    JsonObject values;
    write_values(values, sample.values);
    const auto text = values.take();
    std::string document;
    document.reserve(frame.size() + text.size() + behind_values);
    document += frame;
    const auto time = format_time(sample.time);
    document.replace(before_time, time.size(), time);
    document += text;
    document.append(behind_values, '}');
    return document;
}

}  // namespace pwlog
