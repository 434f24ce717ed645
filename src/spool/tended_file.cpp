#include "spool/tended_file.h"

#include <spdlog/spdlog.h>

#include "spool/recovery.h"

namespace pwlog {

namespace {

/// Failures in a row after which the file is closed and opened again.
constexpr int patience = 3;
constexpr std::chrono::seconds reopening_pause{5};
/// Between two messages that the disk is full.
constexpr std::chrono::minutes quiet_time{1};
/// Free on the disk before the file may grow again: the ballast and some samples.
constexpr std::uint64_t room_to_grow = 1U << 20U;

}  // namespace

Result<std::unique_ptr<TendedFile>> TendedFile::open(SpoolDirectory directory,
                                                     const SpoolFileOptions& options,
                                                     const Clock& clock) {
    std::unique_ptr<TendedFile> tended(new TendedFile(std::move(directory), options, clock));
    auto file = open_or_recover(tended->directory_, options, clock.wall_now(), std::nullopt);
    if (!file) {
        return pass_on(file);
    }
    tended->file_ = std::move(*file);
    tended->look_after_disk();
    return tended;
}

Result<void> TendedFile::ensure_open() {
    if (file_) {
        return {};
    }
    const auto now = clock_.steady_now();
    if (now < next_reopening_) {
        return fail(ErrorKind::unavailable, "the spool could not be opened again yet");
    }
    next_reopening_ = now + reopening_pause;
    auto opened = open_or_recover(directory_, options_, clock_.wall_now(), books_);
    if (!opened) {
        return pass_on(opened);
    }
    file_ = std::move(*opened);
    spdlog::info("the spool is open again");
    return {};
}

/// Whether what failed is worth another try at once.
bool TendedFile::mend(const Error& error) {
    file_->store().distrust_log();
    switch (error.kind) {
        case ErrorKind::corrupt:
            return rebuild(error);
        case ErrorKind::full:
            return stop_growing();
        case ErrorKind::invalid:
            return false;
        default:
            return ++failures_ >= patience && reopen();
    }
}

bool TendedFile::rebuild(const Error& error) {
    books_ = file_->ledger();
    file_->store().database().set_checkpoint_on_close(false);
    file_.reset();
    auto made = recover(directory_, options_, clock_.wall_now(), books_, error.message);
    if (!made) {
        spdlog::error("the spool could not be made anew: {}", made.error().message);
        return false;
    }
    file_ = std::move(*made);
    return true;
}

/// SQLite needs room even to delete; the ballast gives it that.
bool TendedFile::stop_growing() {
    if (!file_->store().is_growing()) {
        return false;
    }
    const auto now = clock_.steady_now();
    if (now >= next_complaint_) {
        next_complaint_ = now + quiet_time;
        spdlog::error(
            "the spool's disk is full: the spool keeps its size until there is room again");
    }
    file_->store().set_growing(false);
    directory_.drop_ballast();
    return true;
}

bool TendedFile::reopen() {
    failures_ = 0;
    const bool growing = file_->store().is_growing();
    books_ = file_->ledger();
    file_.reset();
    next_reopening_ = {};
    if (auto opened = ensure_open(); !opened) {
        spdlog::error("the spool could not be opened again: {}", opened.error().message);
        return false;
    }
    file_->store().set_growing(growing);
    return true;
}

void TendedFile::look_after_disk() {
    if (file_ && (is_disk_full() || !directory_.has_ballast()) &&
        directory_.free_bytes() >= room_to_grow) {
        directory_.make_ballast();
        if (is_disk_full()) {
            spdlog::info("the spool's disk has room again");
            file_->store().set_growing(true);
        }
    }
}

const SpoolInfo& TendedFile::info() {
    if (file_) {
        last_info_ = {};
        file_->fill(last_info_);
    }
    return last_info_;
}

}  // namespace pwlog
