// SPDX-License-Identifier: MIT
#include "backfill/sources/element_cutter.h"

namespace pwlog {
namespace {

constexpr std::size_t longest_element = LineReader::longest_line;

}  // namespace

bool ElementCutter::take(char c) {
    if (capturing_ && element_.size() <= longest_element) {
        element_ += c;
    }
    if (in_text_) {
        within_text(c);
        return false;
    }
    switch (c) {
        case '"':
            in_text_ = true;
            text_.clear();
            return false;
        case ':':
            if (!capturing_ && depth_ >= 1 && depth_ <= 2) {
                keys_[depth_ - 1] = text_;
            }
            literal_.clear();
            return false;
        case '{':
        case '[':
            open(c);
            return false;
        case ',':
            judge_literal();
            return false;
        case '}':
        case ']':
            judge_literal();
            return close();
        default:
            if (!capturing_ && literal_.size() < longest_key) {
                literal_ += c == ' ' || c == '\n' || c == '\r' ? "" : std::string(1, c);
            }
            return false;
    }
}

// Not all that was asked for came, though what came looks like an answer.
void ElementCutter::judge_literal() {
    if (capturing_ || shape_ != Shape::replies) {
        return;
    }
    if (depth_ == 1 && keys_[0] == "timed_out" && literal_ == "true") {
        complaint_ = "an answer in it says timed_out";
    } else if (depth_ == 2 && keys_[0] == "_shards" && keys_[1] == "failed" && literal_ != "0") {
        complaint_ = "an answer in it lacks what failed shards hold";
    }
    literal_.clear();
}

void ElementCutter::within_text(char c) {
    if (escaped_) {
        escaped_ = false;
    } else if (c == '\\') {
        escaped_ = true;
    } else if (c == '"') {
        in_text_ = false;
        return;
    }
    if (!capturing_ && text_.size() < longest_key) {
        text_ += c;
    }
}

void ElementCutter::open(char c) {
    ++depth_;
    if (shape_ == Shape::replies && depth_ == 2 && c == '[' && keys_[0] == "responses") {
        depth_ = 0;  // of _msearch: the answers stand in it as others stand at the top
        return;
    }
    if (shape_ == Shape::replies && depth_ == 2 && keys_[0] == "error") {
        complaint_ = "an answer in it is an error and no documents";
    }
    if (depth_ == 3 && !capturing_) {
        hits_list_ = c == '[' && keys_[0] == "hits" && keys_[1] == "hits";
    }
    const bool wanted = shape_ != Shape::replies || hits_list_;
    if (!capturing_ && c == '{' && depth_ == element_depth() && wanted) {
        capturing_ = true;
        element_ = "{";
    }
}

bool ElementCutter::close() {
    if (depth_ > 0) {
        --depth_;
    }
    if (capturing_ && depth_ < element_depth()) {
        capturing_ = false;
        return true;
    }
    return false;
}

}  // namespace pwlog
