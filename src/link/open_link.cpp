#include <fmt/format.h>

#include "link/link.h"

namespace pwlog {

Result<std::unique_ptr<Link>> open_link(const PortOptions& options) {
    return fail(ErrorKind::not_found, fmt::format("{}: no such device", options.name));
}

}  // namespace pwlog
