// SPDX-License-Identifier: MIT
#include "backfill/sources/external_sort.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <span>

#include "backfill/input/scratch_file.h"
#include "base/write_all.h"

namespace pwlog {
namespace {

/// Before each record, in memory and in the file.
struct Head {
    std::int64_t key;
    std::uint64_t size;
};

Head head_at(std::string_view bytes, std::size_t at) {
    Head head{};
    std::memcpy(&head, bytes.data() + at, sizeof head);
    return head;
}

tl::unexpected<Error> failed(const char* why) {
    return fail(ErrorKind::io,
                fmt::format("the scratch file for putting rows in order of time: {} (is there "
                            "room in $TMPDIR, else in /var/tmp?)",
                            why));
}

/// One run, record by record, in pieces of about `room` bytes.
class RunReader {
  public:
    RunReader(int file, std::int64_t begin, std::int64_t end, std::size_t room)
        : file_(file), next_(begin), end_(end), room_(room) {}
    /// A run that is in memory.
    explicit RunReader(std::string bytes) : bytes_(std::move(bytes)) {}

    /// Goes to the next record; false: there is none.
    Result<bool> advance() {
        at_ += record_;
        record_ = 0;
        auto has = have(sizeof(Head));
        if (has && *has) {
            const std::size_t size = sizeof(Head) + head_at(bytes_, at_).size;
            has = have(size);
            record_ = size;
            if (has && !*has) {
                return failed("it ends too early");
            }
        }
        return has;
    }
    SortedRecord record() const {
        return {head_at(bytes_, at_).key,
                std::string_view(bytes_).substr(at_ + sizeof(Head), record_ - sizeof(Head))};
    }

  private:
    Result<bool> have(std::size_t size) {
        if (bytes_.size() - at_ >= size) {
            return true;
        }
        bytes_.erase(0, at_);
        at_ = 0;
        while (bytes_.size() < size && next_ < end_) {
            const std::size_t before = bytes_.size();
            const auto more =
                std::min(static_cast<std::int64_t>(std::max(room_, size) - before), end_ - next_);
            bytes_.resize(before + static_cast<std::size_t>(more));
            const ssize_t count =
                pread(file_, bytes_.data() + before, static_cast<std::size_t>(more), next_);
            if (count <= 0) {
                return failed(count < 0 ? std::strerror(errno) : "it ends too early");
            }
            bytes_.resize(before + static_cast<std::size_t>(count));
            next_ += count;
        }
        return bytes_.size() >= size;
    }

    int file_ = -1;
    std::int64_t next_ = 0;
    std::int64_t end_ = 0;
    std::size_t room_ = 0;
    std::string bytes_;
    std::size_t at_ = 0;
    std::size_t record_ = 0;  // how long the current one is, with its head
};

}  // namespace

/// Runs as one, in order; of one key those of the run that was added first come first.
class ExternalSort::Merge {
  public:
    Result<void> add(RunReader run) {
        auto has = run.advance();
        if (has && *has) {
            waiting_.emplace_back(run.record().key, runs_.size());
            std::push_heap(waiting_.begin(), waiting_.end(), std::greater());
            runs_.push_back(std::move(run));
        }
        return has ? Result<void>{} : pass_on(has);
    }

    /// All of `runs`, with as much memory for all of them as one part has.
    Result<void> add_all(int file, std::span<const Run> runs, std::size_t memory) {
        constexpr std::size_t most = std::size_t{64} * 1024;
        Result<void> added;
        for (std::size_t i = 0; i < runs.size() && added; ++i) {
            added = add({file, runs[i].begin, runs[i].end, std::min(memory / runs.size(), most)});
        }
        return added;
    }

    Result<bool> next(SortedRecord& record) {
        if (is_out_) {  // the record in front
            auto& run = runs_[waiting_.front().second];
            const auto has = run.advance();
            if (!has) {
                return has;
            }
            std::pop_heap(waiting_.begin(), waiting_.end(), std::greater());
            if (*has) {
                waiting_.back().first = run.record().key;
                std::push_heap(waiting_.begin(), waiting_.end(), std::greater());
            } else {
                waiting_.pop_back();
            }
        }
        is_out_ = !waiting_.empty();
        if (is_out_) {
            record = runs_[waiting_.front().second].record();
        }
        return is_out_;
    }

  private:
    std::vector<RunReader> runs_;
    std::vector<std::pair<std::int64_t, std::size_t>> waiting_;  // a heap: key, which run
    bool is_out_ = false;
};

ExternalSort::ExternalSort(std::size_t part_bytes, std::size_t most_runs)
    : part_bytes_(part_bytes), most_runs_(most_runs) {}

ExternalSort::~ExternalSort() = default;

Result<void> ExternalSort::add(std::int64_t key, std::string_view bytes) {
    if (!places_.empty() && part_.size() + sizeof(Head) + bytes.size() > part_bytes_) {
        if (auto spilled = spill(); !spilled) {
            return spilled;
        }
    }
    if (part_.empty()) {
        part_.reserve(part_bytes_);
    }
    const Head head{key, bytes.size()};
    places_.emplace_back(key, part_.size());
    part_.append(reinterpret_cast<const char*>(&head), sizeof head);
    part_ += bytes;
    ++count_;
    return {};
}

void ExternalSort::sort_part() {
    std::sort(places_.begin(), places_.end());
    sorted_.clear();
    sorted_.reserve(part_.size());
    for (const auto& [key, at] : places_) {
        sorted_.append(part_, at, sizeof(Head) + head_at(part_, at).size);
    }
}

Result<void> ExternalSort::spill() {
    sort_part();
    const auto begin = file_size_;
    const auto written = write_out();
    // What goes on where the run before ended is part of it.
    if (runs_.empty() || places_.front().first < runs_.back().last_key) {
        runs_.push_back({begin, 0, 0});
    }
    runs_.back().end = file_size_;
    runs_.back().last_key = places_.back().first;
    part_.clear();
    places_.clear();
    return written;
}

Result<void> ExternalSort::write_out() {
    if (!file_) {
        file_ = open_scratch_file();
    }
    if (!file_ || !write_all(file_.get(), sorted_)) {
        return failed(std::strerror(errno));
    }
    file_size_ += static_cast<std::int64_t>(sorted_.size());
    sorted_.clear();
    return {};
}

Result<void> ExternalSort::begin_reading(const std::stop_token& stop) {
    sort_part();
    auto last = std::exchange(sorted_, {});
    part_ = {};
    places_ = {};
    if (auto merged = merge_runs(stop); !merged) {
        return merged;
    }
    merge_ = std::make_unique<Merge>();
    auto added = merge_->add_all(file_.get(), runs_, part_bytes_);
    return added ? merge_->add(RunReader(std::move(last))) : added;
}

/// To fewer and longer ones, by way of another file, while they are too many to be merged at once.
Result<void> ExternalSort::merge_runs(const std::stop_token& stop) {
    while (runs_.size() > most_runs_) {
        const auto from = std::exchange(file_, UniqueFd());
        const auto runs = std::exchange(runs_, {});
        file_size_ = 0;
        for (std::size_t first = 0; first < runs.size(); first += most_runs_) {
            const auto count = std::min(most_runs_, runs.size() - first);
            Merge merge;
            auto merged =
                merge.add_all(from.get(), std::span(runs).subspan(first, count), part_bytes_);
            runs_.push_back({file_size_, 0, 0});
            merged = merged ? merge_some(merge, stop) : merged;
            if (!merged) {
                return merged;
            }
            runs_.back().end = file_size_;
        }
    }
    return {};
}

Result<void> ExternalSort::merge_some(Merge& merge, const std::stop_token& stop) {
    SortedRecord record;
    for (;;) {
        const auto more = merge.next(record);
        if (!more) {
            return pass_on(more);
        }
        if (*more) {
            const Head head{record.key, record.bytes.size()};
            sorted_.append(reinterpret_cast<const char*>(&head), sizeof head);
            sorted_ += record.bytes;
        }
        if (!*more || sorted_.size() >= part_bytes_) {
            auto written = write_out();
            if (!*more || !written) {
                return written;
            }
            if (stop.stop_requested()) {
                return fail(ErrorKind::stopped, "asked to stop");
            }
        }
    }
}

Result<bool> ExternalSort::next(SortedRecord& record) { return merge_->next(record); }

}  // namespace pwlog
