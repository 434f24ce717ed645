// SPDX-License-Identifier: MIT
#include "cli/backfill/backfill_places.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

#include "backfill/index/index_address.h"
#include "backfill/input/file_input.h"
#include "elastic/json.h"

namespace pwlog {
namespace {

namespace fs = std::filesystem;

fs::path user_state_folder() {
    const char* state = std::getenv("XDG_STATE_HOME");
    const char* home = std::getenv("HOME");
    fs::path folder = state != nullptr && *state == '/' ? fs::path(state)
                      : home != nullptr                 ? fs::path(home) / ".local/state"
                                                        : fs::path("/var/tmp");
    folder /= "pwlog";
    std::error_code ignored;  // opening the file will tell
    fs::create_directories(folder, ignored);
    return folder;
}

}  // namespace

BackfillPlaces find_places(const std::string& source, const std::string& state_file,
                           const std::string& rejects_file) {
    BackfillPlaces places{state_file, rejects_file};
    if (source == "-" || (!is_index_address(source) && !is_regular_file(source))) {
        if (places.rejects_file.empty()) {
            places.rejects_file = user_state_folder() / "backfill.rejects";
        }
        return places;
    }
    const bool remote = is_index_address(source);
    std::error_code error;
    const fs::path here = remote ? fs::path() : fs::current_path(error);
    const fs::path path = remote ? fs::path(source) : (here / source).lexically_normal();
    const bool beside = !remote && access(path.parent_path().c_str(), W_OK) == 0;
    const fs::path base =
        beside ? path
               : user_state_folder() / fmt::format("{}-{:016x}",
                                                   remote ? "index" : path.filename().string(),
                                                   std::hash<std::string>{}(path.string()));
    if (places.state_file.empty()) {
        places.state_file = base.string() + ".pwlog-state";
    }
    if (places.rejects_file.empty()) {
        places.rejects_file = base.string() + ".rejects";
    }
    return places;
}

std::string cluster_name(HttpClient& client, const ServerUrl& server) {
    const auto reply = client.send(server, {.path = "/"});
    const auto uuid = reply ? json_text(reply->body, "/cluster_uuid") : std::string();
    return uuid.empty() || uuid == "_na_" ? server.text() : uuid;
}

}  // namespace pwlog
