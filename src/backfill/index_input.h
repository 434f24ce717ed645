#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/byte_input.h"
#include "backfill/index_search.h"

namespace pwlog {

/// An index as lines, each a hit: `{"_index":…,"_id":…,"_source":{…}}`, in the order of time, or
/// that of the shards where any will do. Pages are so large that memory stays small, whatever the
/// documents are.
///
/// A place in it is told by the documents of one time: all before them were handed out. Within one
/// point in time their order stays, so there any place is found again; in another one the whole
/// group is read again. The order of the shards is of no use in another one, so there all is.
class IndexInput final : public ByteInput {
  public:
    /// The documents of one time begin here, or a few of the same shard.
    struct Group {
        std::uint64_t offset = 0;  ///< bytes before it
        std::uint64_t lines = 0;
        std::string previous_time;  ///< first sort value before it; empty: none
        std::string pit_id;         ///< the point in time that it was read in
    };

    /// `from`: where to begin, with a point in time if that is to be gone on with.
    IndexInput(IndexSearch search, Group from);

    /// Opens the point in time and reads the first page.
    Result<void> start();

    Result<std::size_t> read(char* to, std::size_t size) override;
    /// Only forward, within a group that was read in the same point in time.
    Result<void> skip_to(std::uint64_t offset) override;
    std::uint64_t consumed() const override { return lines_; }
    std::optional<std::uint64_t> total() const override { return search_.total(); }
    const std::string& damage() const override { return damage_; }

    /// The group that this offset is in; offsets may only grow.
    const Group& group_at(std::uint64_t offset);
    const std::string& pit_id() const { return search_.pit_id(); }
    /// Whether a point in time was lost, and another one taken.
    bool began_again() const { return began_again_; }

  private:
    Result<bool> next_line();
    Result<void> fetch();
    Result<void> begin_again(const Error& why);
    void forget_place();
    bool take_page(const SearchPage& page);
    void adapt_size(const SearchPage& page);
    void sort_groups();
    void write_line(const SearchHit& hit);

    IndexSearch search_;
    std::vector<SearchHit> hits_;  // of the page that is in search_
    std::size_t next_hit_ = 0;
    std::size_t size_ = 100;     // of a page, in documents
    std::size_t too_small_ = 0;  // a page of this size held one group alone
    bool last_page_ = false;
    bool began_again_ = false;
    std::string after_;          // sort values
    std::string time_;           // of the last line
    std::size_t in_group_ = 0;   // lines since the group began
    std::string complete_time_;  // all documents up to this one were handed out
    std::string line_;
    std::size_t in_line_ = 0;    // bytes of it that were handed out
    std::uint64_t written_ = 0;  // bytes of all lines up to and with line_
    std::uint64_t lines_ = 0;
    std::deque<Group> groups_;
    std::string damage_;
};

}  // namespace pwlog
