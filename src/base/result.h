// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace pwlog {

/// What a caller can do about a failure; the message is for people.
enum class ErrorKind {
    timeout,       ///< nothing, or not enough, came before the deadline: ask again
    refused,       ///< the other side understood and said no (NAK)
    garbled,       ///< an answer came that cannot be what was asked for: resynchronise
    gone,          ///< the port or peer vanished: reopen
    busy,          ///< somebody else holds the port, the spool, the socket
    wrong_device,  ///< something answers, but it is not the configured device
    denied,        ///< no permission, or not authorised
    not_found,     ///< a file, an index, a template does not exist
    invalid,       ///< bad input from a person: configuration, argument, file
    unavailable,   ///< a server cannot be reached or asks to come back later
    full,          ///< no room left on disk or below the configured cap
    corrupt,       ///< stored data fails its check
    stopped,       ///< asked to stop while waiting
    io,            ///< any other failure the operating system reports
};

/// A failure as a value: the kind for the program, the sentence for the person. The sentence says
/// what was tried, on what, and what came back.
struct Error {
    ErrorKind kind;
    std::string message;
};

/// The value or an Error. A struct and not an alias: only so does [[nodiscard]] reach every call.
template <class T>
struct [[nodiscard]] Result : tl::expected<T, Error> {
    using tl::expected<T, Error>::expected;
};

/// `return fail(ErrorKind::timeout, "…");`
inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
    return tl::unexpected<Error>(Error{kind, std::move(message)});
}

/// Hands the error of one Result on as that of another: `if (!port) return pass_on(port);`
template <class T>
tl::unexpected<Error> pass_on(const Result<T>& failed) {
    return tl::unexpected<Error>(failed.error());
}

}  // namespace pwlog
