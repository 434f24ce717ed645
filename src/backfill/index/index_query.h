// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "backfill/index/index_address.h"
#include "base/clock.h"
#include "elastic/backoff.h"
#include "elastic/http.h"

namespace pwlog {

/// Longer than the target may be away before a run is given up, so that a pause costs nothing.
inline constexpr std::string_view pit_keep_alive = "15m";
inline constexpr std::size_t usual_slices = 2;

/// Another index, and what is wanted of it.
struct IndexQuery {
    IndexAddress address;
    HttpOptions http{};
    std::string time_field = "@timestamp";
    /// Nothing depends on the order: that of the shards is taken where there is one. It is cheap
    /// whatever the size of the index; that of time need not be, in a time-series index.
    bool any_order = false;
    std::optional<Timestamp> since{};
    std::optional<Timestamp> until{};  ///< exclusive
    /// Parts of the index that are read side by side, where the server can tell them apart.
    std::size_t slices = usual_slices;
    /// A server of which nothing is heard that helps for so long ends the run.
    std::chrono::milliseconds give_up_after = std::chrono::minutes(10);
    Backoff::Options backoff{};
    /// Told what goes wrong and is tried again, and what a person should know.
    std::function<void(const std::string&)> tell = [](const std::string&) {};
};

/// One page of it.
struct PageQuery {
    std::string filter;
    std::string after{};  ///< a list of sort values; empty: from the start
    std::size_t size = 0;
    std::string pit_id{};  ///< empty: none
    bool by_time = true;
    bool by_shard = false;  ///< alone, or where the time is the same
    /// Some indices count milliseconds and others nanoseconds: all are compared in milliseconds.
    bool mixed_times = false;
    std::size_t slice = 0;  ///< the number of this one
    std::size_t slices = 1;
};

/// Documents that have the time field, within the bounds where that is a date: what another type
/// holds is not known to be comparable.
std::string wanted_filter(const IndexQuery& query, bool time_is_date);
/// Those that have none.
std::string timeless_filter(const IndexQuery& query);
/// The bodies of `_search` and `_field_caps`' path.
std::string search_body(const IndexQuery& query, const PageQuery& page);
std::string field_path(const IndexQuery& query);
/// Where `_field_caps` says something about the time field of this type, as a JSON pointer.
std::string field_pointer(const IndexQuery& query, std::string_view type);

}  // namespace pwlog
