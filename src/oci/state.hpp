#pragma once
// What is told of a container (runtime.md, State), and what this runtime keeps of one between two commands.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "container/bundle_steps.hpp"
#include "oci/config.hpp"

namespace cmp::oci {

/// The version of the specification that is implemented.
inline constexpr std::string_view kSpecVersion = "1.2.0";

/// What is in state.json of a container.
struct Record {
  std::string oci_version, id, bundle, rootfs;
  int pid = 0;  ///< of its first process
  std::uint64_t start_ticks = 0;
  std::string created, owner;  ///< RFC 3339; the name of who made it
  std::string cgroup;          ///< below the root of each hierarchy; "" is none
  std::map<std::string, std::string> annotations;
};

[[nodiscard]] std::string encode(const Record& record);
[[nodiscard]] Result<Record> decode_record(std::string_view text);

/// The state as JSON. `pid` 0 is left out, as of a stopped container.
[[nodiscard]] std::string state_text(const Record& record, std::string_view status, int pid);

/// Hooks with the state that they read: the process id is filled in when they are run.
[[nodiscard]] container::step::RunHooks with_state(std::string kind, std::vector<container::Hook> hooks,
                                                   const Record& record, std::string_view status);

}  // namespace cmp::oci
