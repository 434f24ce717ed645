#include "backfill/index_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/printable.h"

namespace pwlog {
namespace {

// A page is held as it came, beside what is made of it.
constexpr std::size_t page_bytes = std::size_t{160} * 1024;
constexpr std::size_t documents_of_a_group = 64;  // without an order of time
constexpr std::size_t most_documents = 10'000;    // index.max_result_window

}  // namespace

IndexInput::IndexInput(IndexSearch search, Group from)
    : search_(std::move(search)),
      time_(from.previous_time),
      complete_time_(from.previous_time),
      written_(from.offset),
      lines_(from.lines) {
    search_.begin_with(from.pit_id);
    groups_.push_back(std::move(from));
}

Result<void> IndexInput::start() {
    if (search_.pit_id().empty()) {
        if (auto begun = search_.begin(); !begun) {
            return begun;
        }
        if (!search_.by_time()) {
            forget_place();
        }
    }
    after_ = complete_time_.empty() ? std::string() : search_.behind(complete_time_);
    auto fetched = fetch();
    groups_.front() = {written_, lines_, complete_time_, search_.pit_id()};
    return fetched;
}

Result<std::size_t> IndexInput::read(char* to, std::size_t size) {
    std::size_t count = 0;
    while (count < size) {
        if (in_line_ == line_.size()) {
            if (count > 0 && next_hit_ == hits_.size()) {
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
    return {};
}

const IndexInput::Group& IndexInput::group_at(std::uint64_t offset) {
    while (groups_.size() > 1 && groups_[1].offset <= offset) {
        groups_.pop_front();
    }
    return groups_.front();
}

// False at the end.
Result<bool> IndexInput::next_line() {
    while (next_hit_ == hits_.size()) {
        if (last_page_) {
            return false;
        }
        if (const auto fetched = fetch(); !fetched) {
            return pass_on(fetched);
        }
    }
    const SearchHit& hit = hits_[next_hit_++];
    if (hit.source.empty()) {
        return fail(ErrorKind::invalid,
                    fmt::format("index {} keeps no _source: its documents cannot be read",
                                printable(hit.index)));
    }
    if (search_.by_time() ? hit.time != time_ : in_group_ == documents_of_a_group) {
        complete_time_ = time_;
        groups_.push_back({written_, lines_, complete_time_, search_.pit_id()});
        in_group_ = 0;
    }
    time_ = hit.time;
    ++in_group_;
    write_line(hit);
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

Result<void> IndexInput::fetch() {
    for (;;) {
        const auto page = search_.page(after_, size_);
        if (page) {
            if (take_page(**page)) {
                return {};
            }
            if (size_ == most_documents) {
                return fail(ErrorKind::full,
                            fmt::format("{} or more documents have the time {}: so many cannot be "
                                        "told apart without a point in time",
                                        most_documents, printable(hits_.front().time)));
            }
            too_small_ = size_;
            size_ = std::min(size_ * 4, most_documents);
        } else if (page.error().kind == ErrorKind::gone) {
            if (const auto begun = begin_again(page.error()); !begun) {
                return begun;
            }
        } else if (page.error().kind == ErrorKind::full && size_ / 2 > too_small_) {
            size_ /= 2;
        } else {
            return pass_on(page);
        }
    }
}

/// In another point in time what has the same time may have another order, so all of that is read
/// again; it is refused as there already. Without an order of time that is true of everything.
Result<void> IndexInput::begin_again(const Error& why) {
    const bool was_by_time = search_.by_time();
    began_again_ = true;
    if (auto begun = search_.begin(); !begun) {
        return begun;
    }
    if (!was_by_time || !search_.by_time()) {
        forget_place();
    }
    search_.query().tell(
        fmt::format("{}; the point in time is gone: going on with a new one, {}", why.message,
                    complete_time_.empty() ? "from the beginning" : "behind " + complete_time_));
    after_ = complete_time_.empty() ? std::string() : search_.behind(complete_time_);
    time_ = complete_time_;
    return {};
}

void IndexInput::forget_place() {
    complete_time_.clear();
    time_.clear();
}

// False where a larger page is needed.
bool IndexInput::take_page(const SearchPage& page) {
    hits_ = page.hits;
    next_hit_ = 0;
    last_page_ = hits_.size() < size_;
    if (search_.breaks_ties()) {
        if (!hits_.empty()) {
            after_ = hits_.back().sort;
        }
    } else if (!hits_.empty()) {
        // Behind a time all of its documents are left out, so a page takes whole groups only.
        if (!last_page_) {
            if (hits_.front().time == hits_.back().time) {
                hits_.resize(1);
                next_hit_ = 1;
                return false;
            }
            const auto cut = std::string(hits_.back().time);
            while (hits_.back().time == cut) {
                hits_.pop_back();
            }
        }
        after_ = search_.behind(std::string(hits_.back().time));
        sort_groups();
    }
    adapt_size(page);
    return true;
}

void IndexInput::sort_groups() {
    for (auto begin = hits_.begin(); begin != hits_.end();) {
        const auto end = std::find_if(
            begin, hits_.end(), [&](const SearchHit& hit) { return hit.time != begin->time; });
        std::sort(begin, end, [](const SearchHit& a, const SearchHit& b) {
            return std::tie(a.index, a.id) < std::tie(b.index, b.id);
        });
        begin = end;
    }
}

void IndexInput::adapt_size(const SearchPage& page) {
    if (page.hits.empty()) {
        return;
    }
    const auto& first = page.hits.front().source;
    const auto& last = page.hits.back().source;
    const auto bytes = static_cast<std::size_t>(last.data() + last.size() - first.data());
    const std::size_t fitting = page_bytes / std::max<std::size_t>(1, bytes / page.hits.size());
    size_ = std::clamp<std::size_t>(fitting, 2, most_documents);
    too_small_ = 0;
}

}  // namespace pwlog
