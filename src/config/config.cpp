// SPDX-License-Identifier: MIT
#include "config/config.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <sstream>
#include <system_error>

#include "base/unique_fd.h"
#include "config/config_sections.h"
#include "terminal/terminal_text.h"

namespace pwlog {

namespace {

constexpr std::size_t most_bytes = 1U << 20U;
// Dotted keys nest as deep as they have dots, and the parser destroys tables recursively: some ten
// thousand levels end the stack. The largest real file has a few hundred dots.
constexpr std::ptrdiff_t most_dots = 5'000;

tl::unexpected<Error> file_error(const std::filesystem::path& file, ErrorKind kind,
                                 std::string_view why) {
    return fail(kind, fmt::format("{}: {}", terminal_text(file.string()), why));
}

tl::unexpected<Error> open_error(const std::filesystem::path& file, int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return file_error(file, ErrorKind::not_found,
                              "there is no such file; name another with --config, or let "
                              "`pwlog discover` print one");
        case EACCES:
            return file_error(file, ErrorKind::denied,
                              "this user may not read it (chgrp pwlog, chmod 640)");
        default:
            return file_error(file, ErrorKind::io,
                              "cannot be opened: " + std::generic_category().message(error));
    }
}

Result<std::string> read_all(int fd, const std::filesystem::path& file) {
    std::string text;
    std::array<char, 16'384> piece{};
    for (;;) {
        const ssize_t count = read(fd, piece.data(), piece.size());
        if (count < 0 && errno != EINTR) {
            return file_error(file, ErrorKind::io,
                              "cannot be read: " + std::generic_category().message(errno));
        }
        if (count == 0) {
            return text;
        }
        text.append(piece.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
        if (text.size() > most_bytes) {
            return file_error(file, ErrorKind::invalid,
                              "is larger than 1 MiB, so it is not a configuration");
        }
    }
}

Result<std::string> read_file(const std::filesystem::path& file) {
    // Not blocking, as it may turn out to be a FIFO.
    const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) {
        return open_error(file, errno);
    }
    struct stat info {};
    if (fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return file_error(file, ErrorKind::invalid, "is not a regular file");
    }
    if ((info.st_mode & S_IWOTH) != 0) {
        return file_error(
            file, ErrorKind::invalid,
            fmt::format("anyone may write to it (mode {:o}): chmod o-w", info.st_mode & 07777U));
    }
    return read_all(fd.get(), file);
}

void read_top(const toml::table& table, Config& config, ConfigProblems& problems) {
    TableReader top(table, "", problems);
    read_logger(top, config);
    if (const auto* section = top.table("elasticsearch")) {
        read_elasticsearch(*section, config.elasticsearch, problems);
    } else if (!table.contains("elasticsearch")) {
        problems.add({},
                     "has no [elasticsearch] section: [elasticsearch] with hosts = "
                     "[\"https://localhost:9200\"] under it");
    }
    if (const auto* section = top.table("spool")) {
        read_spool(*section, config.spool, problems);
    }
    if (const auto* section = top.table("mqtt")) {
        read_mqtt(*section, config.mqtt, problems);
    }
    if (const auto* section = top.table("labels")) {
        read_labels(*section, config.labels, problems);
    }
    read_devices(top, config, problems);
    read_ups(top, config, problems);
    finish_section(top);
}

std::string mark_of(const toml::node& node) {
    std::ostringstream text;
    node.visit([&](const auto& value) { text << toml::json_formatter(value); });
    return fmt::format("{:016x}", std::hash<std::string>()(text.str()));
}

std::map<std::string, std::string> marks_of(toml::table table) {
    toml::array switchable;
    if (auto* const pdus = table.get_as<toml::array>("pdu")) {
        for (auto& pdu : *pdus) {
            auto* const section = pdu.as_table();
            if (section != nullptr && section->contains("switchable")) {
                switchable.push_back(*section->get("switchable"));
                section->erase("switchable");
            } else {
                switchable.push_back(toml::array());
            }
        }
    }
    std::map<std::string, std::string> marks{{"switchable", mark_of(switchable)}};
    for (const auto& [key, value] : table) {
        marks[std::string(key.str())] = mark_of(value);
    }
    return marks;
}

std::map<std::string, std::string> device_marks_of(const toml::table& table) {
    std::map<std::string, std::string> marks;
    for (const char* const kind : {"pdu", "ats", "ups"}) {
        const auto* const list = table.get_as<toml::array>(kind);
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
            toml::table device = *list->get_as<toml::table>(i);
            device.erase("switchable");
            for (const char* const key : {"interval", "query_gap", "timeout"}) {
                if (const auto* const common = table.get(key);
                    common != nullptr && !device.contains(key)) {
                    common->visit([&](const auto& value) { device.insert(key, value); });
                }
            }
            marks[device["id"].value_or(std::string())] = kind + mark_of(device);
        }
    }
    return marks;
}

/// Nothing that would hurt the parser.
std::string unparsable(std::string_view text) {
    if (text.size() > most_bytes) {
        return "is larger than 1 MiB, so it is not a configuration";
    }
    if (text.find('\0') != std::string_view::npos) {
        return "contains NUL bytes, so it is not a text file";
    }
    if (std::count(text.begin(), text.end(), '.') > most_dots) {
        return fmt::format("has more than {} dots in it, so it is not a configuration", most_dots);
    }
    return {};
}

/// A fragment's place in the configuration: tables grow, lists of sections too, all else is
/// replaced. Nodes are moved, as only then they keep their place.
void merge(toml::table& into, toml::table&& from) {
    for (auto&& [key, node] : from) {
        toml::node* const there = into.get(key);
        auto* const list = there == nullptr ? nullptr : there->as_array();
        if (there != nullptr && there->is_table() && node.is_table()) {
            merge(*there->as_table(), std::move(*node.as_table()));
        } else if (list != nullptr && list->is_array_of_tables() && node.is_array_of_tables()) {
            for (auto& section : *node.as_array()) {
                list->push_back(std::move(*section.as_table()));
            }
        } else {
            std::move(node).visit([&](auto&& value) {
                into.insert_or_assign(toml::key(key), std::forward<decltype(value)>(value));
            });
        }
    }
}

struct ConfigText {
    std::filesystem::path file;
    std::string text;
};

/// The files *.toml of the folder, in the order of their names.
Result<std::vector<std::filesystem::path>> fragments_in(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
        return files;
    }
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const auto& file = entries->path();
        if (file.extension() == ".toml" && !file.filename().string().starts_with('.')) {
            files.push_back(file);
        }
    }
    if (error) {
        return file_error(folder, ErrorKind::denied, "cannot be read: " + error.message());
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// `texts`: the main file's first.
Result<Config> parse_texts(const std::vector<ConfigText>& texts) {
    const auto& file = texts.front().file;
    ConfigProblems problems(terminal_text(file.string()));
    Config config;
    config.file = file;
    // Debian builds toml++ with exceptions: this is where they end.
    try {
        toml::table table = toml::parse(texts.front().text);
        for (auto at = texts.begin() + 1; at != texts.end(); ++at) {
            config.fragments.push_back(at->file);
            merge(table, toml::parse(at->text, at->file.string()));
        }
        read_top(table, config, problems);
        if (problems.empty()) {
            config.marks = marks_of(table);
            config.device_marks = device_marks_of(table);
        }
    } catch (const toml::parse_error& error) {
        problems.add(place_of(error.source()), syntax_problem(error.description()));
    }
    if (!problems.empty()) {
        return fail(ErrorKind::invalid, problems.text());
    }
    return config;
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::filesystem::path& file) {
    if (const std::string why = unparsable(text); !why.empty()) {
        return file_error(file, ErrorKind::invalid, why);
    }
    return parse_texts({{file, std::string(text)}});
}

Result<Config> load_config(const std::filesystem::path& file) {
    const auto fragments = fragments_in(file.parent_path() / "conf.d");
    std::vector<std::filesystem::path> files{file};
    if (fragments) {
        files.insert(files.end(), fragments->begin(), fragments->end());
    }
    std::vector<ConfigText> texts;
    for (const auto& one : files) {
        auto text = read_file(one);
        if (!text) {
            return pass_on(text);
        }
        if (const std::string why = unparsable(*text); !why.empty()) {
            return file_error(one, ErrorKind::invalid, why);
        }
        texts.push_back({one, std::move(*text)});
    }
    return fragments ? parse_texts(texts) : Result<Config>(pass_on(fragments));
}

}  // namespace pwlog
