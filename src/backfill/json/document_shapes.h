// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backfill/json/json_scanner.h"
#include "document/document_kind.h"

namespace pwlog {

/// Lines that were found good, to check the next ones by: those of one device and kind differ in
/// some values only. Where a line is byte for byte the same as a known one it is good as that was;
/// where it differs, it must differ in a value, and the value there is read anew by all the rules.
/// Names, order, brackets, dataset, device: everything else is the same bytes. Any other line is
/// not recalled, which says nothing about it. A third of the time of a full check, measured on our
/// documents. What the line says as a whole (`facts.content`) comes along in the same way.
class DocumentShapes {
  public:
    /// True: the line is a good document, and `facts` are its own.
    bool recall(std::string_view line, DocumentFacts& facts);
    /// A line that passed the full check, with where its values stand.
    void remember(std::string_view line, const std::vector<JsonLeaf>& leaves,
                  const DocumentFacts& facts);

  private:
    /// A value, and the stretch of the line in which it stands.
    struct Place {
        JsonLeaf leaf;
        std::size_t begin = 0;
        std::size_t end = 0;
        std::uint64_t content = 0;
        std::uint64_t name = 0;  ///< the hash of the name, where the stretch is...
        bool is_member = false;  ///< ...a name and this value, as short as it can be
    };
    struct Shape {
        std::string line;
        std::vector<Place> places;
        std::vector<std::size_t> varying;  // those of them that have differed, in order
        DocumentFacts facts;
        std::size_t follower = 0;  // which shape came next the last time
    };
    static Place place_of(const JsonLeaf& leaf, std::string_view line);
    static std::uint64_t content_of(const Place& place, std::string_view stretch,
                                    std::size_t value);
    bool read_value(JsonScanner& scanner, JsonLeaf::Role role, DocumentFacts& facts);
    bool matches(Shape& shape, std::string_view line, DocumentFacts& facts);
    bool take(std::size_t shape, std::string_view line, DocumentFacts& facts);

    static constexpr std::size_t most_shapes = 512;  // fifty PDUs and ATSs have 150
    static constexpr std::size_t most_for_nothing = 6;
    std::vector<Shape> shapes_;
    std::size_t last_ = 0;
    std::size_t oldest_ = 0;                // goes when another is to be remembered
    std::size_t searched_for_nothing_ = 0;  // in a row
    std::size_t not_searched_ = 0;          // so many lines that are not expected, for that reason
    std::string last_time_text_;  // with its quotes: the documents of one reading have one time
    Timestamp last_time_{};
};

}  // namespace pwlog
