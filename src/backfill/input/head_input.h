// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "backfill/input/byte_input.h"

namespace pwlog {

/// Another input, whose first bytes can be looked at before they are read.
class HeadInput final : public ByteInput {
  public:
    static Result<std::unique_ptr<HeadInput>> open(std::unique_ptr<ByteInput> input);

    /// Six bytes where there are so many.
    std::string_view beginning() const { return head_; }

    Result<std::size_t> read(char* to, std::size_t size) override;
    Result<void> skip_to(std::uint64_t offset) override;
    std::uint64_t consumed() const override { return input_->consumed() - left_; }
    std::optional<std::uint64_t> total() const override { return input_->total(); }
    const std::string& damage() const override { return input_->damage(); }

  private:
    explicit HeadInput(std::unique_ptr<ByteInput> input) : input_(std::move(input)) {}

    std::unique_ptr<ByteInput> input_;
    std::string head_;
    std::size_t left_ = 0;  // of the head, not handed out yet
};

}  // namespace pwlog
