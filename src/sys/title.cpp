#include "sys/title.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cmp::sys {

void set_title(std::string_view title, const char* comm) {
  ::prctl(PR_SET_NAME, comm, 0, 0, 0);
  // The kernel lays arguments and environment one behind the other (proc(5), cmdline).
  char* const begin = program_invocation_name;
  char* end = begin + std::strlen(begin);
  for (char** entry = environ; entry != nullptr && *entry == end + 1; ++entry) {
    end = *entry + std::strlen(*entry);
  }
  const auto room = static_cast<std::size_t>(end - begin);
  std::memset(begin, 0, room);
  std::memcpy(begin, title.data(), std::min(title.size(), room));
}

}  // namespace cmp::sys
