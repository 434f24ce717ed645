// SPDX-License-Identifier: MIT
#include "protocol/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/parse_number.h"
#include "base/printable.h"

namespace pwlog {
namespace {

std::string dashes(std::string_view shape) {
    std::string none(shape);
    std::replace(none.begin(), none.end(), '0', '-');
    return none;
}

}  // namespace

bool has_shape(std::string_view text, std::string_view shape, bool may_be_negative) {
    if (text.size() != shape.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool minus = may_be_negative && i == 0 && text[i] == '-' && shape.size() > 1;
        const bool fits = shape[i] == '.' ? text[i] == '.' : is_digit(text[i]) || minus;
        if (!fits) {
            return false;
        }
    }
    return true;
}

std::vector<std::string_view> split_fields(std::string_view payload) {
    std::vector<std::string_view> tokens;
    std::size_t start = 0;
    while (true) {
        const auto space = payload.find(' ', start);
        tokens.push_back(payload.substr(start, space - start));
        if (space == std::string_view::npos) {
            return tokens;
        }
        start = space + 1;
    }
}

Result<std::optional<double>> decode_number(const NumberField& field, std::string_view token) {
    if (token == dashes(field.shape)) {
        return std::optional<double>{};
    }
    if (!has_shape(token, field.shape, field.least < 0)) {
        return fail(ErrorKind::garbled, fmt::format("{} must look like {}, got '{}'", field.name,
                                                    field.shape, printable(token)));
    }
    const auto value = parse_number<double>(token, std::chars_format::fixed);
    if (!value) {
        return fail(ErrorKind::garbled,
                    fmt::format("{} is not a number: '{}'", field.name, printable(token)));
    }
    if (*value < field.least || *value > field.greatest) {
        return fail(ErrorKind::garbled, fmt::format("{} of {} is outside {} to {}", field.name,
                                                    token, field.least, field.greatest));
    }
    return value;
}

Result<std::vector<std::optional<double>>> decode_numbers(
    std::span<const NumberField> fields, std::span<const std::string_view> tokens) {
    if (tokens.size() != fields.size()) {
        return fail(ErrorKind::garbled,
                    fmt::format("{} of {} fields", tokens.size(), fields.size()));
    }
    std::vector<std::optional<double>> values;
    values.reserve(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        auto value = decode_number(fields[i], tokens[i]);
        if (!value) {
            return pass_on(value);
        }
        values.push_back(*value);
    }
    return values;
}

std::string encode_number(const NumberField& field, std::optional<double> value) {
    if (!value) {
        return dashes(field.shape);
    }
    const auto point = field.shape.find('.');
    const std::size_t decimals =
        point == std::string_view::npos ? 0 : field.shape.size() - point - 1;
    return fmt::format("{:0{}.{}f}", *value, field.shape.size(), decimals);
}

Result<int> decode_digits(std::string_view token, std::size_t most_digits) {
    if (token.empty() || token.size() > most_digits || !are_digits(token)) {
        return fail(ErrorKind::garbled, fmt::format("1 to {} digits expected, got '{}'",
                                                    most_digits, printable(token)));
    }
    return parse_number<int>(token).value_or(0);
}

tl::unexpected<Error> garbled(std::string_view query, const std::string& what,
                              std::string_view payload) {
    return fail(ErrorKind::garbled,
                fmt::format("{}: {}, got '{}'", query, what, printable(payload)));
}

}  // namespace pwlog
