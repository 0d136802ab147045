#pragma once
// Being in another network namespace for the time of one call.

#include <utility>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::net {

/// In another network namespace from enter() to the end of the scope. Only for processes with one thread. What is
/// opened meanwhile (sockets above all) belongs to that namespace for life. A process that could not return would
/// configure the wrong network from then on, so the destructor aborts it rather than go on.
class NamespaceVisit {
 public:
  /// setns(2); needs CAP_SYS_ADMIN in the user namespaces that own both.
  [[nodiscard]] static Result<NamespaceVisit> enter(int netns_fd);
  NamespaceVisit(NamespaceVisit&&) noexcept = default;
  NamespaceVisit& operator=(NamespaceVisit&&) = delete;
  NamespaceVisit(const NamespaceVisit&) = delete;
  NamespaceVisit& operator=(const NamespaceVisit&) = delete;
  ~NamespaceVisit();

 private:
  explicit NamespaceVisit(UniqueFd own) : own_(std::move(own)) {}

  UniqueFd own_;
};

}  // namespace cmp::net
