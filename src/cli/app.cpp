#include "cli/app.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <variant>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/complete.hpp"
#include "cli/diffutils.hpp"
#include "cli/docker_name.hpp"
#include "cli/oci.hpp"
#include "cli/output.hpp"
#include "cli/parse.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "sys/file.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

namespace {

/// A closed standard stream would give its number to the next file that is opened.
void ensure_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0) {
      static_cast<void>(::open("/dev/null", O_RDWR));  // NOLINT(android-cloexec-open): inherited like the others
    }
  }
}

/// What is left of a command for the message about its failure.
struct Aftermath {
  Style style;
  std::shared_ptr<std::string> standard_input = std::make_shared<std::string>();
};

/// COMPOSE_PARALLEL_LIMIT, where --parallel is not given.
Status take_parallel_limit(Context& context) {
  const auto limit = context.environment.find("COMPOSE_PARALLEL_LIMIT");
  if (context.globals.parallel || limit == context.environment.end() || limit->second.empty()) {
    return {};
  }
  int number = 0;
  const char* const end = limit->second.data() + limit->second.size();
  const auto [rest, code] = std::from_chars(limit->second.data(), end, number);
  if (code != std::errc() || rest != end) {
    return make_error(Code::kInvalid,
                      fmt::format("COMPOSE_PARALLEL_LIMIT must be an integer (found: \"{}\")", limit->second));
  }
  context.globals.parallel = number;
  return {};
}

Result<int> dispatch(const std::vector<std::string>& arguments, Aftermath& after) {
  CMP_TRY(Invocation invocation, parse(arguments));
  Context context{.globals = std::move(invocation.globals),
                  .style = {},
                  .environment = process_environment(),
                  .standard_input = after.standard_input};
  const Terminals terminals{.out = sys::is_terminal(STDOUT_FILENO), .err = sys::is_terminal(STDERR_FILENO)};
  CMP_TRY(context.style, decide_style(context.globals, context.environment, terminals));
  after.style = context.style;
  CMP_CHECK(take_parallel_limit(context));
  if (context.globals.compatibility) {
    context.environment["COMPOSE_COMPATIBILITY"] = "true";
  }
  for (const std::string& warning : invocation.warnings) {
    print_error(fmt::format("warning: {}\n", warning));
  }
  return std::visit([&](const auto& options) { return run_command(context, options); }, invocation.command);
}

}  // namespace

Result<int> run_command(const Context&, const HelpText& help) {
  CMP_CHECK(print(help.text));
  return 0;
}

int run(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool docker_name = argc > 0 && is_docker_name(argv[0]);
  if (docker_name && asks_for_metadata(arguments)) {
    return print(plugin_metadata()) ? 0 : 1;
  }
  if (docker_name) {
    take_plugin_words(arguments);
  }
  if (is_oci_runtime(argv, arguments)) {
    ensure_standard_streams();
    leave_quietly_on_broken_pipe();
    return run_oci_runtime(arguments);
  }
  if (!arguments.empty() && arguments.front() == kCompletionWord) {
    ensure_standard_streams();
    leave_quietly_on_broken_pipe();
    return run_completion({arguments.begin() + 1, arguments.end()});
  }
  if (!docker_name && is_comparison(arguments, sys::exists)) {
    return exec_comparison(argv);
  }
  ensure_standard_streams();
  leave_quietly_on_broken_pipe();
  Aftermath after;
  const Result<int> code = dispatch(arguments, after);
  if (code) {
    return *code;
  }
  print_error(after.style.progress == ProgressMode::kJson
                  ? json_progress_error(code.error().str())
                  : render_error(code.error(), SourceLines(*after.standard_input)));
  return exit_code(code.error());
}

}  // namespace cmp::cli
