#pragma once
// The running program as a copy that nobody can change.

#include <string>

#include "base/result.hpp"

namespace cmp::sys {

/// Executes a sealed copy of this program (memfd_create(2), F_SEAL_WRITE), with the same arguments and environment, and
/// so returns only on failure; at once with success if this is one already. For what enters containers:
/// `#!/proc/self/exe` there leads to the program that has entered, and its file must not be writable (CVE-2019-5736).
/// \param ready  a file that may be such a copy already ("/proc/PID/exe" of the guardian): used, if it is one of this
/// very
///               program, instead of copying megabytes
[[nodiscard]] Status become_sealed_copy(const std::string& ready);

}  // namespace cmp::sys
