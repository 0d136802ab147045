#include "cli/raw_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "sys/file.hpp"

namespace cmp::cli {

namespace {

Result<UniqueFd> open_log(const std::string& file, bool from_beginning) {
  CMP_TRY(UniqueFd fd, sys::open_file(file, O_RDONLY));
  if (!from_beginning && ::lseek(fd.get(), 0, SEEK_END) < 0) {
    return sys_error("seek to the end of the log");
  }
  return fd;
}

Status copy(int from, int to) {
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR) {
      return sys_error("read the log");
    }
    if (got == 0) {
      return {};
    }
    if (got > 0) {
      CMP_CHECK(sys::write_all(to, std::string_view(buffer.data(), static_cast<std::size_t>(got))));
    }
  }
}

}  // namespace

Result<RawOutput> RawOutput::open(const state::Paths& paths, const std::string& container, bool from_beginning) {
  CMP_TRY(auto watch, sys::DirectoryWatch::open(paths.logs_dir()));
  RawOutput output(std::move(watch));
  CMP_TRY(output.out_, open_log(paths.log_file(container, "out"), from_beginning));
  CMP_TRY(output.err_, open_log(paths.log_file(container, "err"), from_beginning));
  return output;
}

Status RawOutput::pass_on() {
  static_cast<void>(watch_.take());  // the names do not matter: both files are looked at
  CMP_CHECK(copy(out_.get(), STDOUT_FILENO));
  return copy(err_.get(), STDERR_FILENO);
}

}  // namespace cmp::cli
