// SPDX-License-Identifier: MIT
#include "spool/store.h"

#include <algorithm>
#include <string>

#include "spool/schema.h"
#include "spool/spool_directory.h"

namespace pwlog {

namespace {

/// A flush moves the log into the file from this many frames on: half a mebibyte.
constexpr int checkpoint_frames = 512;
/// A log that no flush comes to move is moved by whoever commits: it stays below a mebibyte.
constexpr int most_frames = 900;

}  // namespace

Store::Store(std::unique_ptr<Database> database, SpoolCap cap)
    : database_(std::move(database)),
      max_pages_(static_cast<std::int64_t>(cap.pending_bytes / page_size)),
      archive_pages_(static_cast<std::int64_t>(cap.archive_bytes / page_size)) {}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& file, SpoolCap cap) {
    const bool in_memory = file.empty();
    if (auto prepared = in_memory ? Result<void>{} : SpoolDirectory::prepare_file(file);
        !prepared) {
        return pass_on(prepared);
    }
    auto database = in_memory ? Database::open_memory() : Database::open(file);
    if (!database) {
        return pass_on(database);
    }
    std::unique_ptr<Store> store(new Store(std::move(*database), cap));
    store->folder_ = file.parent_path();
    store->names_flushed_ = in_memory;
    // SQLite takes the file's size where that is more.
    const auto max_pages = static_cast<std::uint32_t>(store->max_pages_);
    if (auto configured = configure(store->database(), max_pages); !configured) {
        return pass_on(configured);
    }
    if (auto loaded = store->load_or_create(); !loaded) {
        return pass_on(loaded);
    }
    if (auto raised = store->raise_cap_to_size(); !raised) {
        return pass_on(raised);
    }
    return store;
}

Result<void> Store::raise_cap_to_size() {
    const auto there = database_->number("PRAGMA page_count");
    if (!there) {
        return pass_on(there);
    }
    max_pages_ = std::max(max_pages_, there->value_or(0));
    return {};
}

Result<void> Store::load_or_create() {
    const auto tables = database_->number("SELECT count(*) FROM sqlite_schema");
    if (!tables) {
        return pass_on(tables);
    }
    if (*tables == 0) {
        if (auto created = create_schema(*database_, Ledger{}); !created) {
            return created;
        }
    }
    const auto ledger = load_ledger(*database_);
    if (!ledger) {
        return pass_on(ledger);
    }
    ledger_ = *ledger;
    return verify_schema(*database_, ledger_);
}

Result<void> Store::move_log() {
    auto moved = database_->checkpoint();
    log_distrusted_ = !moved;
    return moved;
}

Result<void> Store::make_ready(Sync sync) {
    const bool is_long = database_->wal_frames() >= most_frames;
    if (is_long || (sync == Sync::full && log_distrusted_)) {
        if (auto moved = move_log(); !moved) {
            return moved;
        }
    }
    if (sync == Sync::full && !names_flushed_) {
        if (auto flushed = SpoolDirectory::flush_names(folder_); !flushed) {
            return flushed;
        }
        names_flushed_ = true;
    }
    return sync == Sync::full ? database_->run("PRAGMA synchronous=FULL")
                              : database_->run("PRAGMA synchronous=NORMAL");
}

Result<void> Store::write(Sync sync, const Change& change) {
    Ledger next = ledger_;
    ++next.commits;
    auto written = make_ready(sync);
    if (written) {
        written = database_->transaction([&]() -> Result<void> {
            auto changed = change(next);
            return changed ? save_ledger(*database_, next) : changed;
        });
    }
    if (!written) {
        log_distrusted_ = true;
        return written;
    }
    ledger_ = next;
    unflushed_ = sync == Sync::relaxed;
    return written;
}

void Store::set_growing(bool growing) {
    // Growing anew is proved by the file itself, not by its log.
    log_distrusted_ = log_distrusted_ || (growing && !growing_);
    growing_ = growing;
}

Result<void> Store::reserve(std::int64_t pages) {
    const auto bytes = (pages - 1) * std::int64_t{page_size};
    auto done = write(Sync::relaxed, [&](Ledger&) {
        return database_->run("INSERT INTO quarantine(seq,body) VALUES(0,zeroblob(?))", bytes);
    });
    // Pages that are given up in the transaction that took them are never written.
    done = done ? move_log() : done;
    done =
        done ? write(Sync::relaxed,
                     [&](Ledger&) { return database_->run("DELETE FROM quarantine WHERE seq=0"); })
             : done;
    return done ? move_log() : done;
}

Result<void> Store::flush(const Change& change) {
    log_distrusted_ = log_distrusted_ || database_->wal_frames() >= checkpoint_frames;
    // Also begins the log anew after a checkpoint, so that no later commit has to wait for that
    // flush.
    return write(Sync::full, change);
}

std::int64_t Store::all_pages() {
    const auto all = database_->number("PRAGMA page_count");
    return all ? all->value_or(0) : 0;
}

Result<std::int64_t> Store::used_pages() {
    const auto all = database_->number("PRAGMA page_count");
    const auto free = database_->number("PRAGMA freelist_count");
    if (!all || !free) {
        return all ? pass_on(free) : pass_on(all);
    }
    return all->value_or(0) - free->value_or(0);
}

Result<std::int64_t> Store::free_pages(std::int64_t limit) {
    const auto free = database_->number("PRAGMA freelist_count");
    const auto used = used_pages();
    if (!free || !used) {
        return free ? pass_on(used) : pass_on(free);
    }
    // Where the cap was lowered the file is larger than it may be: then this is negative.
    const std::int64_t below_cap = limit - *used;
    return growing_ ? below_cap : std::min(below_cap, free->value_or(0));
}

}  // namespace pwlog
