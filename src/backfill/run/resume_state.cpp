// SPDX-License-Identifier: MIT
#include "backfill/run/resume_state.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/json_object.h"
#include "base/replace_file.h"
#include "elastic/json.h"
#include "protocol/fields.h"

namespace pwlog {
namespace {

constexpr int format_version = 1;

std::string to_text(const std::vector<RejectsMark>& marks) {
    std::string text;
    for (const auto& mark : marks) {
        text += fmt::format("{}{}:{:016x}", text.empty() ? "" : " ", mark.bytes, mark.hash);
    }
    return text;
}

std::vector<RejectsMark> marks_of(std::string_view text) {
    std::vector<RejectsMark> marks;
    for (const auto field : split_fields(text)) {
        RejectsMark mark;
        const auto* const end = field.data() + field.size();
        const auto bytes = std::from_chars(field.data(), end, mark.bytes);
        if (bytes.ptr != end) {
            std::from_chars(bytes.ptr + 1, end, mark.hash, 16);
        }
        marks.push_back(mark);
    }
    return marks;
}

std::string to_json(const ResumeState& state) {
    JsonObject json;
    json.add("pwlog_backfill", format_version);
    json.add("source", state.source);
    json.add("target", state.target);
    json.add("plan", state.plan);
    json.add("offset", state.position.offset);
    json.add("lines", state.position.lines);
    json.add("state", state.position.state);
    json.add("sorted", state.position.sorted ? 1 : 0);
    if (state.position.history) {
        json.add("history", *state.position.history);
    }
    json.add("rejects", to_text(state.rejects));
    json.add("read", state.tally.read);
    json.add("stored", state.tally.stored);
    json.add("duplicate", state.tally.duplicate);
    json.add("rejected", state.tally.rejected);
    json.add("skipped", state.tally.skipped);
    json.add("replaced", state.tally.replaced);
    return json.take() + "\n";
}

std::optional<ResumeState> from_json(const std::string& text) {
    if (json_integer(text, "/pwlog_backfill") != format_version) {
        return std::nullopt;
    }
    bool whole = true;
    const auto number = [&](const char* pointer) {
        const auto value = json_integer(text, pointer);
        whole = whole && value && *value >= 0;
        return static_cast<std::uint64_t>(value.value_or(0));
    };
    ResumeState state;
    state.source = json_text(text, "/source");
    state.target = json_text(text, "/target");
    state.plan = json_text(text, "/plan");
    state.position = {number("/offset"), number("/lines"), json_text(text, "/state"), {}};
    state.position.sorted = json_integer(text, "/sorted") == 1;
    if (auto history = json_text(text, "/history"); !history.empty()) {
        state.position.history = std::make_shared<const std::string>(std::move(history));
    }
    state.rejects = marks_of(json_text(text, "/rejects"));
    state.tally = {number("/read"),     number("/stored"),  number("/duplicate"),
                   number("/rejected"), number("/skipped"), number("/replaced")};
    return whole ? std::optional(state) : std::nullopt;
}

}  // namespace

Result<std::optional<ResumeState>> ResumeFile::load() const {
    std::ifstream file(path_, std::ios::binary);
    if (!file) {
        if (errno == ENOENT) {
            return std::optional<ResumeState>();
        }
        return fail(ErrorKind::io,
                    fmt::format("opening {}: {}", path_.string(), std::strerror(errno)));
    }
    std::ostringstream text;
    text << file.rdbuf();  // takes what a failed read throws for itself
    if (!text) {
        return fail(ErrorKind::io, fmt::format("{} cannot be read", path_.string()));
    }
    const auto state = from_json(text.str());
    if (!state) {
        return fail(
            ErrorKind::corrupt,
            fmt::format("{} is not the state of a backfill; remove it to start again, which is "
                        "safe: what is stored already is not stored twice",
                        path_.string()));
    }
    return state;
}

Result<void> ResumeFile::save(const ResumeState& state) const {
    if (!FileWriting().replace(path_, to_json(state))) {
        return fail(ErrorKind::io,
                    fmt::format("writing {}: {}", path_.string(), std::strerror(errno)));
    }
    return {};
}

Result<void> ResumeFile::remove() const {
    std::error_code error;
    std::filesystem::remove(path_, error);
    if (error) {
        return fail(ErrorKind::io, fmt::format("removing {}: {}", path_.string(), error.message()));
    }
    return {};
}

Result<std::string> file_fingerprint(const std::string& path, std::optional<std::uint64_t> size) {
    constexpr std::uint64_t part = std::uint64_t{64} * 1024;
    struct stat now {};
    std::ifstream file(path, std::ios::binary);
    if (!file || stat(path.c_str(), &now) != 0) {
        return fail(ErrorKind::io, fmt::format("opening {}: {}", path, std::strerror(errno)));
    }
    const auto length = size.value_or(static_cast<std::uint64_t>(now.st_size));
    const auto hash_at = [&](std::uint64_t from, std::uint64_t count) {
        std::string bytes(count, '\0');
        file.clear();
        file.seekg(static_cast<std::streamoff>(from));
        file.read(bytes.data(), static_cast<std::streamsize>(count));
        return fnv_hash(std::string_view(bytes).substr(0, static_cast<std::size_t>(file.gcount())));
    };
    const auto head = hash_at(0, std::min(part, length));
    const auto tail = hash_at(length - std::min(part, length), std::min(part, length));
    std::error_code error;
    const auto whole = std::filesystem::absolute(path, error);
    auto text =
        fmt::format("{} {} {:016x} {:016x}", (error ? std::filesystem::path(path) : whole).string(),
                    length, head, tail);
    if (!size) {
        text += fmt::format(" {}.{:09}", now.st_mtim.tv_sec, now.st_mtim.tv_nsec);
    }
    return text;
}

std::uint64_t fingerprinted_size(const std::string& fingerprint) {
    std::size_t at = fingerprint.size();
    for (int words = 0; words < 4 && at != fingerprint.npos; ++words) {
        at = at == 0 ? fingerprint.npos : fingerprint.rfind(' ', at - 1);
    }
    std::uint64_t size = 0;
    if (at != fingerprint.npos) {
        std::from_chars(fingerprint.data() + at + 1, fingerprint.data() + fingerprint.size(), size);
    }
    return size;
}

}  // namespace pwlog
