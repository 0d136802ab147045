#include "sys/sealed_self.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
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

bool is_sealed(int fd) {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_WRITE) != 0;
}

/// The same size and the same first page, which has the ELF header and the note with the build's id.
bool same_program(int one, int other) {
  struct stat first {};

  struct stat second {};

  std::array<char, 4096> head{}, other_head{};
  return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 && first.st_size == second.st_size &&
         ::pread(one, head.data(), head.size(), 0) == static_cast<ssize_t>(head.size()) &&
         ::pread(other, other_head.data(), other_head.size(), 0) == static_cast<ssize_t>(head.size()) &&
         head == other_head;
}

Result<UniqueFd> sealed_program(int self, const std::string& ready) {
  auto there = open_file(ready, O_RDONLY);
  if (there && is_sealed(there->get()) && same_program(self, there->get())) {
    return there;
  }
  return sealed_copy("/proc/self/exe", "cmp");
}

}  // namespace

Status become_sealed_copy(const std::string& ready) {
  CMP_TRY(const UniqueFd self, open_file("/proc/self/exe", O_RDONLY));
  if (is_sealed(self.get())) {
    return {};
  }
  CMP_TRY(const UniqueFd copy, sealed_program(self.get(), ready));
  CMP_TRY(std::string text, read_file("/proc/self/cmdline"));
  if (text.empty() || text.back() != '\0') {
    text += '\0';
  }
  ::execveat(copy.get(), "", arguments(text).data(), environ, AT_EMPTY_PATH);
  return sys_error("execute the sealed copy of cmp");
}

}  // namespace cmp::sys
