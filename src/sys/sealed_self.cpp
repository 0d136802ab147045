#include "sys/sealed_self.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "sys/file.hpp"

namespace cmp::sys {

namespace {

/// The command line as /proc tells it, each word ended by a NUL.
std::vector<char*> arguments(std::string& text) {
  std::vector<char*> words;
  for (std::size_t at = 0; at < text.size(); at = text.find('\0', at) + 1) {
    words.push_back(text.data() + at);
  }
  words.push_back(nullptr);
  return words;
}

}  // namespace

Status become_sealed_copy() {
  CMP_TRY(const UniqueFd self, open_file("/proc/self/exe", O_RDONLY));
  const int seals = ::fcntl(self.get(), F_GET_SEALS);
  if (seals >= 0 && (seals & F_SEAL_WRITE) != 0) {
    return {};
  }
  CMP_TRY(const UniqueFd copy, sealed_copy("/proc/self/exe", "cmp"));
  CMP_TRY(std::string text, read_file("/proc/self/cmdline"));
  if (text.empty() || text.back() != '\0') {
    text += '\0';
  }
  ::execveat(copy.get(), "", arguments(text).data(), environ, AT_EMPTY_PATH);
  return sys_error("execute the sealed copy of cmp");
}

}  // namespace cmp::sys
