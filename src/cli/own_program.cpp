#include "cli/own_program.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

namespace cmp::cli {

Result<sys::Child> start_own_program(const Context& context, const std::string& name, std::vector<std::string> words) {
  const Globals& globals = context.globals;
  std::vector<std::string> all = {"cmp", "-p", name};
  const auto add = [&](const char* option, const std::vector<std::string>& values) {
    for (const std::string& value : values) {
      all.insert(all.end(), {option, value});
    }
  };
  add("-f", globals.files);
  add("--env-file", globals.env_files);
  add("--profile", globals.profiles);
  if (!globals.project_directory.empty()) {
    add("--project-directory", {globals.project_directory});
  }
  all.insert(all.end(), words.begin(), words.end());
  CMP_TRY(sys::Child child, sys::clone_process({}));
  if (child.pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    auto arguments = sys::exec_words(all);
    ::execv("/proc/self/exe", arguments.data());
    ::_exit(127);
  }
  return child;
}

}  // namespace cmp::cli
