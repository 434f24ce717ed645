// SPDX-License-Identifier: MIT
#include "protocol/frame.h"

#include <utility>

namespace pwlog {
namespace {

bool is_printable(char byte) { return byte >= ' ' && byte <= '~'; }

}  // namespace

std::optional<std::string> FrameReader::feed(char byte) {
    if (byte == '(') {
        inside_ = true;
        payload_.clear();
        return std::nullopt;
    }
    if (!inside_) {
        return std::nullopt;
    }
    if (byte == '\r') {
        inside_ = false;
        return std::exchange(payload_, {});
    }
    if (!is_printable(byte) || payload_.size() == longest_payload) {
        reset();
        return std::nullopt;
    }
    payload_ += byte;
    return std::nullopt;
}

void FrameReader::reset() {
    inside_ = false;
    payload_.clear();
}

std::string frame(std::string_view payload) { return "(" + std::string(payload) + "\r"; }

}  // namespace pwlog
