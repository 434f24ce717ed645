// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pwlog {

/// Writes one JSON object on one line. Keys are given in order; none (`std::nullopt`, not-a-number)
/// writes nothing at all, as an absent field is how "no value" looks in a document.
class JsonObject {
  public:
    JsonObject();
    ~JsonObject();
    JsonObject(const JsonObject&) = delete;
    JsonObject& operator=(const JsonObject&) = delete;

    /// `"key":{` … `}`
    void open(std::string_view key);
    void close();
    /// `"key":[` … `]`; inside it, objects are opened without a key.
    void open_list(std::string_view key);
    void open_item();
    void close_list();

    void add(std::string_view key, std::string_view value);
    void add(std::string_view key, const char* value) { add(key, std::string_view(value)); }
    void add(std::string_view key, double value);
    void add(std::string_view key, std::int64_t value);
    void add(std::string_view key, int value) { add(key, static_cast<std::int64_t>(value)); }
    void add(std::string_view key, std::uint64_t value) {
        add(key, static_cast<std::int64_t>(value));
    }
    void add(std::string_view key, bool value);
    void add(std::string_view key, const std::vector<std::string>& list);
    /// Not where it is empty.
    void add_text(std::string_view key, std::string_view text);
    /// A list of objects: `write(item)` adds what each one has.
    template <class Items, class Write>
    void add_list(std::string_view key, const Items& items, const Write& write) {
        open_list(key);
        for (const auto& item : items) {
            open_item();
            write(item);
            close();
        }
        close_list();
    }
    /// A string in a list.
    void add_item(std::string_view value);
    template <class T>
    void add(std::string_view key, const std::optional<T>& value) {
        if (value) {
            add(key, *value);
        }
    }
    /// `json` must be valid JSON already.
    void add_raw(std::string_view key, std::string_view json);
    /// The same in a list.
    void add_raw_item(std::string_view json);

    /// Ends the object and hands out the line, without a line feed.
    std::string take();

  private:
    struct Writer;
    std::unique_ptr<Writer> writer_;
};

/// Rounds to `decimals` places, so that no digits go out that mean nothing.
double rounded(double value, int decimals);

}  // namespace pwlog
