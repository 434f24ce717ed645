// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <utility>

#include "document/document.h"
#include "document/sample.h"

namespace pwlog {

/// One value out of a source.
struct SampleValue {
    std::string device;
    Timestamp time;
    DocumentKind kind;
    int outlet = 0;  ///< 1 to 8 for an outlet's field
    Field field{};
    FieldValue value;
    bool second_choice = false;  ///< another one of the sample for this field counts instead
};

/// Where in what is read together a value stands.
struct RowPlace {
    std::size_t source = 0;
    std::uint64_t line = 0;
    bool operator==(const RowPlace&) const = default;
};

/// What one device showed at one time.
struct JoinedSample {
    std::string device;
    Timestamp time;            ///< of the first value
    RowPlace place{};          ///< of the first value
    std::uint64_t number = 0;  ///< in the order of the beginnings
    std::map<std::pair<DocumentKind, int>, FieldValues> documents;
    /// Of which fields a second choice has come, and whether it is the value.
    std::map<Field, bool> second_choices{};
};

/// Puts values that belong together into one sample: those of one device within `window` of its
/// first one, until a value comes a second time. Memory is bounded: at most `most_open` devices.
class SampleJoiner {
  public:
    explicit SampleJoiner(std::chrono::milliseconds window) : window_(window) {}

    /// Takes the values of one line, all of one time. Closes the samples that they show to be
    /// complete. False, and nothing is taken: another value of the same time was there already; two
    /// documents cannot have one identity.
    bool add(std::span<SampleValue> values, const RowPlace& place);
    /// Closes all that is open.
    void flush();

    /// Complete samples, in the order in which they were closed.
    std::deque<JoinedSample>& complete() { return complete_; }
    bool nothing_open() const { return open_.empty(); }
    /// Whether all that is open began at this line.
    bool all_opened_at(const RowPlace& place) const;

  private:
    static constexpr std::size_t most_open = 256;

    static bool comes_again(const JoinedSample& sample, const SampleValue& value);
    static void set(JoinedSample& sample, SampleValue& value);
    bool contradicts(const SampleValue& value, const RowPlace& place) const;
    static bool is_over(const JoinedSample& sample, const SampleValue& value,
                        const RowPlace& place);
    void close_older(Timestamp now);
    void close(std::map<std::string, JoinedSample>::iterator sample);

    std::chrono::milliseconds window_;
    std::uint64_t opened_ = 0;
    std::map<std::string, JoinedSample> open_;
    std::deque<JoinedSample> complete_;
};

}  // namespace pwlog
