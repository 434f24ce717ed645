#pragma once

#include <string>

#include "backfill/input/byte_input.h"
#include "base/unique_fd.h"

namespace pwlog {

/// A file or pipe as it is.
class FileInput final : public ByteInput {
  public:
    static Result<FileInput> open(const std::string& path);

    Result<std::size_t> read(char* to, std::size_t size) override;
    Result<void> skip_to(std::uint64_t offset) override;
    std::uint64_t consumed() const override { return consumed_; }
    std::optional<std::uint64_t> total() const override { return total_; }
    const std::string& damage() const override { return damage_; }

  private:
    FileInput(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

    std::string path_;
    UniqueFd fd_;
    std::uint64_t consumed_ = 0;
    std::optional<std::uint64_t> total_;
    std::string damage_;
};

}  // namespace pwlog
