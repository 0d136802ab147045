#include "cli/outcome.hpp"

#include <utility>

#include <fmt/core.h>

#include "base/combined.hpp"
#include "cli/human.hpp"

namespace cmp::cli {

bool is_unchanged(const Outcome& outcome) {
  return !outcome.changed && outcome.errors.empty() && !outcome.interrupted;
}

std::string unchanged_notice(const std::string& project, const std::vector<std::string>& services,
                             const std::vector<std::string>& files) {
  const std::string subject = services.empty() ? project : join(services);
  const bool one = files.size() == 1;
  const std::string source = one ? files.front().substr(files.front().rfind('/') + 1) : std::string("its files");
  return fmt::format("Nothing to do: {} {} as {} {} it\n", subject, services.size() > 1 ? "are" : "is", source,
                     one ? "declares" : "declare");
}

Result<int> conclude(Outcome outcome) {
  if (outcome.interrupted) {
    return 130;
  }
  CMP_CHECK(combined(std::move(outcome.errors)));
  return 0;
}

}  // namespace cmp::cli
