// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text_values.h"
#include "config/config_reader.h"

namespace pwlog {

/// How a key stands in the example.
enum class Stand {
    commented,  ///< it may be left out
    needed,
    instead,  ///< of another key there
};

/// What people are told of a key: in the example file, the manual, and where one is misplaced.
struct KeyFacts {
    std::string_view name;
    std::string value;  ///< as TOML: the default, or what shows its form
    std::string_view meaning;
    Stand stand = Stand::commented;
};

/// A section of the file and its keys, in the order in which they are shown.
struct SectionFacts {
    std::string_view name;  ///< empty: the top of the file
    bool is_list = false;   ///< [[name]]
    bool is_used = true;    ///< in the example; else commented out as a whole
    std::string_view meaning;
    std::vector<KeyFacts> keys;

    std::string heading() const;  ///< `[spool]`, `[[pdu]]`; empty for the top
};

std::string toml_text(std::string_view text);  ///< as a TOML string

// The forms that values have: each reads one, and shows one as the file has it.

struct Flag {
    static bool read(TableReader& reader, std::string_view key, bool& value) {
        return reader.read(key, value);
    }
    static std::string show(bool value) { return value ? "true" : "false"; }
};

struct Text {
    static bool read(TableReader& reader, std::string_view key, std::string& value) {
        return reader.read(key, value);
    }
    static std::string show(const std::string& value) { return toml_text(value); }
};

struct Path {
    static bool read(TableReader& reader, std::string_view key, std::filesystem::path& value) {
        return reader.read_path(key, value);
    }
    static std::string show(const std::filesystem::path& value) {
        return toml_text(value.string());
    }
};

struct Duration {
    Range<milliseconds> range;
    bool read(TableReader& reader, std::string_view key, milliseconds& value) const {
        return reader.read(key, value, range);
    }
    static std::string show(milliseconds value) { return toml_text(duration_text(value)); }
};

/// Reads a number as the file has it into a member that may be narrower; the range holds it there.
template <class Wide, class T>
bool read_narrowed(T& value, const std::invocable<Wide&> auto& read) {
    Wide wide = 0;
    const bool was_read = read(wide);
    if (was_read) {
        value = static_cast<T>(wide);
    }
    return was_read;
}

struct Size {
    Range<std::uint64_t> range;
    template <std::unsigned_integral T>
    bool read(TableReader& reader, std::string_view key, T& value) const {
        return read_narrowed<std::uint64_t>(
            value, [&](auto& bytes) { return reader.read_size(key, bytes, range); });
    }
    static std::string show(std::uint64_t value) { return toml_text(size_text(value)); }
};

struct Whole {
    Range<std::int64_t> range;

    template <std::integral T>
    bool read(TableReader& reader, std::string_view key, T& value) const {
        return read_narrowed<std::int64_t>(
            value, [&](auto& number) { return reader.read(key, number, range); });
    }
    template <std::integral T>
    static std::string show(T value) {
        return std::to_string(value);
    }
};

template <class Enum>
struct Word {
    std::vector<std::pair<std::string_view, Enum>> words;

    bool read(TableReader& reader, std::string_view key, Enum& value) const {
        return reader.read(key, value, words);
    }
    std::string show(Enum value) const {
        for (const auto& [word, meant] : words) {
            if (meant == value) {
                return toml_text(word);
            }
        }
        return {};
    }
};

/// A key whose value goes as it is into one member of the section's struct, whose default stands
/// there.
template <class Member, class Form>
struct Key {
    std::string_view name;
    Member member;  ///< a pointer to it, or a function that returns it
    Form form;
    std::string_view meaning;
    std::string_view shown{};  ///< instead of a default that no file can say
    Stand stand = Stand::commented;

    template <class Section>
    void read(TableReader& reader, Section& section) const {
        form.read(reader, name, std::invoke(member, section));
    }
    template <class Section>
    KeyFacts facts(const Section& defaults) const {
        Section copy = defaults;
        return {name, shown.empty() ? form.show(std::invoke(member, copy)) : std::string(shown),
                meaning, stand};
    }
};

// clang deduces this of an aggregate from version 17 on only.
template <class Member, class Form>
Key(std::string_view, Member, Form, std::string_view, std::string_view = {}, Stand = {})
    -> Key<Member, Form>;

/// A key that takes more to read, or is read together with another (then `take` is null). Its turn
/// comes when all plain keys of its section are read.
template <class Section>
struct SpecialKey {
    std::string_view name;
    void (*take)(TableReader&, Section&);
    std::string_view shown;
    std::string_view meaning;
    Stand stand = Stand::commented;

    KeyFacts facts(const Section& /*defaults*/) const {
        return {name, std::string(shown), meaning, stand};
    }
};

namespace keys_detail {
template <class K>
inline constexpr bool is_special = false;
template <class Section>
inline constexpr bool is_special<SpecialKey<Section>> = true;

template <class Section, class K>
void read_plain(TableReader& reader, Section& section, const K& key) {
    if constexpr (!is_special<K>) {
        key.read(reader, section);
    }
}

template <class Section, class K>
void read_special(TableReader& reader, Section& section, const K& key) {
    if constexpr (is_special<K>) {
        if (key.take != nullptr) {
            key.take(reader, section);
        }
    }
}
}  // namespace keys_detail

/// Reads the keys of one section, plain ones first.
template <class Section, class... Keys>
void read_keys(TableReader& reader, Section& section, const std::tuple<Keys...>& keys) {
    std::apply([&](const auto&... key) { (keys_detail::read_plain(reader, section, key), ...); },
               keys);
    std::apply([&](const auto&... key) { (keys_detail::read_special(reader, section, key), ...); },
               keys);
}

template <class Section, class... Keys>
std::vector<KeyFacts> facts_of(const Section& defaults, const std::tuple<Keys...>& keys) {
    return std::apply(
        [&](const auto&... key) { return std::vector<KeyFacts>{key.facts(defaults)...}; }, keys);
}

}  // namespace pwlog
