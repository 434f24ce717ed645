// SPDX-License-Identifier: MIT
#include "backfill/run/job_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "backfill/input/file_input.h"

namespace pwlog {

namespace {

bool is_file(const BackfillJob& job) {
    const auto paths = paths_of(job);
    return !job.maker && !job.index && std::all_of(paths.begin(), paths.end(), is_regular_file);
}

/// A file may have grown since, if its place is still where it was; shortened or changed it is
/// another one.
bool is_same_source(const BackfillJob& job, const ResumeState& state, const std::string& now) {
    const auto& saved = state.source;
    if (saved == now || !is_file(job) || !job.together.empty() || state.position.sorted) {
        return saved == now;
    }
    const auto size = fingerprinted_size(saved);
    const auto then = file_fingerprint(job.path, size);
    return size < fingerprinted_size(now) && then && saved.starts_with(*then + " ");
}

std::filesystem::path lock_file(const BackfillJob& job) {
    return job.state_file.string() + ".lock";
}

Result<SourceHold> hold(const BackfillJob& job, const std::string& source) {
    const auto lock = job.index ? lock_file(job) : std::filesystem::path();
    const auto path = job.index ? lock.string() : source;
    UniqueFd fd(open(path.c_str(),
                     O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (job.index ? O_CREAT : 0),
                     S_IRUSR | S_IWUSR));
    if (fd && flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return fail(ErrorKind::busy,
                    fmt::format("{}: another backfill of this source is running", source));
    }
    return SourceHold(std::move(fd), lock);
}

Result<std::string> fingerprint_of(const BackfillJob& job) {
    std::string text;
    for (const auto& path : paths_of(job)) {
        const auto one = file_fingerprint(path);
        if (!one) {
            return pass_on(one);
        }
        text += (text.empty() ? "" : "; ") + *one;
    }
    return text;
}

}  // namespace

std::vector<std::string> paths_of(const BackfillJob& job) {
    std::vector<std::string> paths{job.path};
    paths.insert(paths.end(), job.together.begin(), job.together.end());
    return paths;
}

Result<std::vector<SourceHold>> hold_all(const BackfillJob& job) {
    std::vector<SourceHold> held;
    if (!is_file(job) && (!job.index || job.state_file.empty())) {
        return held;
    }
    for (const auto& path : paths_of(job)) {
        auto one = hold(job, path);
        if (!one) {
            return pass_on(one);
        }
        held.push_back(std::move(*one));
    }
    return held;
}

Result<ResumeState> fresh_state(const BackfillJob& job) {
    ResumeState fresh;
    fresh.target = job.target;
    fresh.plan = backfill_plan(job);
    fresh.source = job.path;
    if (is_file(job)) {
        auto fingerprint = fingerprint_of(job);
        if (!fingerprint) {
            return pass_on(fingerprint);
        }
        fresh.source = std::move(*fingerprint);
    }
    return fresh;
}

Result<std::pair<ResumeState, bool>> find_state(const BackfillJob& job,
                                                const BackfillListener& listener) {
    const auto begun = fresh_state(job);
    if (!begun) {
        return pass_on(begun);
    }
    const auto& fresh = *begun;
    if (job.state_file.empty() || job.fresh) {
        return std::pair(fresh, false);
    }
    const auto saved = ResumeFile(job.state_file).load();
    if (!saved) {
        return pass_on(saved);
    }
    if (!*saved) {
        return std::pair(fresh, false);
    }
    const auto& state = **saved;
    const char* changed = !is_same_source(job, state, fresh.source) ? "source"
                          : state.target != fresh.target            ? "Elasticsearch"
                          : state.plan != fresh.plan                ? "command line"
                                                                    : nullptr;
    if (changed != nullptr) {
        listener.note(
            fmt::format("{}: an earlier run was interrupted, but the {} is not the same "
                        "any more: starting again",
                        name_of(job), changed));
        return std::pair(fresh, false);
    }
    listener.note(
        fmt::format("{}: an earlier run was interrupted; resuming after its first {} "
                    "documents",
                    name_of(job), state.tally.read));
    return std::pair(state, true);
}

}  // namespace pwlog
