// SPDX-License-Identifier: MIT
#include "backfill/input/codec.h"

#include <bzlib.h>
#include <iconv.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>

namespace pwlog {
namespace {

/// zlib, liblzma and libbz2 have the same interface, by different names. `run` is one step, with
/// the library's answer: whether this was the end, and else what is wrong, if anything.
template <class Stream>
class StreamCodec : public Codec {
  public:
    std::size_t step(std::string_view& packed, char* to, std::size_t room) override {
        using Byte = std::remove_const_t<std::remove_pointer_t<decltype(stream_.next_in)>>;
        constexpr std::size_t most = std::size_t{1} << 30U;
        if (state_ == State::between && !begin()) {
            damaged("no memory");
            return 0;
        }
        state_ = State::within;
        stream_.next_in = reinterpret_cast<Byte*>(const_cast<char*>(packed.data()));
        stream_.avail_in = static_cast<decltype(stream_.avail_in)>(std::min(packed.size(), most));
        stream_.next_out = reinterpret_cast<std::remove_pointer_t<decltype(stream_.next_out)>*>(to);
        const auto before = static_cast<decltype(stream_.avail_out)>(std::min(room, most));
        stream_.avail_out = before;
        run();
        packed.remove_prefix(packed.size() - stream_.avail_in);
        return before - stream_.avail_out;
    }

  protected:
    using Codec::Codec;
    virtual bool begin() = 0;
    virtual void run() = 0;

    void answer(bool fine, bool end, std::string_view problem) {
        if (end) {
            state_ = State::between;
        } else if (!fine) {
            damaged(problem);
        }
    }

    Stream stream_{};
};

class GzipCodec final : public StreamCodec<z_stream> {
  public:
    GzipCodec() : StreamCodec("gzip") {}
    ~GzipCodec() override { inflateEnd(&stream_); }
    GzipCodec(const GzipCodec&) = delete;
    GzipCodec& operator=(const GzipCodec&) = delete;

  private:
    bool begin() override {
        constexpr int gzip_only = 16;
        return (stream_.state != nullptr ? inflateReset(&stream_)
                                         : inflateInit2(&stream_, MAX_WBITS + gzip_only)) == Z_OK;
    }
    void run() override {
        const int code = inflate(&stream_, Z_NO_FLUSH);
        answer(code == Z_OK || code == Z_BUF_ERROR, code == Z_STREAM_END,
               stream_.msg != nullptr ? stream_.msg : zError(code));
    }
};

class XzCodec final : public StreamCodec<lzma_stream> {
  public:
    XzCodec() : StreamCodec("xz") {}
    ~XzCodec() override { lzma_end(&stream_); }
    XzCodec(const XzCodec&) = delete;
    XzCodec& operator=(const XzCodec&) = delete;

  private:
    bool begin() override {
        constexpr std::uint64_t most_memory = std::uint64_t{128} * 1024 * 1024;  // xz -9: 65 MiB
        return lzma_stream_decoder(&stream_, most_memory, 0) == LZMA_OK;
    }
    void run() override {
        const lzma_ret code = lzma_code(&stream_, LZMA_RUN);
        answer(code == LZMA_OK || code == LZMA_BUF_ERROR, code == LZMA_STREAM_END,
               code == LZMA_MEMLIMIT_ERROR ? "unpacking them takes more than 128 MiB"
                                           : "xz -t says more");
    }
};

class Bzip2Codec final : public StreamCodec<bz_stream> {
  public:
    Bzip2Codec() : StreamCodec("bzip2") {}
    ~Bzip2Codec() override { BZ2_bzDecompressEnd(&stream_); }
    Bzip2Codec(const Bzip2Codec&) = delete;
    Bzip2Codec& operator=(const Bzip2Codec&) = delete;

  private:
    bool begin() override {
        BZ2_bzDecompressEnd(&stream_);
        return BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
    }
    void run() override {
        const int code = BZ2_bzDecompress(&stream_);
        answer(code == BZ_OK, code == BZ_STREAM_END, "bzip2 -t says more");
    }
};

class ZstdCodec final : public Codec {
  public:
    ZstdCodec() : Codec("zstd"), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {}

    std::size_t step(std::string_view& packed, char* to, std::size_t room) override {
        ZSTD_inBuffer in{packed.data(), packed.size(), 0};
        ZSTD_outBuffer out{to, room, 0};
        const std::size_t code = ZSTD_decompressStream(stream_.get(), &out, &in);
        packed.remove_prefix(in.pos);
        if (ZSTD_isError(code) != 0) {
            damaged(ZSTD_getErrorName(code));
        } else {
            state_ = code == 0 ? State::between : State::within;
        }
        return out.pos;
    }

  private:
    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
};

class Utf16Codec final : public Codec {
  public:
    explicit Utf16Codec(const char* encoding)
        : Codec("UTF-16"), converter_(iconv_open("UTF-8", encoding)) {
        state_ = State::text;
    }
    ~Utf16Codec() override { iconv_close(converter_); }
    Utf16Codec(const Utf16Codec&) = delete;
    Utf16Codec& operator=(const Utf16Codec&) = delete;

    std::size_t step(std::string_view& packed, char* to, std::size_t room) override {
        if (ready_.empty()) {
            convert(packed);
        }
        const std::size_t count = std::min(room, ready_.size());
        std::copy_n(ready_.begin(), count, to);
        ready_.erase(0, count);
        return count;
    }

  private:
    void convert(std::string_view& packed) {
        constexpr std::size_t at_once = 4096;
        std::size_t left = std::min(packed.size(), at_once);
        const std::size_t given = left;
        char* in = const_cast<char*>(packed.data());
        ready_.resize(at_once * 2);  // two bytes are at most three
        char* out = ready_.data();
        std::size_t room = ready_.size();
        if (iconv(converter_, &in, &left, &out, &room) == static_cast<std::size_t>(-1) &&
            errno == EILSEQ) {
            damaged("this is not a character");
        }
        ready_.resize(ready_.size() - room);
        packed.remove_prefix(given - left);
    }

    iconv_t converter_;
    std::string ready_;
};

bool is_skippable_zstd_frame(std::string_view beginning) {
    return beginning.size() >= 4 && (beginning[0] & 0xf0) == 0x50 &&
           beginning.substr(1, 3) == "\x2a\x4d\x18";
}

}  // namespace

std::unique_ptr<Codec> find_codec(std::string_view beginning) {
    using namespace std::string_view_literals;
    if (beginning.starts_with("\x1f\x8b")) {
        return std::make_unique<GzipCodec>();
    }
    if (beginning.starts_with("\x28\xb5\x2f\xfd") || is_skippable_zstd_frame(beginning)) {
        return std::make_unique<ZstdCodec>();
    }
    if (beginning.starts_with("\xfd"
                              "7zXZ\0"sv)) {
        return std::make_unique<XzCodec>();
    }
    if (beginning.starts_with("BZh")) {
        return std::make_unique<Bzip2Codec>();
    }
    if (beginning.starts_with("\xff\xfe")) {
        return std::make_unique<Utf16Codec>("UTF-16LE");
    }
    if (beginning.starts_with("\xfe\xff")) {
        return std::make_unique<Utf16Codec>("UTF-16BE");
    }
    return nullptr;
}

}  // namespace pwlog
