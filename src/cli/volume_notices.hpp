#pragma once
// What `down` has to say of volumes beside its progress.

#include "cli/context.hpp"

namespace cmp::cli {

/// The project's volumes as they were before, to be told what has become of them.
class VolumeNotices {
 public:
  VolumeNotices(const Context& context, const state::Paths& paths);
  /// One line each: what is kept and how it would go, what went and how it can be had back. Empties the trash of what
  /// is too old.
  void say() const;

 private:
  const Context& context_;
  state::Paths paths_;
  std::vector<std::string> before_;
};

}  // namespace cmp::cli
