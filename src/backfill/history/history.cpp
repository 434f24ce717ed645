// SPDX-License-Identifier: MIT
#include "backfill/history/history.h"

#include <rapidjson/document.h>

#include "base/json_document.h"
#include "base/json_object.h"

namespace pwlog {

DeviceHistory& History::device(const std::string& id) {
    return devices_.try_emplace(id, id, context_).first->second;
}

void History::begin_source() {
    for (auto& [id, device] : devices_) {
        device.begin_source();
    }
}

std::vector<Document> History::documents_of(const JoinedSample& sample) {
    return device(sample.device).documents_of(sample);
}

std::vector<Document> History::finish() {
    std::vector<Document> documents;
    for (auto& [id, device] : devices_) {
        if (!more_follow_) {
            device.finish(documents);
        }
    }
    return documents;
}

std::string History::save() const {
    JsonObject json;
    for (const auto& [id, device] : devices_) {
        json.add(id, device.save());
    }
    return json.take();
}

Result<void> History::restore(std::string_view text) {
    rapidjson::Document saved;
    if (auto parsed = json::parse(saved, text); !parsed || !saved.IsObject()) {
        return fail(ErrorKind::corrupt, "what was saved of the devices cannot be read");
    }
    devices_.clear();
    for (const auto& member : saved.GetObject()) {
        if (member.value.IsString()) {
            device({member.name.GetString(), member.name.GetStringLength()})
                .restore({member.value.GetString(), member.value.GetStringLength()});
        }
    }
    return {};
}

}  // namespace pwlog
