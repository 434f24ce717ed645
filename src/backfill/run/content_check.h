// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elastic/http.h"
#include "elastic/server_url.h"

namespace pwlog {

/// Looks at some of the documents that were "there already": whether what is there says the same.
/// An identity proves no content where another program, another map or other derived values made
/// the document in the index.
class ContentCheck {
  public:
    struct Findings {
        std::size_t looked_at = 0;  ///< found in the index and compared
        std::size_t differ = 0;
        std::string example;  ///< of the first that differs: when, which field
    };

    /// One that was there already; the first of them are kept. Any thread.
    void note(std::string_view index, std::string_view json);
    /// Asks for each; what a search doesn't show (yet) counts for nothing. None on a server that
    /// doesn't let us look.
    Findings compare(const std::vector<ServerUrl>& servers, const HttpOptions& http,
                     const std::stop_token& stop) const;

  private:
    static constexpr std::size_t most = 100;

    mutable std::mutex mutex_;
    std::vector<std::pair<std::string, std::string>> kept_;  // index and document
};

}  // namespace pwlog
