#pragma once
// The caller's terminal, passed through to a program on a pseudo-terminal.

#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/detach_keys.hpp"
#include "supervisor/event_loop.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

struct RelayOptions {
  DetachKeys keys;
  std::function<void()> on_detach;
  bool shows_output = true;  ///< false: somebody else reads the controller
};

class TerminalRelay {
 public:
  /// Standard input and output are terminals; `controller` is the pseudo-terminal's own side and outlives this.
  TerminalRelay(supervisor::EventLoop& loop, int controller, RelayOptions options);
  ~TerminalRelay();
  TerminalRelay(const TerminalRelay&) = delete;
  TerminalRelay& operator=(const TerminalRelay&) = delete;

  /// Puts the caller's terminal into raw mode until the destructor, and begins.
  [[nodiscard]] Status start();
  /// The program's terminal gets the size of the caller's.
  void resize();
  /// Passes on what the program has written and nobody has read yet; call it when the program has ended.
  void drain();

 private:
  void read_keys();
  void write_keys();
  /// False if there is nothing more for now.
  bool pass_output();
  void watch_controller();

  supervisor::EventLoop& loop_;
  int controller_;
  RelayOptions options_;
  std::optional<sys::RawMode> raw_;
  std::string keys_;  ///< read and not taken by the program yet
  bool input_open_ = true;
};

}  // namespace cmp::cli
