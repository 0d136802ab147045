#pragma once
// The systemd unit that resumes a project when the machine starts. Pure (systemd.unit(5), systemd.service(5)).

#include <map>
#include <string>

namespace cmp::cli {

/// "cmp-shop.service".
[[nodiscard]] std::string unit_name(const std::string& project);

/// \param program      absolute path of cmp
/// \param environment  variables that the roles and commands are to have
[[nodiscard]] std::string unit_file(const std::string& project, const std::string& program,
                                    const std::map<std::string, std::string>& environment);

}  // namespace cmp::cli
