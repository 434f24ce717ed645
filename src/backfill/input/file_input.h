// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>

#include "backfill/input/byte_input.h"
#include "base/unique_fd.h"

namespace pwlog {

/// Whether it can be read again: only then there is a state, a lock and files beside it. What
/// stands for a descriptor, as `/dev/stdin` and a shell's `<(…)` do, is none whatever is behind it.
bool is_regular_file(const std::string& path);

/// A file or pipe as it is.
class FileInput final : public ByteInput {
  public:
    static Result<FileInput> open(const std::string& path, const std::stop_token& stop = {});

    Result<std::size_t> read(char* to, std::size_t size) override;
    Result<void> skip_to(std::uint64_t offset) override;
    std::uint64_t consumed() const override { return consumed_; }
    std::optional<std::uint64_t> total() const override { return total_; }
    const std::string& damage() const override { return damage_; }

  private:
    FileInput(std::string path, UniqueFd fd, std::stop_token stop)
        : path_(std::move(path)), fd_(std::move(fd)), stop_(std::move(stop)) {}
    Result<void> wait() const;

    std::string path_;
    UniqueFd fd_;
    std::stop_token stop_;
    std::uint64_t consumed_ = 0;
    std::optional<std::uint64_t> total_;
    std::string damage_;
};

}  // namespace pwlog
