// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "document/document_kind.h"

namespace pwlog {

class IdentityScratch;

/// Which documents a run has made, so that two of one identity that say different things are
/// noticed. In memory are, for each series of documents, the spans of time in which it has some:
/// what comes in the order of time, or against it, needs no more. Only what falls into a span is
/// looked up, in a scratch file. One thread at a time.
class IdentityBook {
  public:
    /// `tell` gets why no scratch file can be had, once; from then on nothing is noticed.
    explicit IdentityBook(std::function<void(const std::string&)> tell = {});
    ~IdentityBook();
    IdentityBook(const IdentityBook&) = delete;
    IdentityBook& operator=(const IdentityBook&) = delete;

    enum class Seen {
        first,      ///< no document of this identity was made before
        again,      ///< one was, and it says the same
        otherwise,  ///< one was, and it says something else
    };
    /// `id`: that of the document, as it is sent.
    Seen note(const DocumentFacts& facts, std::string_view id, std::string_view json);

    /// One document: which one within its millisecond, when, and what it says.
    struct Entry {
        std::uint64_t key = 0;
        std::int64_t time = 0;
        std::uint64_t content = 0;
    };

  private:
    struct Span {
        std::int64_t first = 0;
        std::int64_t last = 0;
    };
    /// Documents of one device, kind and outlet.
    struct Series {
        std::uint64_t key = 0;    ///< of its documents, where the time alone tells them apart
        std::vector<Span> spans;  ///< apart from each other
        std::size_t current = 0;  ///< the one that grows
        int direction = 0;        ///< to later times, to earlier ones, not known yet
        std::vector<Entry> edge;  ///< of the time that it has grown to
    };
    using Device = std::array<Series, 14>;

    Series* series_of(const DocumentFacts& facts);
    Seen place(Series& series, const Entry& entry);
    Seen begin_span(Series& series, const Entry& entry);
    Seen look_up(const Entry& entry);
    void keep(const Entry& entry);

    std::function<void(const std::string&)> tell_;
    std::map<std::string, Device, std::less<>> devices_;
    std::pair<const std::string, Device>* last_device_ = nullptr;
    std::unique_ptr<IdentityScratch> scratch_;  // none: it could not be had
};

}  // namespace pwlog
