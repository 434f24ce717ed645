#pragma once

#include <map>
#include <string>
#include <vector>

#include "backfill/map/sample_joiner.h"
#include "document/document.h"

namespace pwlog {

/// What history does not say and the configuration may.
struct SampleContext {
    Origin origin;
    /// By device.id: names of the outlets 1 to 8, empty where there are none.
    std::map<std::string, std::vector<std::string>> outlet_names;
    std::map<std::string, std::string> models;  ///< by device.id
};

/// The documents of one sample: the same fields, by the same rules, as those of a live reading that
/// knew as much. What was not known is absent, never zero.
std::vector<std::string> sample_documents(const SampleContext& context, const JoinedSample& sample);

}  // namespace pwlog
