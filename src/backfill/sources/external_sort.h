// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog {

/// One record of a sort. Its bytes are valid until the next one.
struct SortedRecord {
    std::int64_t key = 0;
    std::string_view bytes;
};

/// Puts records in the order of their keys; those of one key stay as they came. Memory does not
/// depend on how many there are: parts of `part_bytes` are sorted, written to a scratch file and
/// merged, `most_runs` at a time. What fits into one part needs no file. One thread at a time.
class ExternalSort {
  public:
    explicit ExternalSort(std::size_t part_bytes = std::size_t{512} * 1024,
                          std::size_t most_runs = 1024);
    ~ExternalSort();
    ExternalSort(const ExternalSort&) = delete;
    ExternalSort& operator=(const ExternalSort&) = delete;

    Result<void> add(std::int64_t key, std::string_view bytes);
    /// Once, when all are added.
    Result<void> begin_reading(const std::stop_token& stop);
    /// The next one in order; false at the end.
    Result<bool> next(SortedRecord& record);
    std::uint64_t count() const { return count_; }

  private:
    /// A part of the file that is in order.
    struct Run {
        std::int64_t begin = 0;
        std::int64_t end = 0;
        std::int64_t last_key = 0;
    };
    class Merge;

    void sort_part();
    Result<void> spill();
    Result<void> write_out();
    Result<void> merge_runs(const std::stop_token& stop);
    Result<void> merge_some(Merge& merge, const std::stop_token& stop);

    std::size_t part_bytes_;
    std::size_t most_runs_;
    std::uint64_t count_ = 0;
    std::string part_;                                          // as they came
    std::vector<std::pair<std::int64_t, std::size_t>> places_;  // of each: its key, where
    std::string sorted_;                                        // to be written
    UniqueFd file_;
    std::int64_t file_size_ = 0;
    std::vector<Run> runs_;
    std::unique_ptr<Merge> merge_;
};

}  // namespace pwlog
