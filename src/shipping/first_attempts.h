// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "elastic/bulk_sender.h"
#include "spool/batch.h"

namespace pwlog {

/// A document that nobody here ever sent and that is there already was written by another logger of
/// the same device.id. Finds those of which that is sure; docs/shipping.md says what makes it so.
/// One thread.
class FirstAttempts {
  public:
    /// Before the first sample. `newest`: the time of the spool's newest entry, which an earlier
    /// process may have sent, and `losable` how much more it may have sent that a power cut took.
    FirstAttempts(Timestamp started, std::optional<Timestamp> newest,
                  std::chrono::milliseconds losable);

    /// Rejects those of a batch's documents that another wrote: what stands under their identity is
    /// not them. To be called with every batch that was tried. `exported`: up to this time
    /// documents left the spool for elsewhere. Returns the device.id of each.
    std::vector<std::string> put_aside_conflicts(const Batch& batch, SendReport& report,
                                                 Timestamp exported, Timestamp now);

  private:
    bool is_first(const std::string& id, Timestamp time);

    // Up to it a document may have gone out from an earlier process; the second one holds where the
    // clock may be behind.
    Timestamp sent_until_;
    Timestamp sent_until_if_unsure_;
    /// By device, dataset and outlet, or event: the newest one tried.
    std::map<std::string, Timestamp, std::less<>> newest_tried_;
};

}  // namespace pwlog
