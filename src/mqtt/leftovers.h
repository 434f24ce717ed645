// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "mqtt/connection.h"
#include "mqtt/state_board.h"

namespace pwlog {

/// Whether it is an announcement of this logger's, of a device that it does not announce any more.
class Leftovers {
  public:
    Leftovers(const std::string& discovery_prefix, std::string presence_topic,
              const BoardOptions& board);

    bool include(const Incoming& message) const;

  private:
    bool is_ours(const std::string& payload) const;

    std::string prefix_;
    std::string presence_;
    std::vector<std::string> current_;
};

}  // namespace pwlog
