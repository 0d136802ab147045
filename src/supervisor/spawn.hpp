#pragma once
// Executing a sealed copy of this binary in another role.

#include <sys/types.h>

#include <map>
#include <string>

#include "base/result.hpp"
#include "state/paths.hpp"

namespace cmp::supervisor {

/// Descriptors a role is born with.
inline constexpr int kListenerFd = 3;
inline constexpr int kSelfFd = 4;  ///< the sealed binary, to execute the next role from
inline constexpr int kLinkFd = 5;  ///< the supervisor's end of its guardian's link

/// Starts the supervisor as a child of the caller (the guardian). \returns its pid.
[[nodiscard]] Result<pid_t> spawn_supervisor(const state::Paths& paths, int self_exe, int listener, int link);

/// Becomes the guardian: the supervisor whose guardian has been killed, or a guardian of another build. Returns only on
/// failure.
/// \param held    descriptors it goes on holding, by name
/// \param unseen  exits that no supervisor has written down yet: wait status by pid
[[nodiscard]] Error become_guardian(const state::Paths& paths, int self_exe, int listener,
                                    const std::map<std::string, int>& held, const std::map<int, int>& unseen);

}  // namespace cmp::supervisor
