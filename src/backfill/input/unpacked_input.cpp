// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "backfill/input/byte_input.h"
#include "backfill/input/codec.h"
#include "backfill/input/file_input.h"
#include "backfill/input/head_input.h"

namespace pwlog {
namespace {

constexpr std::size_t packed_size = std::size_t{64} * 1024;

/// What a codec makes of another input's bytes.
class UnpackedInput final : public ByteInput {
  public:
    UnpackedInput(std::unique_ptr<ByteInput> packed, std::unique_ptr<Codec> codec)
        : packed_(std::move(packed)), codec_(std::move(codec)), buffer_(packed_size) {}

    Result<std::size_t> read(char* to, std::size_t size) override {
        std::size_t made = 0;
        while (made == 0 && !ended_) {
            if (!full_) {  // else the codec may have more without more input
                if (const auto filled = fill(); !filled) {
                    return pass_on(filled);
                }
            }
            if (!ended_) {
                made = unpack(to, size);
            }
        }
        unpacked_ += made;
        return made;
    }

    Result<void> skip_to(std::uint64_t offset) override {
        std::vector<char> ignored(packed_size);
        while (unpacked_ < offset) {
            const auto count =
                read(ignored.data(), std::min<std::uint64_t>(ignored.size(), offset - unpacked_));
            if (!count) {
                return pass_on(count);
            }
            if (*count == 0) {
                return fail(ErrorKind::invalid,
                            fmt::format("the input ends before its byte {}", offset));
            }
        }
        return {};
    }

    std::uint64_t consumed() const override { return packed_->consumed(); }
    std::optional<std::uint64_t> total() const override { return packed_->total(); }
    const std::string& damage() const override { return damage_; }

  private:
    // Reads more behind what the codec left over; sees to the end.
    Result<void> fill() {
        std::memmove(buffer_.data(), rest_.data(), rest_.size());
        const auto count =
            packed_->read(buffer_.data() + rest_.size(), buffer_.size() - rest_.size());
        if (!count) {
            return pass_on(count);
        }
        rest_ = {buffer_.data(), rest_.size() + *count};
        if (*count > 0) {
            return {};
        }
        ended_ = true;
        if (!packed_->damage().empty()) {
            damage_ = packed_->damage();
        } else if (codec_->state() == Codec::State::within || !rest_.empty()) {
            end_damaged(fmt::format("the {} data break off", codec_->name()));
        }
        return {};
    }

    std::size_t unpack(char* to, std::size_t size) {
        const bool another = members_ > 0 && codec_->state() == Codec::State::between;
        if (another) {  // xz and tapes pad with zeros
            rest_.remove_prefix(std::min(rest_.find_first_not_of('\0'), rest_.size()));
            began_ = unpacked_;
            if (rest_.empty()) {
                full_ = false;
                return 0;
            }
        }
        const std::size_t made = codec_->step(rest_, to, size);
        full_ = made == size || (!rest_.empty() && made > 0);
        if (codec_->state() == Codec::State::between) {
            members_ += 1;
            full_ = !rest_.empty();
        } else if (codec_->state() == Codec::State::damaged && members_ > 0 &&
                   unpacked_ + made == began_) {
            end_damaged(
                fmt::format("something that is not {0} follows the {0} data", codec_->name()));
        } else if (codec_->state() == Codec::State::damaged) {
            end_damaged(
                fmt::format("the {} data are damaged ({})", codec_->name(), codec_->problem()));
        }
        return made;
    }

    void end_damaged(std::string_view what) {
        ended_ = true;
        damage_ = fmt::format("{} after {} unpacked bytes; what came before it was used", what,
                              unpacked_);
    }

    std::unique_ptr<ByteInput> packed_;
    std::unique_ptr<Codec> codec_;
    std::vector<char> buffer_;
    std::string_view rest_{buffer_.begin(), buffer_.begin()};  // of the buffer, not unpacked yet
    bool full_ = false;
    bool ended_ = false;
    std::uint64_t members_ = 0;
    std::uint64_t began_ = 0;  // where the member of now began
    std::uint64_t unpacked_ = 0;
    std::string damage_;
};

/// What no reader of ours can take, and how to get at it. Empty: none of them.
std::string_view advice_for(std::string_view beginning) {
    if (beginning.starts_with("PK\x03\x04")) {
        return "a zip archive; give it as `unzip -p FILE | pwlog backfill -`, or save it as CSV "
               "where "
               "it is a spreadsheet (.xlsx, .ods)";
    }
    if (beginning.starts_with("7z\xbc\xaf")) {
        return "a 7z archive; unpack it first";
    }
    if (beginning.starts_with("SQLite")) {
        return "an SQLite database; export the table as CSV first (sqlite3 -csv -header)";
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<ByteInput>> open_input(const std::string& path,
                                              const std::stop_token& stop) {
    auto file = FileInput::open(path, stop);
    if (!file) {
        return pass_on(file);
    }
    std::unique_ptr<ByteInput> input = std::make_unique<FileInput>(std::move(*file));
    constexpr int most_layers = 3;  // UTF-16 within gzip is two
    for (int layer = 0; layer < most_layers; ++layer) {
        auto head = HeadInput::open(std::move(input));
        if (!head) {
            return pass_on(head);
        }
        if (const auto advice = advice_for((*head)->beginning()); !advice.empty()) {
            return fail(ErrorKind::invalid, fmt::format("{} is {}", path, advice));
        }
        auto codec = find_codec((*head)->beginning());
        input = std::move(*head);
        if (!codec) {
            break;
        }
        input = std::make_unique<UnpackedInput>(std::move(input), std::move(codec));
    }
    return input;
}

}  // namespace pwlog
