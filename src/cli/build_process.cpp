#include "cli/build_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include <fmt/core.h>

#include "sys/wait.hpp"

namespace cmp::cli {

namespace {

[[noreturn]] void exec_buildah(std::vector<std::string> words, const std::string& directory, int out) {
  words.insert(words.begin(), "buildah");
  const std::vector<char*> argv = sys::exec_words(words);
  if (::dup2(out, STDOUT_FILENO) < 0 || ::dup2(out, STDERR_FILENO) < 0 || ::chdir(directory.c_str()) != 0) {
    ::_exit(126);
  }
  ::execvp(argv.front(), argv.data());
  ::_exit(127);
}

std::string without_prefix(const std::string& line) {
  constexpr std::string_view kPrefix = "Error: ";
  return line.starts_with(kPrefix) ? line.substr(kPrefix.size()) : line;
}

}  // namespace

Result<BuildProcess> BuildProcess::start(const std::vector<std::string>& words, const std::string& directory) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return sys_error("make pipe");
  }
  BuildProcess process;
  process.output_ = UniqueFd(ends[0]);
  const UniqueFd in(ends[1]);
  CMP_TRY(process.child_, sys::clone_process({}));
  if (process.child_.pid == 0) {
    exec_buildah(words, directory, in.get());
  }
  return process;
}

Result<bool> BuildProcess::read(const TakeLine& take) {
  std::array<char, 64U << 10U> buffer{};
  const ssize_t got = ::read(output_.get(), buffer.data(), buffer.size());
  if (got < 0) {
    return errno == EINTR ? Result<bool>(true) : sys_error("read from buildah");
  }
  rest_.append(buffer.data(), static_cast<std::size_t>(got));
  if (got == 0 && !rest_.empty()) {
    rest_ += '\n';
  }
  for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
    const std::string line = rest_.substr(0, end);
    rest_.erase(0, end + 1);
    last_ = line.empty() ? last_ : line;
    take(line);
  }
  return got > 0;
}

Status BuildProcess::finish() {
  CMP_TRY(const sys::ExitStatus status, sys::wait_for_child(child_.pid));
  if (status.code == 0) {
    return {};
  }
  if (status.signal != 0) {
    return make_error(status.signal == SIGINT ? Code::kInterrupted : Code::kSystem,
                      fmt::format("buildah was ended by signal {}", status.signal));
  }
  return make_error(Code::kSystem,
                    last_.empty() ? fmt::format("buildah ended with {}", status.code) : without_prefix(last_));
}

void BuildProcess::stop() const {
  static_cast<void>(sys::send_signal(child_.pidfd.get(), SIGTERM));
}

Status need_buildah(const Context& context) {
  const auto path = context.environment.find("PATH");
  std::string left = path == context.environment.end() ? "/usr/bin:/bin" : path->second;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(':'), left.size());
    if (::access((left.substr(0, end) + "/buildah").c_str(), X_OK) == 0) {
      return {};
    }
    left.erase(0, end + 1);
  }
  return make_error(Code::kNotFound,
                    "building images needs the program 'buildah' (Debian, Ubuntu: apt install buildah; "
                    "Fedora: dnf install buildah)");
}

Result<std::string> run_buildah(const std::vector<std::string>& words, const std::string& directory) {
  CMP_TRY(BuildProcess process, BuildProcess::start(words, directory));
  std::string output;
  const auto take = [&](std::string_view line) { output.append(line).append("\n"); };
  for (bool more = true; more;) {
    CMP_TRY(more, process.read(take));
  }
  CMP_CHECK(process.finish());
  return output;
}

}  // namespace cmp::cli
