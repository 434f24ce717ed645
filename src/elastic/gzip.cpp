// SPDX-License-Identifier: MIT
#include "elastic/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <cassert>

namespace pwlog {

namespace {

constexpr std::size_t kept_packed = std::size_t{64} * 1024;

}  // namespace

struct GzipEncoder::State {
    z_stream stream{};
    std::string packed;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { deflateEnd(&stream); }
};

GzipEncoder::GzipEncoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
GzipEncoder::GzipEncoder(GzipEncoder&&) noexcept = default;
GzipEncoder& GzipEncoder::operator=(GzipEncoder&&) noexcept = default;
GzipEncoder::~GzipEncoder() = default;

Result<GzipEncoder> GzipEncoder::open() {
    constexpr int gzip_wrapper = 16;  // added to the window bits, it asks for gzip instead of zlib
    constexpr int usual_memory = 8;   // with 9 documents take longer and get no smaller
    auto state = std::make_unique<State>();
    if (deflateInit2(&state->stream, 1, Z_DEFLATED, MAX_WBITS + gzip_wrapper, usual_memory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        return fail(ErrorKind::full, "no memory for compression (zlib's deflateInit2 failed)");
    }
    return GzipEncoder(std::move(state));
}

std::string_view GzipEncoder::encode(std::string_view plain) {
    z_stream& stream = state_->stream;
    std::string& packed = state_->packed;
    deflateReset(&stream);
    // zlib's interface predates const; it does not write to its input.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    // Room for the worst case would be as large as the input, and documents get 20 times smaller.
    std::size_t length = 0;
    int result = Z_OK;
    while (result == Z_OK) {
        packed.resize(std::max(kept_packed, length * 2));
        stream.next_out = reinterpret_cast<Bytef*>(packed.data()) + length;
        stream.avail_out = static_cast<uInt>(packed.size() - length);
        result = deflate(&stream, Z_FINISH);
        length = packed.size() - stream.avail_out;
    }
    assert(result == Z_STREAM_END);
    packed.resize(length);
    if (packed.capacity() > kept_packed * 4 && length < kept_packed) {
        packed.shrink_to_fit();  // after a backlog: give the memory back
    }
    return packed;
}

}  // namespace pwlog
