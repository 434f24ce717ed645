// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.h"
#include "base/result.h"
#include "elastic/index_mode.h"

namespace pwlog {

/// One thing that `setup` puts into Elasticsearch.
struct SetupObject {
    enum class Kind { ilm, component_template, index_template };

    Kind kind = Kind::component_template;
    std::string name{};
    std::string body{};  ///< JSON, as it is PUT

    std::string label()
        const;                 ///< "component_template/powerwalker-base", for people and file names
    std::string path() const;  ///< "/_component_template/powerwalker-base"
};

/// What the objects depend on.
struct SetupChoice {
    IndexMode index_mode = IndexMode::time_series;
    bool lifecycle = true;    ///< false where the server has none: its component is left out
    bool serverless = false;  ///< which sets shards and replicas itself, and refuses them
    std::optional<std::chrono::days> retention{};  ///< none: as in the file
    std::filesystem::path mappings{};  ///< a folder to use instead of what is in the program
};

/// The objects in the order in which they have to be written. `not_found`, `invalid`: `mappings`
/// misses a file or holds one that is no JSON.
Result<std::vector<SetupObject>> load_setup_objects(const SetupChoice& choice);

/// A file of this program, or the one of its name in `folder` where that is given. `not_found`.
Result<std::string> read_file(const EmbeddedFile& file, const std::filesystem::path& folder);
/// With the folders above it; returns its name.
Result<std::string> write_file(const std::filesystem::path& file, const std::string& text);

/// The version that stands in the `_meta` of the templates in this program.
std::int64_t template_version();

/// Whether `stored` has all that is in `wanted`. Servers write numbers and booleans of settings as
/// texts, and add defaults of their own: neither is a difference. Lists have to be equal.
bool covers(std::string_view stored, const char* pointer, std::string_view wanted);

/// The retention that setup gave a stored policy, so that a later setup does not change it unasked.
std::optional<std::chrono::days> stored_retention(std::string_view policy_answer);

}  // namespace pwlog
