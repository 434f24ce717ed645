// SPDX-License-Identifier: MIT
#include "backfill/index/index_slice.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/printable.h"

namespace pwlog {
namespace {

constexpr std::size_t first_size = 100;  // in documents, until it is known how large they are
constexpr std::size_t most_documents = 10'000;  // index.max_result_window

/// What has the same time gets an order that every search gives again.
void sort_groups(std::vector<SearchHit>& hits) {
    for (auto begin = hits.begin(); begin != hits.end();) {
        const auto end = std::find_if(
            begin, hits.end(), [&](const SearchHit& hit) { return hit.time != begin->time; });
        std::sort(begin, end, [](const SearchHit& a, const SearchHit& b) {
            return std::tie(a.index, a.id) < std::tie(b.index, b.id);
        });
        begin = end;
    }
}

}  // namespace

Result<std::unique_ptr<IndexSlice>> IndexSlice::open(const IndexClient& server, PageQuery first,
                                                     std::size_t page_bytes) {
    std::unique_ptr<IndexSlice> slice(new IndexSlice(server, std::move(first), page_bytes));
    auto client = server.another(slice->abort_.get_token());
    if (!client) {
        return pass_on(client);
    }
    slice->client_ = std::move(*client);
    return slice;
}

IndexSlice::IndexSlice(const IndexClient& server, PageQuery first, std::size_t page_bytes)
    : pass_stop_on_(server.stop(), [this] { abort_.request_stop(); }),
      query_(std::move(first)),
      page_bytes_(page_bytes) {
    query_.size = first_size;
}

IndexSlice::~IndexSlice() { abort_.request_stop(); }

Result<const SearchHit*> IndexSlice::next() {
    while (!page_ || next_hit_ == page_->hits.hits.size()) {
        if (page_ && page_->last) {
            return nullptr;
        }
        fetch_next();
        auto page = coming_.get();
        if (!page) {
            return pass_on(page);
        }
        page_ = std::move(*page);
        next_hit_ = 0;
        fetch_next();
    }
    return &page_->hits.hits[next_hit_];
}

// Unless it is on its way, or there is none.
void IndexSlice::fetch_next() {
    if (!coming_.valid() && !(page_ && page_->last)) {
        // Where no thread can be made it is fetched by whoever waits for it.
        coming_ =
            std::async(std::launch::async | std::launch::deferred, [this] { return fetch(); });
    }
}

IndexSlice::FetchedPage IndexSlice::fetch() {
    for (;;) {
        auto page = ask_page();
        if (page) {
            if (fits(**page)) {
                go_behind(**page);
                adapt_size(**page);
                return page;
            }
            if (query_.size == most_documents) {
                return fail(
                    ErrorKind::full,
                    fmt::format("{} or more documents have the time {}, and this server "
                                "keeps no order among them: so many cannot be read",
                                most_documents, printable((*page)->hits.hits.front().time)));
            }
            too_small_ = query_.size;
            query_.size = std::min(query_.size * 4, most_documents);
        } else if (page.error().kind == ErrorKind::full && query_.size / 2 > too_small_) {
            query_.size /= 2;
        } else {
            return page;
        }
    }
}

IndexSlice::FetchedPage IndexSlice::ask_page() {
    const auto& address = client_->query().address;
    // A point in time knows its indices. Part of the hits would be worse than none.
    const auto path = fmt::format("{}/_search?allow_partial_search_results=false",
                                  query_.pit_id.empty() ? "/" + address.pattern : "");
    auto reply = client_->ask(HttpMethod::post, path, search_body(client_->query(), query_));
    if (!reply) {
        const bool too_long = reply.error().kind == ErrorKind::garbled;
        return fail(too_long ? ErrorKind::full : reply.error().kind, reply.error().message);
    }
    if (reply->status != 200) {
        const auto error = client_->explain(*reply);
        // "search_context_missing_exception"; what cannot be decoded is of another cluster.
        const bool lost = !query_.pit_id.empty() &&
                          (reply->status == 404 || reply->status == 400) &&
                          (says(*reply, "context_missing") || says(*reply, "point in time") ||
                           says(*reply, "invalid id"));
        return fail(lost ? ErrorKind::gone : error.kind, error.message);
    }
    auto page = std::make_unique<Page>();
    page->body = std::move(reply->body);
    if (const auto read = read_search_page(page->body, page->hits); !read) {
        return pass_on(read);
    }
    if (page->hits.incomplete) {
        return fail(ErrorKind::unavailable,
                    fmt::format("{}: a search was answered in part only", address.text()));
    }
    page->found = page->hits.hits.size();
    page->last = page->found < query_.size;
    return page;
}

// False where a larger page is needed: behind a time all of its documents are left out, so where
// they have no order a page takes whole groups only.
bool IndexSlice::fits(Page& page) const {
    auto& hits = page.hits.hits;
    if (query_.by_shard || hits.empty()) {
        return true;
    }
    if (!page.last) {
        if (hits.front().time == hits.back().time) {
            return false;
        }
        const auto cut = hits.back().time;
        while (hits.back().time == cut) {
            hits.pop_back();
        }
    }
    sort_groups(hits);
    return true;
}

void IndexSlice::go_behind(const Page& page) {
    if (!page.hits.pit_id.empty() && !query_.pit_id.empty()) {
        query_.pit_id = page.hits.pit_id;
    }
    if (!page.hits.hits.empty()) {
        query_.after = page.hits.hits.back().sort;
    }
}

void IndexSlice::adapt_size(const Page& page) {
    if (page.found == 0) {
        return;
    }
    const std::size_t fitting =
        page_bytes_ / std::max<std::size_t>(1, page.body.size() / page.found);
    query_.size = std::clamp<std::size_t>(fitting, 2, most_documents);
    too_small_ = 0;
}

}  // namespace pwlog
