#include "sys/wait.hpp"

#include <sys/wait.h>

namespace cmp::sys {

Result<ExitStatus> wait_for_child(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) {
      return sys_error("waitpid");
    }
  }
  return decode_wait_status(status);
}

}  // namespace cmp::sys
