// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "document/sample.h"
#include "protocol/ats.h"
#include "protocol/pdu.h"

namespace pwlog {

/// The status characters of a device as far as its history has told them: what a sample does not
/// say is as it was last said, and '?' before that.
struct KnownStatus {
    std::string bits;

    static KnownStatus of_pdu();
    static KnownStatus of_ats();

    /// Of a PDU's or an outlet's sample, or an ATS's: derived already.
    void note(const Sample& sample);

    pdu::Status pdu_status() const;
    ats::Status ats_status() const;

    /// As saved in `bits`; what is no such text changes nothing.
    void restore(const std::string& saved) { bits = saved.size() == bits.size() ? saved : bits; }
};

}  // namespace pwlog
