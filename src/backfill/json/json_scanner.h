// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace pwlog {

/// No document of ours is nested deeper, nor is what people's programs write of a device.
inline constexpr int deepest_document = 32;

/// Where one value stands that is neither object nor list; texts with their quotes.
struct JsonLeaf {
    enum class Role : std::uint8_t {
        plain,
        timestamp,
        outlet,    ///< its number
        identity,  ///< decides what document it is
    };
    std::size_t begin;
    std::size_t end;
    Role role = Role::plain;
};

/// Walks over one JSON text without building anything: the grammar of RFC 8259 to the letter, UTF-8
/// included. What it saves against a general parser (three quarters of the time, measured on our
/// documents) it saves by not copying strings and not making numbers that nobody asks for.
///
/// Each function takes one token at the cursor. A false answer is final: error() then says what was
/// wrong, and where() at which byte.
class JsonScanner {
  public:
    explicit JsonScanner(std::string_view text)
        : begin_(text.data()), cursor_(text.data()), end_(text.data() + text.size()) {}

    void skip_space() {
        while (cursor_ != end_ && static_cast<unsigned char>(*cursor_) <= ' ' &&
               (*cursor_ == ' ' || *cursor_ == '\n' || *cursor_ == '\t' || *cursor_ == '\r')) {
            ++cursor_;
        }
    }
    bool at_end() const { return cursor_ == end_; }
    /// The next byte, 0 at the end.
    char peek() const { return cursor_ == end_ ? '\0' : *cursor_; }
    /// Takes `wanted` if it stands at the cursor.
    bool take(char wanted) {
        if (cursor_ == end_ || *cursor_ != wanted) {
            return false;
        }
        ++cursor_;
        return true;
    }
    bool take(std::string_view wanted) {
        if (static_cast<std::size_t>(end_ - cursor_) < wanted.size() ||
            std::memcmp(cursor_, wanted.data(), wanted.size()) != 0) {
            return false;
        }
        cursor_ += wanted.size();
        return true;
    }
    /// A string; `raw` is what stands between the quotes, its escapes checked but not resolved.
    bool string(std::string_view& raw);
    /// Whether the last string has a backslash.
    bool had_escape() const { return had_escape_; }
    /// A number; `raw` is its text.
    bool number(std::string_view& raw);
    /// The same for values, which become leaves.
    bool string_value(std::string_view& raw, JsonLeaf::Role role = JsonLeaf::Role::plain);
    bool number_value(std::string_view& raw, JsonLeaf::Role role = JsonLeaf::Role::plain);
    /// Any value at all, nested up to the depth that is left.
    bool skip_value(int depth_left);
    /// To be asked once at the end: whether all bytes beyond ASCII were well-formed UTF-8.
    bool check_utf8();

    /// From now on each value's place is noted there.
    void note_leaves(std::vector<JsonLeaf>* leaves) { leaves_ = leaves; }
    /// Whether any text so far, or what stands right behind it, goes beyond ASCII.
    bool beyond_ascii() const { return (beyond_ascii_ & 0x8080808080808080) != 0; }

    bool fail(const char* error);
    const char* error() const { return error_; }
    std::size_t where() const { return static_cast<std::size_t>(cursor_ - begin_); }
    const char* cursor() const { return cursor_; }

  private:
    bool escape();
    bool literal(std::string_view word);
    bool note(const char* begin, JsonLeaf::Role role);
    bool skip_within(int depth_left);

    const char* begin_;
    const char* cursor_;
    const char* end_;
    std::uint64_t beyond_ascii_ = 0;
    bool had_escape_ = false;
    std::vector<JsonLeaf>* leaves_ = nullptr;
    const char* error_ = nullptr;
};

}  // namespace pwlog
