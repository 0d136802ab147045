#pragma once
// What `create`, `run` and `exec` of the OCI runtime have in common: the descriptors of a process, and waiting for it.

#include "base/result.hpp"
#include "cli/oci_arguments.hpp"
#include "runtime/lifecycle.hpp"
#include "sys/signal_queue.hpp"

namespace cmp::cli {

[[nodiscard]] Result<runtime::Streams> oci_streams(const OciArguments& arguments);
[[nodiscard]] Result<runtime::CreateRequest> oci_create_request(const OciArguments& arguments);

/// The signals that a process in the foreground gets instead of us. To be opened before it is made.
[[nodiscard]] Result<sys::SignalQueue> queue_forwarded_signals();

/// Stands in front of a process until it ends: passes signals on and, with a controller, keys and output.
/// \returns its exit code, 128 + the signal that killed it
[[nodiscard]] Result<int> stand_in_front(sys::SignalQueue& signals, const runtime::Created& created);

}  // namespace cmp::cli
