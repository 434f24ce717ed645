// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pwlog {

/// The address of one Elasticsearch (or Kibana) server, checked once: only an object of this type
/// can be sent to, so credentials never travel in the clear by accident.
class ServerUrl {
  public:
    /// Takes `http[s]://host[:port][/prefix]`. Refused: user and password in it (they would end in
    /// logs), query, fragment, other schemes, and http to anything but this machine unless
    /// `allow_plaintext`.
    static Result<ServerUrl> parse(std::string_view text, bool allow_plaintext);

    /// Without a slash at the end, so that `text() + "/_bulk"` is an address.
    const std::string& text() const { return text_; }
    bool encrypted() const { return text_.starts_with("https:"); }

  private:
    explicit ServerUrl(std::string text) : text_(std::move(text)) {}

    std::string text_;
};

}  // namespace pwlog
