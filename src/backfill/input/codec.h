// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace pwlog {

/// How bytes are packed: gzip, zstd, xz, bzip2, or as UTF-16. Each is its library's own streaming
/// interface. libarchive has them all behind one, but hands out whole blocks of 64 to 128 KiB only:
/// of a recording that a power cut ended, the last block would be lost.
class Codec {
  public:
    virtual ~Codec() = default;

    enum class State {
        within,   ///< a member (of gzip, xz, bzip2) or frame has begun
        between,  ///< a member is complete; the end, or another one, may follow
        text,     ///< there are no members: it may end anywhere
        damaged,  ///< problem() says how
    };
    /// Takes bytes off the front of `packed`, writes at most `room` to `to` and says how many.
    virtual std::size_t step(std::string_view& packed, char* to, std::size_t room) = 0;

    State state() const { return state_; }
    const std::string& problem() const { return problem_; }
    std::string_view name() const { return name_; }

  protected:
    explicit Codec(std::string_view name) : name_(name) {}
    void damaged(std::string_view how) {
        state_ = State::damaged;
        problem_ = how;
    }
    State state_ = State::between;

  private:
    std::string_view name_;
    std::string problem_;
};

/// The codec for data that begin so (six bytes are enough); null: they are as they are.
std::unique_ptr<Codec> find_codec(std::string_view beginning);

}  // namespace pwlog
