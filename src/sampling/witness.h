// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "document/metric_documents.h"
#include "sampling/nut_answer.h"

namespace pwlog {

/// Somebody who is shown, besides the spool, what was read and what happened; each of it, or only
/// what is of use there. Called from the threads that read: whoever implements this must return at
/// once, whatever becomes of what it was shown.
class Witness {
  public:
    virtual ~Witness() = default;

    /// A whole cycle, after its commit. `firmware`: empty where it is not known yet.
    virtual void saw(const PduContext&, const std::string& /*firmware*/, const PduReading&) {}
    virtual void saw(const AtsContext&, const std::string& /*firmware*/, const AtsReading&) {}
    virtual void saw(const DeviceTag& /*ups*/, const UpsReading&) {}
    /// A device could not be read, after all retries.
    virtual void missed(const DeviceTag&) {}
    /// An event, as it was kept.
    virtual void heard(const Document& /*event*/) {}

    /// Something was committed.
    virtual void committed() {}
    /// A device's cycle is being read, so that its documents are still to come; and that is over,
    /// whatever came of it.
    virtual void cycle_begins() {}
    virtual void cycle_ended() {}
};

}  // namespace pwlog
