// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "document/document.h"

namespace pwlog {

/// The six kinds of document there are.
enum class DocumentKind { pdu, outlet, ats, ups, logger, events };

/// `powerwalker.pdu` … and back.
std::string_view dataset_name(DocumentKind kind);
std::optional<DocumentKind> document_kind(std::string_view dataset);

/// What decides where a document belongs and which one it is.
struct DocumentFacts {
    DocumentKind kind = DocumentKind::pdu;
    Timestamp time{};
    int outlet = 0;        ///< 1 to 8 for an outlet's document, 0 for the others
    std::string device;    ///< device.id
    std::string action;    ///< event.action of an event, else empty
    std::string event_id;  ///< event.id of an event: its own `_id`, or that of its beginning
    /// A number for all that it says, where reading it brought one along.
    std::optional<std::uint64_t> content{};

    Family family() const {
        return kind == DocumentKind::events ? Family::events : Family::metrics;
    }
};

}  // namespace pwlog
