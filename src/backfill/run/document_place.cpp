// SPDX-License-Identifier: MIT
#include "backfill/run/document_place.h"

#include <array>
#include <utility>

namespace pwlog {
namespace {

DocumentPlace below_root(std::string_view key) {
    constexpr std::array<std::pair<std::string_view, DocumentPlace>, 18> places{{
        {"@timestamp", DocumentPlace::timestamp_value},
        {"event", DocumentPlace::event},
        {"device", DocumentPlace::device},
        {"powerwalker", DocumentPlace::powerwalker},
        {"event.dataset", DocumentPlace::dataset_value},
        {"event.action", DocumentPlace::action_value},
        {"event.id", DocumentPlace::event_id_value},
        {"device.id", DocumentPlace::device_value},
        {"powerwalker.outlet", DocumentPlace::outlet},
        {"powerwalker.outlet.number", DocumentPlace::number_value},
        {"_source", DocumentPlace::source_value},
        {"_id", DocumentPlace::id_value},
        {"create", DocumentPlace::bulk_action},
        {"index", DocumentPlace::bulk_action},
        {"update", DocumentPlace::unusable_action},
        {"delete", DocumentPlace::unusable_action},
        {"hits", DocumentPlace::hits},
        {"pit_id", DocumentPlace::hits},
    }};
    for (const auto& [name, place] : places) {
        if (key == name) {
            return place;
        }
    }
    return DocumentPlace::elsewhere;
}

}  // namespace

DocumentPlace place_below(DocumentPlace parent, std::string_view key) {
    switch (parent) {
        case DocumentPlace::root:
            return below_root(key);
        case DocumentPlace::event:
            return key == "dataset"  ? DocumentPlace::dataset_value
                   : key == "action" ? DocumentPlace::action_value
                   : key == "id"     ? DocumentPlace::event_id_value
                                     : DocumentPlace::elsewhere;
        case DocumentPlace::device:
            return key == "id" ? DocumentPlace::device_value : DocumentPlace::elsewhere;
        case DocumentPlace::powerwalker:
            return key == "outlet"          ? DocumentPlace::outlet
                   : key == "outlet.number" ? DocumentPlace::number_value
                                            : DocumentPlace::elsewhere;
        case DocumentPlace::outlet:
            return key == "number" ? DocumentPlace::number_value : DocumentPlace::elsewhere;
        case DocumentPlace::bulk_action:
            return key == "_id" ? DocumentPlace::id_value : DocumentPlace::elsewhere;
        default:
            return DocumentPlace::elsewhere;
    }
}

}  // namespace pwlog
