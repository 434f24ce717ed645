// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backfill/history/history.h"
#include "backfill/map/field_map.h"
#include "backfill/sources/mqtt_source.h"
#include "backfill/sources/record_source.h"
#include "backfill/sources/source_kind.h"

namespace pwlog {

/// How a source is to be read.
struct SourceOptions {
    std::optional<SourceKind> kind{};  ///< none: recognised
    SampleContext context{};
    /// What the devices have come to in the sources before; none: it begins here.
    std::shared_ptr<History> history{};
    MqttDevices devices{};
    FieldMap map{};  ///< for CSV, line protocol and another index
    TimeFormat time{};
    TimeBounds bounds{};
    DecimalMark decimal = DecimalMark::unsaid;
    char delimiter = '\0';        ///< of a CSV; none: found
    bool zone_said = false;       ///< of local times
    std::string upslog_format{};  ///< as given to `upslog -f`; empty: the usual one
    /// What one device says within this time is one sample. None: two seconds for messages, whose
    /// time is that of their arrival; the very same millisecond for the others.
    std::optional<std::chrono::milliseconds> window{};
};

std::shared_ptr<History> history_of(const SourceOptions& options);
MappingOptions mapping_options(const SourceOptions& options);

struct OpenedSource {
    std::unique_ptr<RecordSource> source;
    SourceKind kind;
    bool recognised = false;    ///< nobody said what it is
    bool put_in_order = false;  ///< its rows are not in the order of time
    bool begins_anew = false;   ///< its rows are read in another order now: the place means nothing
    std::set<std::string> left_out{};  ///< columns that are called like fields, but are none
};

/// The same from an input that is no file.
Result<OpenedSource> open_input_source(std::unique_ptr<ByteInput> input, const std::string& name,
                                       const SourceOptions& options, const SourcePosition* from,
                                       const std::stop_token& stop = {});

/// Several files of values as one source, in the order of time, so that what they say of the same
/// time meets. Each has to be one that may be read together.
Result<OpenedSource> open_files_together(const std::vector<std::string>& paths,
                                         const SourceOptions& options, const SourcePosition* from,
                                         const std::stop_token& stop = {});
/// Whether it holds values that a map puts together. Of what can be read only once that is only
/// known where its kind was said.
bool may_be_read_together(const std::string& path, const SourceOptions& options,
                          const std::stop_token& stop = {});

}  // namespace pwlog
