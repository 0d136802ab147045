#include "cli/app.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <variant>

#include "cli/commands.hpp"
#include "cli/complete.hpp"
#include "cli/diffutils.hpp"
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

Result<int> dispatch(const std::vector<std::string>& arguments, Aftermath& after) {
  CMP_TRY(Invocation invocation, parse(arguments));
  Context context{.globals = std::move(invocation.globals),
                  .style = {},
                  .environment = process_environment(),
                  .standard_input = after.standard_input};
  const Terminals terminals{.out = sys::is_terminal(STDOUT_FILENO), .err = sys::is_terminal(STDERR_FILENO)};
  CMP_TRY(context.style, decide_style(context.globals, context.environment, terminals));
  after.style = context.style;
  return std::visit([&](const auto& options) { return run_command(context, options); }, invocation.command);
}

}  // namespace

Result<int> run_command(const Context&, const HelpText& help) {
  CMP_CHECK(print(help.text));
  return 0;
}

int run(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
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
  if (is_comparison(arguments, sys::exists)) {
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
