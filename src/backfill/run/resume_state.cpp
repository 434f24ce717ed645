#include "backfill/run/resume_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/json_object.h"
#include "base/sync_folder.h"
#include "base/unique_fd.h"
#include "elastic/json.h"

namespace pwlog {
namespace {

constexpr int format_version = 1;

std::string to_json(const ResumeState& state) {
    JsonObject json;
    json.add("pwlog_backfill", format_version);
    json.add("source", state.source);
    json.add("target", state.target);
    json.add("plan", state.plan);
    json.add("offset", state.position.offset);
    json.add("lines", state.position.lines);
    json.add("state", state.position.state);
    json.add("rejects_bytes", state.rejects_bytes);
    json.add("read", state.tally.read);
    json.add("stored", state.tally.stored);
    json.add("duplicate", state.tally.duplicate);
    json.add("rejected", state.tally.rejected);
    json.add("skipped", state.tally.skipped);
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
    state.position = {number("/offset"), number("/lines"), json_text(text, "/state")};
    state.rejects_bytes = number("/rejects_bytes");
    state.tally = {number("/read"), number("/stored"), number("/duplicate"), number("/rejected"),
                   number("/skipped")};
    return whole ? std::optional(state) : std::nullopt;
}

Result<void> write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(fd, text.data(), text.size());
        if (count < 0 && errno != EINTR) {
            return fail(ErrorKind::io, std::strerror(errno));
        }
        text.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return {};
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
        return fail(ErrorKind::corrupt,
                    fmt::format("{} is no state of a backfill; remove it to begin anew, which is "
                                "safe: what is stored already is not stored twice",
                                path_.string()));
    }
    return state;
}

Result<void> ResumeFile::save(const ResumeState& state) const {
    const std::string fresh = path_.string() + ".new";
    const auto failed = [&](const char* what) {
        return fail(ErrorKind::io, fmt::format("{} {}: {}", what, fresh, std::strerror(errno)));
    };
    const UniqueFd fd(open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                           S_IRUSR | S_IWUSR));
    if (!fd || !write_all(fd.get(), to_json(state)) || fsync(fd.get()) != 0) {
        return failed("writing");
    }
    if (rename(fresh.c_str(), path_.c_str()) != 0) {
        return failed("renaming");
    }
    if (!sync_folder_of(path_)) {
        return failed("making durable the folder of");
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

Result<std::string> file_fingerprint(const std::string& path) {
    constexpr std::size_t head_size = std::size_t{64} * 1024;
    std::ifstream file(path, std::ios::binary);
    std::string head(head_size, '\0');
    if (!file) {
        return fail(ErrorKind::io, fmt::format("opening {}: {}", path, std::strerror(errno)));
    }
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(file.gcount()));
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: it only has to tell files apart
    for (const char c : head) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    std::error_code error;
    const auto whole = std::filesystem::absolute(path, error);
    return fmt::format("{} {} {:016x}", (error ? std::filesystem::path(path) : whole).string(),
                       head.size(), hash);
}

}  // namespace pwlog
