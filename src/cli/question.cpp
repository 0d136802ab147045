#include "cli/question.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <iostream>

#include <fmt/core.h>

#include "cli/output.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

Result<bool> confirmed(const std::string& question) {
  const bool terminal = sys::is_terminal(STDIN_FILENO);
  CMP_CHECK(print(terminal ? fmt::format("? {} (y/N) ", question) : question));
  std::string answer;
  std::getline(std::cin, answer);
  std::transform(answer.begin(), answer.end(), answer.begin(), [](unsigned char c) { return std::tolower(c); });
  return answer == "y" || answer == "yes";
}

}  // namespace cmp::cli
