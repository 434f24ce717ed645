#include "protocol/frame.h"

#include <utility>

namespace pwlog {

std::optional<std::string> FrameReader::feed(char byte) {
    if (byte == '\0') {
        return std::nullopt;
    }
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
    if (payload_.size() == longest_payload) {
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
