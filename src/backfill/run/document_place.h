// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace pwlog {

/// Where a walk through a document is, as far as it matters. Names may be nested or dotted:
/// Elasticsearch takes both.
enum class DocumentPlace {
    elsewhere,
    root,
    event,
    device,
    powerwalker,
    outlet,
    timestamp_value,
    dataset_value,
    action_value,
    event_id_value,
    device_value,
    number_value,
    source_value,
    id_value,
    bulk_action,
    unusable_action,
    hits,
};

/// The place that `key` leads to.
DocumentPlace place_below(DocumentPlace parent, std::string_view key);

}  // namespace pwlog
