// SPDX-License-Identifier: MIT
#include "config/keys.h"

#include <fmt/format.h>

#include "base/text_values.h"

namespace pwlog {

std::string SectionFacts::heading() const {
    if (name.empty()) {
        return {};
    }
    return is_list ? fmt::format("[[{}]]", name) : fmt::format("[{}]", name);
}

std::string toml_text(std::string_view text) { return fmt::format("\"{}\"", text); }

bool Flag::read(TableReader& reader, std::string_view key, bool& value) const {
    return reader.read(key, value);
}

bool Text::read(TableReader& reader, std::string_view key, std::string& value) const {
    return reader.read(key, value);
}

bool Path::read(TableReader& reader, std::string_view key, std::filesystem::path& value) const {
    return reader.read_path(key, value);
}

bool Duration::read(TableReader& reader, std::string_view key, milliseconds& value) const {
    return reader.read(key, value, range);
}

std::string Duration::show(milliseconds value) { return toml_text(duration_text(value)); }

bool Size::read(TableReader& reader, std::string_view key, std::uint64_t& value) const {
    return reader.read_size(key, value, range);
}

std::string Size::show(std::uint64_t value) { return toml_text(size_text(value)); }

}  // namespace pwlog
