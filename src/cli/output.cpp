#include "cli/output.hpp"

#include <unistd.h>

#include <csignal>

#include "sys/file.hpp"

namespace cmp::cli {

Status print(std::string_view text) {
  return sys::write_all(STDOUT_FILENO, text).context("standard output");
}

void print_error(std::string_view text) {
  static_cast<void>(sys::write_all(STDERR_FILENO, text));
}

void leave_quietly_on_broken_pipe() {
  struct sigaction action {};

  action.sa_handler = [](int) { _exit(0); };
  ::sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace cmp::cli
