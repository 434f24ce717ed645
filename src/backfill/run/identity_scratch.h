// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backfill/run/identity_book.h"
#include "base/unique_fd.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pwlog {

/// Entries on disk, in files without names ($TMPDIR, else /var/tmp). They are only written, one
/// behind the other, until the first one is looked for; then they get an index.
class IdentityScratch {
  public:
    IdentityScratch() = default;
    ~IdentityScratch();
    IdentityScratch(const IdentityScratch&) = delete;
    IdentityScratch& operator=(const IdentityScratch&) = delete;

    void add(const IdentityBook::Entry& entry);
    /// Its content.
    std::optional<std::uint64_t> find(std::uint64_t key, std::int64_t time);
    /// Empty, or why it is of no use any more.
    const std::string& problem() const { return problem_; }

  private:
    void write_out();
    void make_index();
    void insert(const IdentityBook::Entry& entry);
    bool prepare(const char* sql, sqlite3_stmt*& statement);
    void fail_with(const std::string& why);

    std::vector<IdentityBook::Entry> waiting_;  // to be written
    UniqueFd file_;
    sqlite3* db_ = nullptr;  // null: nothing was looked for yet
    sqlite3_stmt* add_ = nullptr;
    sqlite3_stmt* find_ = nullptr;
    std::string problem_;
};

}  // namespace pwlog
