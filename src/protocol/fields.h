// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pwlog {

/// One number of an answer: its name, its exact shape on the wire ("000.0" is three digits, a
/// point, one digit) and the range outside which it cannot be true. The ranges are wide: they are
/// there to tell damage from a reading, not a good from a bad supply.
struct NumberField {
    std::string_view name;
    std::string_view shape;
    double least;
    double greatest;
};

/// Whether a text has that shape, a digit for each character but the points, which stand as they
/// are; a leading minus in place of a digit only where that is allowed.
bool has_shape(std::string_view text, std::string_view shape, bool may_be_negative = false);

/// Splits at single spaces; two spaces in a row give an empty token, which no field accepts.
std::vector<std::string_view> split_fields(std::string_view payload);

/// Decodes one token of exactly the field's shape. A token with a dash for each digit (`---.-`) is
/// "no value", never 0. A leading minus is taken where the field's range goes below zero.
Result<std::optional<double>> decode_number(const NumberField& field, std::string_view token);

/// Decodes a whole list of tokens, one per field; the count must be right.
Result<std::vector<std::optional<double>>> decode_numbers(std::span<const NumberField> fields,
                                                          std::span<const std::string_view> tokens);

/// Writes `value` in the field's shape (zero-padded), or dashes for none: the other end of the
/// wire.
std::string encode_number(const NumberField& field, std::optional<double> value);

/// Decodes a token of digits only, at most `most_digits` of them.
Result<int> decode_digits(std::string_view token, std::size_t most_digits);

/// "QGS: …, got '…'": the message every decoder uses for an answer that is not what was asked for.
tl::unexpected<Error> garbled(std::string_view query, const std::string& what,
                              std::string_view payload);

}  // namespace pwlog
