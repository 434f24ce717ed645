// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "backfill/index/index_client.h"
#include "backfill/index/index_query.h"
#include "backfill/json/search_page.h"

namespace pwlog {

/// The hits of one slice of an index, or of all of it, page by page. While one page is used the
/// next one is on its way, on a thread and a connection of its own. Pages are so large that memory
/// stays small, whatever the documents are. One thread at a time.
class IndexSlice {
  public:
    /// `first` is what its first page is asked with, all but the size.
    static Result<std::unique_ptr<IndexSlice>> open(const IndexClient& server, PageQuery first,
                                                    std::size_t page_bytes);
    ~IndexSlice();
    IndexSlice(const IndexSlice&) = delete;
    IndexSlice& operator=(const IndexSlice&) = delete;

    /// Begins to fetch the first page.
    void begin() { fetch_next(); }
    /// The next hit, valid until take(); null at the end. Errors: `gone`, the point in time is
    /// there no more; `full`, too many documents of one time; others end the run.
    Result<const SearchHit*> next();
    void take() { ++next_hit_; }
    /// Whether the next hit is on a page that is still to come. Not before the first one.
    bool turns_page() const {
        return page_ && !page_->last && next_hit_ == page_->hits.hits.size();
    }
    /// What the point in time is called now; empty: as before.
    std::string_view pit_id() const { return page_ ? page_->hits.pit_id : std::string_view(); }

  private:
    struct Page {
        std::string body;  // hits look into it
        SearchPage hits;
        std::size_t found = 0;  // hits in the answer; some may be left for the next page
        bool last = false;
    };
    using FetchedPage = Result<std::unique_ptr<Page>>;

    IndexSlice(const IndexClient& server, PageQuery first, std::size_t page_bytes);

    void fetch_next();
    FetchedPage fetch();
    FetchedPage ask_page();
    bool fits(Page& page) const;
    void go_behind(const Page& page);
    void adapt_size(const Page& page);

    std::stop_source abort_;
    std::stop_callback<std::function<void()>> pass_stop_on_;
    std::optional<IndexClient> client_;  // with what follows, the fetching thread's while it runs
    PageQuery query_;
    std::size_t page_bytes_;
    std::size_t too_small_ = 0;  // a page of this size held documents of one time alone
    std::unique_ptr<Page> page_;
    std::size_t next_hit_ = 0;
    std::future<FetchedPage> coming_;  // last: its thread uses everything above
};

}  // namespace pwlog
