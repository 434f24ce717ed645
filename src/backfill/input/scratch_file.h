// SPDX-License-Identifier: MIT
#pragma once

#include "base/unique_fd.h"

namespace pwlog {

/// A file without a name in the folder for temporary files (TMPDIR, else /var/tmp): nobody else
/// sees it, and it is gone with the process. Not open: errno says why.
UniqueFd open_scratch_file();

}  // namespace pwlog
