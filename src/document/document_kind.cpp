// SPDX-License-Identifier: MIT
#include "document/document_kind.h"

#include <array>
#include <utility>

#include "document/preamble.h"

namespace pwlog {
namespace {

constexpr std::array<std::pair<std::string_view, DocumentKind>, 6> kinds{{
    {dataset::outlet, DocumentKind::outlet},
    {dataset::pdu, DocumentKind::pdu},
    {dataset::ats, DocumentKind::ats},
    {dataset::ups, DocumentKind::ups},
    {dataset::logger, DocumentKind::logger},
    {dataset::event, DocumentKind::events},
}};

}  // namespace

std::string_view dataset_name(DocumentKind kind) {
    for (const auto& [name, its_kind] : kinds) {
        if (its_kind == kind) {
            return name;
        }
    }
    return {};
}

std::optional<DocumentKind> document_kind(std::string_view dataset) {
    for (const auto& [name, kind] : kinds) {
        if (name == dataset) {
            return kind;
        }
    }
    return std::nullopt;
}

}  // namespace pwlog
