// SPDX-License-Identifier: MIT
#include "backfill/index/index_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/parse_number.h"
#include "base/printable.h"

namespace pwlog {
namespace {

// Of each slice a page is used and another one waits, each held as it came.
constexpr std::size_t bytes_of_all_pages = std::size_t{320} * 1024;
constexpr std::size_t documents_of_a_group = 64;  // without an order of time

/// Sort values of a date are whole numbers; whatever else there is comes in one slice.
bool is_before(std::string_view a, std::string_view b) {
    return parse_number<std::int64_t>(a).value_or(0) < parse_number<std::int64_t>(b).value_or(0);
}

}  // namespace

IndexInput::IndexInput(IndexSearch search, Group from)
    : search_(std::move(search)), written_(from.offset), lines_(from.lines) {
    search_.begin_with(from.pit_id);
    groups_.push_back(std::move(from));
}

Result<void> IndexInput::start() {
    const bool goes_on = !search_.pit_id().empty();
    if (!goes_on) {
        if (auto begun = search_.begin(); !begun) {
            return begun;
        }
    }
    if (!go_to(goes_on || search_.by_time() ? groups_.front().place : "")) {
        return fail(ErrorKind::corrupt, "the saved place is not one of this kind of source");
    }
    if (auto opened = open_slices(); !opened) {
        return opened;
    }
    if (const auto first = peek(); !first) {
        return pass_on(first);
    }
    groups_.clear();
    begin_group();
    return {};
}

Result<std::size_t> IndexInput::read(char* to, std::size_t size) {
    std::size_t count = 0;
    while (count < size) {
        if (in_line_ == line_.size()) {
            if (count > 0 && would_wait()) {
                break;  // what is there first, before a page is waited for
            }
            const auto more = next_line();
            if (!more) {
                return pass_on(more);
            }
            if (!*more) {
                break;
            }
        }
        const std::size_t part = std::min(size - count, line_.size() - in_line_);
        std::memcpy(to + count, line_.data() + in_line_, part);
        in_line_ += part;
        count += part;
    }
    return count;
}

Result<void> IndexInput::skip_to(std::uint64_t offset) {
    seeking_ = true;
    while (written_ - (line_.size() - in_line_) < offset) {
        if (in_line_ == line_.size()) {
            const auto more = next_line();
            if (!more) {
                return pass_on(more);
            }
            if (!*more) {
                return fail(ErrorKind::corrupt, "the saved place is not in this index any more");
            }
        }
        const std::uint64_t left = offset - (written_ - (line_.size() - in_line_));
        in_line_ +=
            static_cast<std::size_t>(std::min<std::uint64_t>(left, line_.size() - in_line_));
    }
    seeking_ = false;
    return {};
}

// False at the end.
Result<bool> IndexInput::next_line() {
    const auto next = peek();
    if (!next) {
        return pass_on(next);
    }
    if (*next == nullptr) {
        return false;
    }
    const SearchHit& hit = **next;
    if (hit.source.empty()) {
        return fail(ErrorKind::invalid,
                    fmt::format("index {} keeps no _source: its documents cannot be read",
                                printable(hit.index)));
    }
    if (search_.by_time() ? hit.time != time_
                          : in_group_ == documents_of_a_group || current_ != group_slice_) {
        complete_time_ = time_;
        begin_group();
    }
    time_ = hit.time;
    ++in_group_;
    write_line(hit);
    if (!search_.by_time()) {
        behind_[current_] = hit.sort;
    }
    slices_[current_]->take();
    return true;
}

void IndexInput::write_line(const SearchHit& hit) {
    line_ = fmt::format(R"({{"_index":"{}","_id":"{}","_source":)", hit.index, hit.id);
    const std::size_t source = line_.size();
    line_ += hit.source;
    line_ += "}\n";
    // A source comes as it was sent; within texts JSON has no line ends.
    std::replace_if(
        line_.begin() + static_cast<std::ptrdiff_t>(source), line_.end() - 1,
        [](char c) { return c == '\n' || c == '\r'; }, ' ');
    in_line_ = 0;
    written_ += line_.size();
    lines_ += 1;
}

// ---- the slices ----

// The next hit, of slice `current_`; null at the end.
Result<const SearchHit*> IndexInput::peek() {
    for (;;) {
        auto hit = search_.by_time() ? earliest() : in_turn();
        if (hit || hit.error().kind != ErrorKind::gone) {
            return hit;
        }
        if (const auto begun = begin_again(hit.error()); !begun) {
            return pass_on(begun);
        }
    }
}

// Of the same time, that of the first slice, so that their order stays within a point in time.
Result<const SearchHit*> IndexInput::earliest() {
    const SearchHit* first = nullptr;
    for (std::size_t i = 0; i < slices_.size(); ++i) {
        auto hit = slices_[i]->next();
        if (!hit) {
            return hit;
        }
        if (*hit != nullptr && (first == nullptr || is_before((*hit)->time, first->time))) {
            first = *hit;
            current_ = i;
        }
    }
    return first;
}

Result<const SearchHit*> IndexInput::in_turn() {
    if (slices_[current_]->turns_page() && !seeking_) {
        current_ = (current_ + 1) % slices_.size();
    }
    for (std::size_t tried = 0; tried < slices_.size(); ++tried) {
        auto hit = slices_[current_]->next();
        if (!hit || *hit != nullptr) {
            return hit;
        }
        current_ = (current_ + 1) % slices_.size();
    }
    return nullptr;
}

bool IndexInput::would_wait() const {
    return search_.by_time() ? std::any_of(slices_.begin(), slices_.end(),
                                           [](const auto& slice) { return slice->turns_page(); })
                             : slices_[current_]->turns_page();
}

Result<void> IndexInput::open_slices() {
    slices_.clear();
    const std::size_t count = search_.by_time() ? search_.slices() : behind_.size();
    for (std::size_t i = 0; i < count; ++i) {
        auto first = search_.first_page();
        first.slice = i;
        first.slices = count;
        if (!search_.by_time()) {
            first.after = behind_[i];
        } else if (!complete_time_.empty()) {
            first.after = search_.behind(complete_time_);
        }
        auto slice =
            IndexSlice::open(search_.client(), std::move(first), bytes_of_all_pages / 2 / count);
        if (!slice) {
            return pass_on(slice);
        }
        slices_.push_back(std::move(*slice));
        slices_.back()->begin();
    }
    return {};
}

/// In another point in time what has the same time may have another order, so all of that is read
/// again; it is refused as there already. Without an order of time that is true of everything.
Result<void> IndexInput::begin_again(const Error& why) {
    const bool was_by_time = search_.by_time();
    began_again_ = true;
    slices_.clear();
    if (auto begun = search_.begin(); !begun) {
        return begun;
    }
    go_to(was_by_time && search_.by_time() ? complete_time_ : "");
    search_.query().tell(
        fmt::format("{}; the point in time is gone: going on with a new one, {}", why.message,
                    complete_time_.empty() ? "from the beginning" : "behind " + complete_time_));
    if (auto opened = open_slices(); !opened) {
        return opened;
    }
    begin_group();
    return {};
}

// ---- places ----

std::string IndexInput::place() const {
    if (search_.by_time()) {
        return complete_time_;
    }
    std::string text = fmt::format("{}", current_);
    for (const auto& last : behind_) {
        text += last.empty() ? " -" : " " + last;
    }
    return text;
}

// False where it is none. Empty: the beginning.
bool IndexInput::go_to(std::string place) {
    complete_time_.clear();
    behind_.clear();
    current_ = 0;
    if (search_.by_time()) {
        complete_time_ = std::move(place);
    } else if (place.empty()) {
        behind_.resize(search_.slices());
    } else {
        const auto end = std::min(place.find(' '), place.size());
        std::from_chars(place.data(), place.data() + end, current_);
        for (std::size_t at = end; at < place.size();) {
            const auto next = std::min(place.find(' ', at + 1), place.size());
            auto last = place.substr(at + 1, next - at - 1);
            behind_.push_back(last == "-" ? std::string() : std::move(last));
            at = next;
        }
    }
    time_ = complete_time_;
    return search_.by_time() || current_ < behind_.size();
}

void IndexInput::begin_group() {
    const auto pit_id = slices_[current_]->pit_id();
    if (!pit_id.empty() && !search_.pit_id().empty()) {
        search_.begin_with(pit_id);
    }
    groups_.push_back({written_, lines_, place(), search_.pit_id()});
    in_group_ = 0;
    group_slice_ = current_;
}

const IndexInput::Group& IndexInput::group_at(std::uint64_t offset) {
    while (groups_.size() > 1 && groups_[1].offset <= offset) {
        groups_.pop_front();
    }
    return groups_.front();
}

}  // namespace pwlog
