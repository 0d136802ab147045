#pragma once
// Replays the steps of a LaunchSpec, one at a time, in the calling process.

#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "container/launch_spec.hpp"
#include "init/root.hpp"

namespace cmp::init {

/// Keeps what one step leaves for the next (descriptors of the new root). Not for a process with threads.
class Replay {
 public:
  /// Carries out one step. The error says what was to be done to what, and why it failed.
  [[nodiscard]] Status apply(const container::Step& step);

  /// \param sync    where the parent is told of a rendezvous
  /// \param mounts  what BindMount::prepared counts
  explicit Replay(int sync, std::vector<UniqueFd> mounts = {}) : root_(std::move(mounts)), sync_(sync) {}

 private:
  Status carry_out(const container::step::JoinCgroups&);
  Status carry_out(const container::step::Unshare&);
  Status carry_out(const container::step::ShareNamespaces&);
  Status carry_out(const container::step::JoinNamespaces&);
  Status carry_out(const container::step::SetHostname&);
  Status carry_out(const container::step::WriteSysctl&);
  Status carry_out(const container::step::SetRlimit&);
  Status carry_out(const container::step::SetOomScore&);
  Status carry_out(const container::step::Rendezvous&);
  Status carry_out(const container::step::BecomeRoot&);
  Status carry_out(const container::step::RunHooks&);

  /// All others concern files.
  template <typename FileStep>
  Status carry_out(const FileStep& step) {
    return root_.apply(step);
  }

  Root root_;
  int sync_;
};

}  // namespace cmp::init
