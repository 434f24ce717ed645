// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "document/fields.h"

namespace pwlog {

using FieldValue = std::variant<std::int64_t, double, bool, std::string>;

/// Values by field, in the order of the table. A field that is not there was not known.
class FieldValues {
  public:
    void set(Field field, FieldValue value);
    /// None sets nothing.
    template <class T>
    void set(Field field, const std::optional<T>& value) {
        if (value) {
            set(field, FieldValue(*value));
        }
    }
    /// Only where nothing stands yet: what was said goes before what follows from it.
    void supply(Field field, FieldValue value);
    void drop(Field field);

    const FieldValue* find(Field field) const;
    bool contains(Field field) const { return find(field) != nullptr; }
    std::optional<double> number(Field field) const;  ///< of either type
    std::optional<bool> flag(Field field) const;
    const std::string* text(Field field) const;
    std::string text_or_none(Field field) const;  ///< none: empty

    bool empty() const { return items_.empty(); }
    auto begin() const { return items_.begin(); }
    auto end() const { return items_.end(); }

  private:
    std::vector<std::pair<Field, FieldValue>> items_;
};

/// What a device, or one of its outlets, showed at one time: the only form before JSON, whether it
/// was read from a line or out of history.
struct Sample {
    DocumentKind kind = DocumentKind::pdu;
    int outlet = 0;  ///< 1 to 8 for an outlet's, 0 for the others
    Timestamp time{};
    FieldValues values{};
    std::optional<std::chrono::nanoseconds> duration{};  ///< of the cycle, where it was read
    std::string event_id{};                              ///< of the transfer that it belongs to
};

/// Of PDUs and outlets, whose fields have the same names: the outlet's where the sample is one's.
inline Field either(const Sample& sample, Field pdu, Field outlet) {
    return sample.kind == DocumentKind::outlet ? outlet : pdu;
}

}  // namespace pwlog
