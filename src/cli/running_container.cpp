#include "cli/running_container.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace cmp::cli {

Result<state::ContainerRecord> running_container(const std::vector<state::ContainerRecord>& records,
                                                 const std::string& service, int index) {
  for (const bool one_off : {false, true}) {
    const auto chosen = std::find_if(records.begin(), records.end(), [&](const state::ContainerRecord& record) {
      return record.service == service && record.state == state::ContainerState::kRunning &&
             state::is_one_off(record) == one_off && (index == 0 || record.number == index);
    });
    if (chosen != records.end()) {
      return *chosen;
    }
  }
  return make_error(Code::kNotFound, index == 0
                                         ? fmt::format("service \"{}\" is not running", service)
                                         : fmt::format("service \"{}\" is not running container #{}", service, index));
}

}  // namespace cmp::cli
