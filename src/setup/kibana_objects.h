// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace pwlog {

/// Which copies of the objects are meant.
struct KibanaChoice {
    /// Empty: the default space. Kibana knows an id once for all spaces and would give the objects
    /// random ones in a second, whereupon the links between them break; so in a space their ids
    /// begin with its name.
    std::string space{};
    std::filesystem::path folder{};  ///< a folder to use instead of what is in the program
};

/// `default` is no other than the default space. `invalid`: not the name of a space.
Result<KibanaChoice> choose_kibana_objects(const std::string& space,
                                           const std::filesystem::path& folder);

/// A saved object: dashboard, data view, saved search or tag.
struct KibanaObject {
    std::string type{};
    std::string id{};
    std::string line{};  ///< a line of the NDJSON that Kibana imports

    std::string label() const { return type + "/" + id; }
};

/// An alerting rule, which is created through an API of its own: an imported one arrives disabled.
struct KibanaRule {
    std::string name{};  ///< "overload", its file
    std::string id{};    ///< a UUID, the only fixed ids that Kibana takes for a rule
    std::string body{};  ///< what is POSTed

    std::string label() const { return "rule/" + name; }
};

/// In the order in which they refer to each other. `not_found`, `invalid`: the folder misses a file
/// or holds one that is not such an object.
Result<std::vector<KibanaObject>> load_kibana_objects(const KibanaChoice& choice);
Result<std::vector<KibanaRule>> load_kibana_rules(const KibanaChoice& choice);

/// Writes what would be sent into files below `folder`, and returns their names: one NDJSON for
/// importing by hand, and the rules.
Result<std::vector<std::string>> print_kibana_objects(const KibanaChoice& choice,
                                                      const std::filesystem::path& folder);

}  // namespace pwlog
