#pragma once
// One container, connected to this process's terminal or pipes until it ends or the user leaves: `attach`, `run`.

#include <memory>
#include <string>

#include "base/result.hpp"
#include "cli/detach_keys.hpp"
#include "cli/raw_output.hpp"
#include "state/record.hpp"
#include "supervisor/client.hpp"

namespace cmp::cli {

struct AttachmentOptions {
  std::string detach_keys = "ctrl-p,ctrl-q";
  bool input = true;
  bool sig_proxy = true;        ///< signals go to the container; else they end this process
  bool from_beginning = false;  ///< show what it has written already
  bool end_if_deaf = false;     ///< a signal that its first process can't get ends it
  int signal = 0;               ///< has come already, and is for the container
};

/// Stays until the container ends. \returns its exit code, 0 if the user has left it.
/// \param watch  follows the project since before the record was read
/// Error kInvalid: the container has a terminal, and standard input is none.
[[nodiscard]] Result<int> stay_with(const state::Paths& paths, supervisor::Client& watch, state::ContainerRecord record,
                                    const AttachmentOptions& options);

}  // namespace cmp::cli
