#pragma once
// The running program as a copy that nobody can change.

#include "base/result.hpp"

namespace cmp::sys {

/// Executes a sealed copy of this program (memfd_create(2), F_SEAL_WRITE), with the same arguments and environment, and
/// so returns only on failure; at once with success if this is one already. For what enters containers:
/// `#!/proc/self/exe` there leads to the program that has entered, and its file must not be writable (CVE-2019-5736).
[[nodiscard]] Status become_sealed_copy();

}  // namespace cmp::sys
