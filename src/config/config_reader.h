// SPDX-License-Identifier: MIT
#pragma once

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config_problems.h"

namespace pwlog {

using std::chrono::milliseconds;

/// From the least to the most that is allowed, both included.
template <class T>
struct Range {
    T least;
    T most;
    bool holds(T value) const { return value >= least && value <= most; }  // never a NaN
};

/// One table of the file. Each read_… takes a key's value if the key is there, and says whether it
/// took one: a value that is there but wrong becomes a problem and is not taken. What was asked for
/// is known; finish() makes a problem of every other key. The table must outlive the reader.
class TableReader {
  public:
    /// `where` names the table in messages; empty for the top of the file.
    TableReader(const toml::table& table, std::string where, ConfigProblems& problems);

    bool read(std::string_view key, std::string& value);  ///< not empty, no control characters
    bool read(std::string_view key, bool& value);
    bool read(std::string_view key, double& value, Range<double> range);
    bool read(std::string_view key, std::int64_t& value, Range<std::int64_t> range);
    bool read(std::string_view key, milliseconds& value, Range<milliseconds> range);
    bool read_size(std::string_view key, std::uint64_t& bytes, Range<std::uint64_t> range);
    bool read_path(std::string_view key, std::filesystem::path& value);  ///< absolute

    /// A word out of a fixed set, as the enumerator beside it.
    template <class Enum>
    bool read(std::string_view key, Enum& value,
              const std::vector<std::pair<std::string_view, Enum>>& words) {
        std::vector<std::string_view> names;
        names.reserve(words.size());
        for (const auto& [name, unused] : words) {
            names.push_back(name);
        }
        const std::optional<std::size_t> index = read_word(key, names);
        if (index) {
            value = words[*index].second;
        }
        return index.has_value();
    }

    /// The values of a list of texts (may be empty texts) or of whole numbers, with their lines.
    bool read_texts(std::string_view key, std::vector<std::string>& values);
    bool read_numbers(std::string_view key, std::vector<std::int64_t>& values);

    /// The table under a [key], or the tables under [[key]].
    const toml::table* table(std::string_view key);
    std::vector<const toml::table*> tables(std::string_view key);

    /// A key that people might put a secret into; a problem if present, its value never shown.
    void refuse_secret(std::string_view key, std::string_view instead);
    /// The node of a key that the caller reads on its own; nullptr if absent.
    const toml::node* find(std::string_view key);

    /// Where a key's value is; the table itself where the key is absent.
    ConfigPlace place(std::string_view key) const;
    /// A problem with the value of `key`: "where.key: text".
    void problem(std::string_view key, std::string_view text) const;

    ConfigProblems& problems() const { return problems_; }

    /// `home_of` a key: the sentence that helps who put one of another table here; empty: nobody's.
    using HomeOf = std::string (*)(std::string_view key);
    void finish(HomeOf home_of = nullptr);

  private:
    /// What all read_… do: `convert` makes a std::optional<T> of the node.
    template <class T, class Convert>
    bool take(std::string_view key, T& value, std::string_view expected, const Convert& convert);
    std::optional<std::size_t> read_word(std::string_view key,
                                         const std::vector<std::string_view>& words);
    template <class T, class Convert>
    bool take_list(std::string_view key, std::vector<T>& values, std::string_view expected,
                   std::string_view within, const Convert& convert);
    std::string help_with(std::string_view key, HomeOf home_of) const;
    void wrong_type(std::string_view key, std::string_view expected, const toml::node& node) const;

    const toml::table& table_;
    std::string where_;
    ConfigProblems& problems_;
    std::vector<std::string_view> known_;
    std::vector<std::string_view> refused_;
};

/// Where a node or key begins, as the parser noted it.
ConfigPlace place_of(const toml::source_region& source);

/// What stands at a node, for a message: `the number 10`, `the text "x"`, `a list`.
std::string node_text(const toml::node& node);

}  // namespace pwlog
