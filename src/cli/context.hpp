#pragma once
// What every command knows: the global options, the look of its output, and how to find its project.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "cli/progress_printer.hpp"
#include "cli/style.hpp"
#include "compose/load.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"

namespace cmp::cli {

struct Context {
  Globals globals;
  Style style;
  std::map<std::string, std::string> environment;  ///< of this process
  std::shared_ptr<std::string> standard_input;     ///< takes what `-f -` reads, for messages about it
};

/// The variables of this process.
[[nodiscard]] std::map<std::string, std::string> process_environment();

/// For compose::load and compose::project_name: the options, this process's environment and directory.
[[nodiscard]] compose::LoadOptions load_options(const Context& context, const std::vector<std::string>& services = {});

/// The project the options mean. Errors as compose::project_name.
[[nodiscard]] Result<state::Paths> project_paths(const Context& context);

/// The project's containers as they are now: revives it first, and waits for a supervisor that has not yet noted an
/// exit. `look_only`: as the records say, held against the kernel. `service`: only that one's.
[[nodiscard]] Result<std::vector<state::ContainerRecord>> current_containers(const state::Paths& paths,
                                                                             bool look_only = false,
                                                                             const std::string& service = {});

/// Errors: kPermission, "cmp up needs root: …".
[[nodiscard]] Status need_root(std::string_view command);

/// True if `service` is one of the named ones, or none are named.
[[nodiscard]] bool is_wanted(const std::vector<std::string>& named, const std::string& service);

/// Fails with "no such service: x" unless each name has a container or is in the compose file.
[[nodiscard]] Status check_services(const Context& context, const std::vector<std::string>& named,
                                    const std::vector<state::ContainerRecord>& containers);

/// "cmp up (pid 123)".
[[nodiscard]] std::string who(std::string_view command);

/// A line that says that there was nothing to do, with its line end: standard error, or with COMPOSE_STATUS_STDOUT
/// standard output.
[[nodiscard]] Status inform(const Context& context, const std::string& line);

/// What the load has to say besides its result, each once, on standard error.
void print_warnings(const std::vector<compose::Warning>& warnings);

/// compose::load; one that fails prints its warnings.
[[nodiscard]] Result<compose::Loaded> load_loudly(const compose::LoadOptions& options);

[[nodiscard]] PrinterOptions printer_options(const Context& context);

}  // namespace cmp::cli
