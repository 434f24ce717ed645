// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "backfill/index/index_search.h"
#include "backfill/index/index_slice.h"
#include "backfill/input/byte_input.h"

namespace pwlog {

/// An index as lines, each a hit: `{"_index":…,"_id":…,"_source":{…}}`, in the order of time, or
/// where any will do in that of the shards. Its slices are fetched side by side; by time they are
/// put together hit by hit, else a page of each in turn.
///
/// A place in it is told by the documents of one time: all before them were handed out. Within one
/// point in time their order stays, so there any place is found again; in another one the whole
/// group is read again. The order of the shards is of no use in another one, so there all is.
class IndexInput final : public ByteInput {
  public:
    /// The documents of one time begin here, or a few of the same slice.
    struct Group {
        std::uint64_t offset = 0;  ///< bytes before it
        std::uint64_t lines = 0;
        /// The time before it; else the number of its slice, and of each slice the place of the
        /// last document before it, or `-`. Empty: it is the first.
        std::string place;
        std::string pit_id;  ///< the point in time that it was read in
    };

    /// `from`: where to begin, with a point in time if that is to be gone on with.
    IndexInput(IndexSearch search, Group from);

    /// Opens the point in time and reads the first pages.
    Result<void> start();

    Result<std::size_t> read(char* to, std::size_t size) override;
    /// Only forward, within a group that was read in the same point in time.
    Result<void> skip_to(std::uint64_t offset) override;
    std::uint64_t consumed() const override { return lines_; }
    std::optional<std::uint64_t> total() const override { return search_.total(); }
    const std::string& damage() const override { return damage_; }

    /// The group that this offset is in; offsets may only grow.
    const Group& group_at(std::uint64_t offset);
    /// Whether a point in time was lost, and another one taken.
    bool began_again() const { return began_again_; }

  private:
    Result<bool> next_line();
    Result<const SearchHit*> peek();
    Result<const SearchHit*> earliest();
    Result<const SearchHit*> in_turn();
    bool would_wait() const;
    Result<void> open_slices();
    Result<void> begin_again(const Error& why);
    bool go_to(std::string place);
    std::string place() const;
    void begin_group();
    void write_line(const SearchHit& hit);

    IndexSearch search_;
    std::vector<std::unique_ptr<IndexSlice>> slices_;
    std::size_t current_ = 0;          // the slice of the last hit
    std::vector<std::string> behind_;  // of each slice: sort values of its last line; not by time
    std::string complete_time_;        // all documents up to this one were handed out; by time
    std::string time_;                 // of the last line
    std::size_t in_group_ = 0;         // lines since the group began
    std::size_t group_slice_ = 0;
    bool seeking_ = false;  // a place within a group, which is of one slice
    bool began_again_ = false;
    std::string line_;
    std::size_t in_line_ = 0;    // bytes of it that were handed out
    std::uint64_t written_ = 0;  // bytes of all lines up to and with line_
    std::uint64_t lines_ = 0;
    std::deque<Group> groups_;
    std::string damage_;
};

}  // namespace pwlog
