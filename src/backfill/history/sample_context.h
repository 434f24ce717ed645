// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "backfill/history/known_device.h"
#include "base/units.h"
#include "document/derive.h"
#include "document/document.h"

namespace pwlog {

/// What history does not say and the configuration or the command line may. All by device.id.
struct SampleContext {
    Origin origin;
    std::map<std::string, PduContext> devices{};  ///< of an ATS or UPS the tag alone
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
