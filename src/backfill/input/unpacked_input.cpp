#include "backfill/input/unpacked_input.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>
#include <vector>

namespace pwlog {
namespace {

constexpr std::size_t packed_size = std::size_t{64} * 1024;

/// What both formats share: packed bytes at hand, a count of unpacked ones, and the end.
class UnpackedInput : public ByteInput {
  public:
    explicit UnpackedInput(FileInput file) : file_(std::move(file)), packed_(packed_size) {}

    Result<std::size_t> read(char* to, std::size_t size) override {
        std::size_t made = 0;
        while (made == 0 && !ended_) {
            if (next_ == filled_) {
                const auto count = file_.read(packed_.data(), packed_.size());
                if (!count) {
                    return pass_on(count);
                }
                next_ = 0;
                filled_ = *count;
                packed_ended_ = *count == 0;
            }
            made = unpack(to, size);
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

    std::uint64_t consumed() const override { return file_.consumed(); }
    std::optional<std::uint64_t> total() const override { return file_.total(); }
    const std::string& damage() const override { return damage_; }

  protected:
    /// Makes up to `size` bytes of packed_[next_, filled_); calls end() at the end.
    virtual std::size_t unpack(char* to, std::size_t size) = 0;

    void end() { ended_ = true; }
    void end_damaged(std::string_view what) {
        ended_ = true;
        damage_ = fmt::format("{} after {} unpacked bytes; what came before it was used", what,
                              unpacked_);
    }

    FileInput file_;
    std::vector<char> packed_;
    std::size_t next_ = 0;
    std::size_t filled_ = 0;
    bool packed_ended_ = false;

  private:
    std::uint64_t unpacked_ = 0;
    bool ended_ = false;
    std::string damage_;
};

class GzipInput final : public UnpackedInput {
  public:
    explicit GzipInput(FileInput file) : UnpackedInput(std::move(file)) {
        constexpr int gzip_only = 16;
        inflateInit2(&stream_, MAX_WBITS + gzip_only);
    }
    ~GzipInput() override { inflateEnd(&stream_); }

  private:
    std::size_t unpack(char* to, std::size_t size) override {
        if (packed_ended_ && between_members_) {
            end();
            return 0;
        }
        if (packed_ended_) {
            end_damaged("the gzip data break off");
            return 0;
        }
        between_members_ = false;
        stream_.next_in = reinterpret_cast<Bytef*>(packed_.data() + next_);
        stream_.avail_in = static_cast<uInt>(filled_ - next_);
        stream_.next_out = reinterpret_cast<Bytef*>(to);
        stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30U));
        const uInt room = stream_.avail_out;
        const int code = inflate(&stream_, Z_NO_FLUSH);
        next_ = filled_ - stream_.avail_in;
        if (code == Z_STREAM_END) {
            inflateReset(&stream_);
            between_members_ = true;
            members_ += 1;
        } else if (code != Z_OK && code != Z_BUF_ERROR) {
            broken(code);
        }
        return room - stream_.avail_out;
    }

    void broken(int code) {
        if (members_ > 0 && stream_.total_out == 0) {
            // Padding behind the last member: gzip itself ignores it, with a word about it.
            end_damaged("something that is not gzip follows the gzip data");
            return;
        }
        end_damaged(fmt::format("the gzip data are damaged ({})",
                                stream_.msg != nullptr ? stream_.msg : zError(code)));
    }

    z_stream stream_{};
    bool between_members_ = false;
    std::uint64_t members_ = 0;
};

class ZstdInput final : public UnpackedInput {
  public:
    explicit ZstdInput(FileInput file)
        : UnpackedInput(std::move(file)), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {}

  private:
    std::size_t unpack(char* to, std::size_t size) override {
        if (packed_ended_ && !flushing_) {
            if (within_frame_) {
                end_damaged("the zstd data break off");
            } else {
                end();
            }
            return 0;
        }
        ZSTD_inBuffer in{packed_.data() + next_, filled_ - next_, 0};
        ZSTD_outBuffer out{to, size, 0};
        const std::size_t code = ZSTD_decompressStream(stream_.get(), &out, &in);
        next_ += in.pos;
        if (ZSTD_isError(code) != 0) {
            end_damaged(fmt::format("the zstd data are damaged ({})", ZSTD_getErrorName(code)));
            return out.pos;
        }
        within_frame_ = code != 0;
        flushing_ = out.pos == size && within_frame_;
        return out.pos;
    }

    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
    bool within_frame_ = false;
    bool flushing_ = false;  // the buffer was full: there may be more without more input
};

}  // namespace

std::unique_ptr<ByteInput> open_gzip(FileInput file) {
    return std::make_unique<GzipInput>(std::move(file));
}

std::unique_ptr<ByteInput> open_zstd(FileInput file) {
    return std::make_unique<ZstdInput>(std::move(file));
}

Result<std::unique_ptr<ByteInput>> open_input(const std::string& path) {
    auto file = FileInput::open(path);
    if (!file) {
        return pass_on(file);
    }
    if (file->magic().starts_with("\x1f\x8b")) {
        return open_gzip(std::move(*file));
    }
    if (file->magic() == "\x28\xb5\x2f\xfd") {
        return open_zstd(std::move(*file));
    }
    return std::make_unique<FileInput>(std::move(*file));
}

}  // namespace pwlog
