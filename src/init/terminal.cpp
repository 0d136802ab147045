#include "init/terminal.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "sys/in_root.hpp"
#include "sys/terminal.hpp"

namespace cmp::init {

namespace {

constexpr const char* kConsole = "/dev/console";

/// Programs such as init systems write to the console by its name.
Status show_as_console(int root, int terminal) {
  CMP_TRY(const UniqueFd console, sys::open_or_make_in_root(root, kConsole, sys::Missing::kFile));
  const std::string source = fmt::format("/proc/self/fd/{}", terminal);
  const std::string target = fmt::format("/proc/self/fd/{}", console.get());
  if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    return sys_error(fmt::format("bind the terminal on '{}'", kConsole));
  }
  return {};
}

}  // namespace

Result<UniqueFd> make_terminal() {
  CMP_TRY(const UniqueFd root, sys::open_file("/", O_PATH | O_DIRECTORY));
  CMP_TRY(sys::PseudoTerminal pty, sys::open_pseudo_terminal(root.get()));
  CMP_CHECK(show_as_console(root.get(), pty.terminal.get()));
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::dup2(pty.terminal.get(), number) < 0) {  // NOLINT(android-cloexec-dup): the service gets them
      return sys_error("put the terminal in place");
    }
  }
  return std::move(pty.controller);
}

}  // namespace cmp::init
