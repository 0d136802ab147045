#include "net/namespace.hpp"

#include <fcntl.h>
#include <sched.h>

#include <cstdlib>

#include "sys/file.hpp"

namespace cmp::net {

Result<NamespaceVisit> NamespaceVisit::enter(int netns_fd) {
  CMP_TRY(UniqueFd own, sys::open_file("/proc/thread-self/ns/net", O_RDONLY));
  if (::setns(netns_fd, CLONE_NEWNET) != 0) {
    return sys_error("enter network namespace");
  }
  return NamespaceVisit(std::move(own));
}

NamespaceVisit::~NamespaceVisit() {
  if (own_ && ::setns(own_.get(), CLONE_NEWNET) != 0) {
    std::abort();
  }
}

}  // namespace cmp::net
