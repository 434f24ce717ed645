// SPDX-License-Identifier: MIT
#pragma once

namespace pwlog {

/// How the metrics indices know one document from another.
enum class IndexMode {
    time_series,  ///< by dimensions and time, on the server; documents go without `_id`
    standard,     ///< by our own `_id`: for OpenSearch, and Elasticsearch before 8.7
};

}  // namespace pwlog
