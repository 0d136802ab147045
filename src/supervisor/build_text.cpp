// Builds of cmp as they tell each other who they are.

#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/core.h>

#include "supervisor/protocol.hpp"
#include "sys/build_id.hpp"

namespace cmp::supervisor {

namespace {

/// "1.12.3 …" → 1, 12, 3.
std::vector<int> numbers(const std::string& build) {
  std::vector<int> out;
  const char* at = build.data();
  const char* const end = at + std::min(build.find(' '), build.size());
  while (at < end) {
    int number = 0;
    const auto [rest, code] = std::from_chars(at, end, number);
    if (code != std::errc()) {
      break;
    }
    out.push_back(number);
    at = rest < end && *rest == '.' ? rest + 1 : end;
  }
  return out;
}

}  // namespace

std::string build_text() {
  return fmt::format("{} {}", CMP_VERSION, sys::build_id());
}

bool replaces(const std::string& mine, const std::string& theirs) {
  return !theirs.empty() && mine != theirs && numbers(mine) >= numbers(theirs);
}

}  // namespace cmp::supervisor
