// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "document/metric_documents.h"
#include "sampling/nut_answer.h"

namespace pwlog {

/// Somebody who is shown, besides the spool, what was read and what happened. Called after the
/// commit, from the threads that read: whoever implements this must return at once, whatever
/// becomes of what it was shown.
class Witness {
  public:
    virtual ~Witness() = default;

    /// A whole cycle. `firmware`: empty where it is not known yet.
    virtual void saw(const PduContext& pdu, const std::string& firmware,
                     const PduReading& reading) = 0;
    virtual void saw(const AtsContext& ats, const std::string& firmware,
                     const AtsReading& reading) = 0;
    virtual void saw(const DeviceTag& ups, const UpsReading& reading) = 0;
    /// A device could not be read, after all retries.
    virtual void missed(const DeviceTag& device) = 0;
    /// An event, as it was kept.
    virtual void heard(const Document& event) = 0;
};

}  // namespace pwlog
