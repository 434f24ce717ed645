// SPDX-License-Identifier: MIT
#include "backfill/json/document_shapes.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "backfill/json/content_hash.h"
#include "base/parse_number.h"
#include "base/timestamp_text.h"

namespace pwlog {
namespace {

// A line longer than this is not kept: ours are far shorter, and each shape keeps one.
constexpr std::size_t longest_line = 8192;

std::uint64_t word_at(const char* text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    return word;
}

std::size_t common_prefix(const char* a, const char* b, std::size_t size) {
    const auto difference = [&](std::size_t at) { return word_at(a + at) ^ word_at(b + at); };
    std::size_t at = 0;
    while (at + 32 <= size &&
           (difference(at) | difference(at + 8) | difference(at + 16) | difference(at + 24)) == 0) {
        at += 32;
    }
    if constexpr (std::endian::native == std::endian::little) {
        for (; at + 8 <= size; at += 8) {
            if (const auto different = difference(at); different != 0) {
                return at + static_cast<std::size_t>(std::countr_zero(different)) / 8;
            }
        }
    }
    while (at < size && a[at] == b[at]) {
        ++at;
    }
    return at;
}

/// Mostly it has that text already.
void set(std::string& text, const std::string& wanted) {
    if (text != wanted) {
        text = wanted;
    }
}

}  // namespace

/// Reads the value at the cursor by the role that it has; false: not as simple as that.
bool DocumentShapes::read_value(JsonScanner& scanner, JsonLeaf::Role role, DocumentFacts& facts) {
    std::string_view raw;
    switch (role) {
        case JsonLeaf::Role::plain:
            if (is_digit(scanner.peek())) {
                return scanner.number(raw);
            }
            return scanner.peek() != '{' && scanner.peek() != '[' && scanner.skip_value(0);
        case JsonLeaf::Role::timestamp:
            if (last_time_text_.empty() || !scanner.take(last_time_text_)) {
                if (!scanner.string(raw) || scanner.had_escape()) {
                    return false;
                }
                const auto time = parse_rfc3339(raw);
                if (!time) {
                    return false;
                }
                last_time_text_ = '"';
                last_time_text_ += raw;
                last_time_text_ += '"';
                last_time_ = *time;
            }
            facts.time = last_time_;
            return true;
        case JsonLeaf::Role::outlet:
            if (!scanner.number(raw) || raw.size() != 1 || raw[0] < '1' || raw[0] > '8') {
                return false;
            }
            facts.outlet = raw[0] - '0';
            return true;
        case JsonLeaf::Role::identity:
            break;
    }
    return false;
}

DocumentShapes::Place DocumentShapes::place_of(const JsonLeaf& leaf, std::string_view line) {
    Place place{leaf, leaf.begin, leaf.end, 0};
    while (place.begin > 0 && !is_stretch_end(line[place.begin - 1])) {
        --place.begin;
    }
    while (place.end < line.size() && !is_stretch_end(line[place.end])) {
        ++place.end;
    }
    place.content = content_hash(line.substr(place.begin, place.end - place.begin));
    const auto before = line.substr(place.begin, leaf.begin - place.begin);
    if (before.ends_with("\":")) {
        place.name = hash_of(before.substr(0, before.size() - 1));
        place.is_member = place.content ==
                          member_hash(place.name, line.substr(leaf.begin, leaf.end - leaf.begin));
    }
    return place;
}

/// Of a stretch that differs from the known one in its value only, which begins at `begin`.
std::uint64_t DocumentShapes::content_of(const Place& place, std::string_view stretch,
                                         std::size_t begin) {
    const auto value = stretch.substr(begin, stretch.size() - begin - (place.end - place.leaf.end));
    const auto holds_an_end = [&] {  // which only a text can
        return value.front() == '"' && std::any_of(value.begin(), value.end(), is_stretch_end);
    };
    return place.is_member && !holds_an_end() ? member_hash(place.name, value)
                                              : content_hash(stretch);
}

bool DocumentShapes::matches(Shape& shape, std::string_view line, DocumentFacts& facts) {
    const std::string_view known = shape.line;
    std::size_t next = 0;     // of the places
    std::size_t varying = 0;  // of the varying ones
    std::uint64_t content = shape.facts.content.value_or(0);
    std::size_t in_known = 0;
    std::size_t in_line = 0;
    for (;;) {
        // What differed before mostly does so again: up to there at once.
        const bool last = varying == shape.varying.size();
        const auto until = last ? known.size() : shape.places[shape.varying[varying]].leaf.begin;
        const bool same_so_far =
            line.substr(in_line).starts_with(known.substr(in_known, until - in_known));
        if (same_so_far) {
            in_line += until - in_known;
            in_known = until;
            if (last) {
                facts.content = content;
                return in_line == line.size();
            }
            next = shape.varying[varying];
        } else {
            const std::size_t same =
                common_prefix(known.data() + in_known, line.data() + in_line,
                              std::min(until - in_known, line.size() - in_line));
            in_known += same;
            in_line += same;
            // `12` against `1,`: the difference may stand right behind a value.
            while (next < shape.places.size() && shape.places[next].leaf.end < in_known) {
                ++next;
            }
            if (next == shape.places.size() || shape.places[next].leaf.begin > in_known) {
                return false;
            }
        }
        const Place& place = shape.places[next];
        const auto& leaf = place.leaf;
        const std::size_t begin = in_line - (in_known - leaf.begin);
        JsonScanner scanner(line.substr(begin));
        if (!read_value(scanner, leaf.role, facts) || scanner.beyond_ascii()) {
            return false;
        }
        if (!same_so_far) {
            shape.varying.insert(shape.varying.begin() + static_cast<std::ptrdiff_t>(varying),
                                 next);
        }
        in_known = leaf.end;
        in_line = begin + scanner.where();
        // What stands around the value in its stretch is the same, or the line is not recalled.
        const std::size_t before = leaf.begin - place.begin;
        const std::size_t behind = place.end - leaf.end;
        const auto stretch = line.substr(begin - before, before + scanner.where() + behind);
        content += content_of(place, stretch, before) - place.content;
        ++next;
        ++varying;
    }
}

bool DocumentShapes::take(std::size_t index, std::string_view line, DocumentFacts& facts) {
    Shape& shape = shapes_[index];
    facts.time = shape.facts.time;
    facts.outlet = shape.facts.outlet;
    if (!matches(shape, line, facts)) {
        return false;
    }
    facts.kind = shape.facts.kind;
    set(facts.device, shape.facts.device);
    set(facts.action, shape.facts.action);
    set(facts.event_id, shape.facts.event_id);
    shapes_[last_].follower = index;
    last_ = index;
    return true;
}

bool DocumentShapes::recall(std::string_view line, DocumentFacts& facts) {
    if (shapes_.empty()) {
        return false;
    }
    const std::size_t expected = shapes_[last_].follower;
    // An outlet's is followed by another outlet's, or by what comes behind the last one.
    if (take(expected, line, facts) || (last_ != expected && take(last_, line, facts))) {
        return true;
    }
    if (not_searched_ > 0) {
        --not_searched_;
        return false;
    }
    // In the order in which they first came, so that a device that is missing for once costs
    // little.
    for (std::size_t step = 1; step < shapes_.size(); ++step) {
        if (take((expected + step) % shapes_.size(), line, facts)) {
            searched_for_nothing_ = 0;
            return true;
        }
    }
    // Where more are new than can be kept, looking through all would cost more than it ever saves.
    if (shapes_.size() == most_shapes) {
        searched_for_nothing_ = std::min(searched_for_nothing_ + 1, most_for_nothing);
        not_searched_ = std::size_t{1} << searched_for_nothing_;
    }
    return false;
}

void DocumentShapes::remember(std::string_view line, const std::vector<JsonLeaf>& leaves,
                              const DocumentFacts& facts) {
    if (line.size() > longest_line) {
        return;
    }
    if (shapes_.size() < most_shapes) {
        oldest_ = shapes_.size();
        shapes_.emplace_back();
    }
    Shape& shape = shapes_[oldest_];
    shape.line = line;
    shape.places.clear();
    shape.varying.clear();
    for (const auto& leaf : leaves) {
        shape.places.push_back(place_of(leaf, line));
    }
    shape.facts = facts;
    shape.facts.content = content_hash(line);
    shape.follower = oldest_;
    shapes_[last_].follower = oldest_;
    last_ = oldest_;
    oldest_ = (oldest_ + 1) % most_shapes;
}

}  // namespace pwlog
