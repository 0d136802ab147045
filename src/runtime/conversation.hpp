#pragma once
// The parent's side of a launch of a bundle: what is done when the child has come to a certain place.

#include <functional>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "sys/process.hpp"

namespace cmp::runtime {

struct Answers {
  std::function<Status()> at_birth;                 ///< its first rendezvous
  std::function<Status()> before_pivot;             ///< its second
  std::function<Status(UniqueFd)> with_controller;  ///< it has made its terminal
};

enum class Ended { kPrepared, kExecuted };

/// Answers the child until it waits to be started or has executed its program. An error of an answer ends it; so does
/// the child's own.
[[nodiscard]] Result<Ended> converse(int sync, const Answers& answers);

/// Kills the child and reaps it.
void put_down(const sys::Child& child);

/// Sends the controller of a terminal to a console socket (as runc does; the message is the name "/dev/ptmx").
[[nodiscard]] Status send_to_console(const std::string& socket, const UniqueFd& controller);

/// Sends a descriptor of the process itself; "" is nowhere (as runc does; the message is its name).
[[nodiscard]] Status send_pidfd(const std::string& socket, const UniqueFd& pidfd);

}  // namespace cmp::runtime
