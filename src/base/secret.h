// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pwlog {

/// A password, key or token. It has no stream operator and no formatter, so that it cannot get into
/// a log line by accident; its memory is wiped when it is done.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret other) noexcept;
    ~Secret();

    bool empty() const { return value_.empty(); }
    /// The only way to the text; call it where it is handed to a library, and nowhere else.
    std::string_view reveal() const { return value_; }

    template <class Stream>
    friend Stream& operator<<(Stream&, const Secret&) = delete;

  private:
    std::string value_;
};

/// Reads a secret from `path`; a name without a slash is a systemd credential and is looked for in
/// $CREDENTIALS_DIRECTORY. One newline at the end is cut off.
///
/// Refused with `denied`: a file that others may read, write or run, or its group may write, or
/// that belongs to somebody else than root or this user; for a symbolic link that is asked of its
/// target. Refused with `invalid`: not a regular file, empty, longer than 64 KiB, control
/// characters.
Result<Secret> read_secret_file(const std::string& path);

}  // namespace pwlog
