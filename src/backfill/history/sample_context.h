// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backfill/history/known_device.h"
#include "base/units.h"
#include "document/document.h"
#include "document/tariff.h"

namespace pwlog {

/// What history does not say and the configuration or the command line may. All by device.id.
struct SampleContext {
    Origin origin;
    /// Names of the outlets 1 to 8, empty where there are none.
    std::map<std::string, std::vector<std::string>> outlet_names{};
    std::map<std::string, std::string> models{};
    std::map<std::string, std::string> names{};  ///< for people, in the messages of events
    std::map<std::string, Tariff> tariffs{};
    /// At which documents are made live: a source that has more is judged by its own pace.
    std::map<std::string, std::chrono::milliseconds> intervals{};
    /// Between two documents, where somebody said so: a source that has more is thinned to it.
    std::optional<std::chrono::milliseconds> interval{};
    /// Memory 18 of every ATS in it: the greatest angle at which it transfers, 0 = at any.
    std::optional<Degrees> acceptable_phases{};
    bool with_events = true;
    /// What the index has already; may be none.
    std::shared_ptr<KnownDevices> known{};
};

}  // namespace pwlog
