// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "backfill/run/content_check.h"
#include "backfill/run/stretch.h"
#include "base/clock.h"
#include "elastic/backoff.h"
#include "elastic/bulk_sender.h"

namespace pwlog {

struct SendOptions {
    SenderOptions sender{};
    ContentCheck* content_check = nullptr;  ///< gets what was there already; may be none
    /// A server of which nothing is heard that helps for so long ends the run; it can be resumed.
    std::chrono::milliseconds give_up_after = std::chrono::minutes(10);
    Backoff::Options backoff{};
};

/// Sends stretches until each of their documents is stored, was there already, or is refused for
/// good. One thread each.
class StretchSender {
  public:
    /// `trouble` is told each failure that is tried again, for people.
    static Result<StretchSender> open(const SendOptions& options, const Clock& clock,
                                      std::function<void(const std::string&)> trouble);

    /// Fills in stretch.tally and stretch.rejects. An Error means that the run cannot go on: a
    /// person has to act (`refused`), the server is away (`unavailable`), or `stopped`. Some of the
    /// documents may be stored then.
    Result<void> send(Stretch& stretch, const std::stop_token& stop);

  private:
    StretchSender(const SendOptions& options, const Clock& clock, BulkSender sender,
                  std::function<void(const std::string&)> trouble);
    void book(const SendReport& report, Stretch& stretch);
    Result<void> wait(const SendReport& report, const std::stop_token& stop);

    SendOptions options_;
    const Clock& clock_;
    BulkSender sender_;
    Backoff backoff_;
    std::function<void(const std::string&)> trouble_;
    SteadyTime last_progress_;
    bool ever_succeeded_ = false;
    std::vector<std::size_t> positions_;   // of what is still to be sent
    std::vector<DocumentView> documents_;  // the same
};

}  // namespace pwlog
