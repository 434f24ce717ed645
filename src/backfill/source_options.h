#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backfill/mqtt_source.h"
#include "backfill/record_source.h"
#include "backfill/sample_document.h"
#include "backfill/source_kind.h"

namespace pwlog {

/// How a source is to be read.
struct SourceOptions {
    std::optional<SourceKind> kind{};  ///< none: recognised
    SampleContext context{};
    MqttDevices devices{};
    /// Messages of one device within this time are one sample.
    std::chrono::milliseconds window = std::chrono::seconds(2);
};

struct OpenedSource {
    std::unique_ptr<RecordSource> source;
    SourceKind kind;
    bool recognised = false;  ///< nobody said what it is
};

/// Opens a file, `-` for standard input. `from`: where to go on; null: the beginning.
Result<OpenedSource> open_file_source(const std::string& path, const SourceOptions& options,
                                      const SourcePosition* from);

}  // namespace pwlog
