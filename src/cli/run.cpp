#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "cli/attachment.hpp"
#include "cli/caller.hpp"
#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/granted_files.hpp"
#include "cli/image_setup.hpp"
#include "cli/orphans.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"
#include "cli/run_service.hpp"
#include "compose/listing.hpp"
#include "sys/file.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

namespace {

using state::ContainerRecord;

Status check_options(const RunOptions& options) {
  if (options.tty && options.no_tty) {
    return make_error(Code::kInvalid, "--tty and --no-tty can't be used together");
  }
  if (options.service_ports && !options.publish.empty()) {
    return make_error(Code::kInvalid, "--service-ports and --publish are incompatible");
  }
  return {};
}

/// Twelve random hexadecimal digits.
Result<std::string> slug() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
    return sys_error("getrandom");
  }
  return fmt::format("{:012x}", number >> 16U);
}

Result<std::string> container_name(const RunOptions& options, const model::Project& project,
                                   const std::vector<ContainerRecord>& containers) {
  if (options.name.empty()) {
    CMP_TRY(const std::string digits, slug());
    return fmt::format("{0}{3}{1}{3}run{3}{2}", project.name, options.service, digits, project.separator);
  }
  if (std::ranges::find(containers, options.name, &ContainerRecord::name) != containers.end()) {
    return make_error(Code::kConflict, fmt::format("the container name '{}' is already in use", options.name));
  }
  return options.name;
}

/// What an error of the second load calls the options.
Error on_command_line(Error error) {
  if (error.where.file == "-") {
    error.where.file = "command line";
  }
  return error;
}

/// The options that the file has a form for are read like one more file, on top of the others.
Result<compose::Loaded> load_with(compose::LoadOptions load, compose::Loaded plain, const std::string& overrides) {
  const auto files = plain.project.files;
  load.files = files;
  load.files.push_back("-");
  load.project_name = plain.project.name;
  load.project_directory = plain.project.working_dir;
  load.read_stdin = [&overrides] { return Result<std::string>(overrides); };
  auto loaded = compose::load(load);
  if (!loaded) {
    return on_command_line(std::move(loaded).error());
  }
  loaded->project.files = files;
  loaded->files = std::move(plain.files);
  return loaded;
}

Result<compose::Loaded> load_project(const Context& context, const RunOptions& options) {
  CMP_TRY(const std::string overrides, run_overrides(options, context.environment));
  const auto load = load_options(context, {options.service});
  CMP_TRY(auto loaded, load_loudly(load));
  if (!loaded.project.services.contains(options.service)) {
    return make_error(Code::kNotFound, fmt::format("no such service: {}", options.service));
  }
  const bool from_stdin = std::ranges::find(context.globals.files, "-") != context.globals.files.end();
  if (!overrides.empty() && from_stdin) {
    return make_error(Code::kUnsupported, "not in this release: -e, -v and -p of run with a file from standard input");
  }
  if (!overrides.empty()) {
    CMP_TRY(loaded, load_with(load, std::move(loaded), overrides));
  }
  std::vector<compose::Warning> warnings = loaded.warnings;
  const auto unsupported = compose::unsupported(loaded.tree);
  warnings.insert(warnings.end(), unsupported.begin(), unsupported.end());
  print_warnings(warnings);
  return loaded;
}

PrinterOptions printer_of(const Context& context, const RunOptions& options) {
  PrinterOptions look = printer_options(context);
  look.mode = options.quiet ? ProgressMode::kQuiet : look.mode;
  return look;
}

/// A connection that sees the end of the container and keeps it from being removed before that is told.
Result<supervisor::Client> hold(const state::Paths& paths, const std::string& container) {
  CMP_TRY(auto client, supervisor::Client::connect_or_start(paths));
  supervisor::Request request;
  request.operation = supervisor::Operation::kWatch;
  request.containers = {container};
  request.who = who("run");
  CMP_CHECK(client.send(request));
  return client;
}

Status remove(const state::Paths& paths, const std::string& container) {
  supervisor::Request request;
  request.operation = supervisor::Operation::kRemove;
  request.containers = {container};
  request.who = who("run");
  ProgressPrinter silent("run", {.mode = ProgressMode::kQuiet});
  CMP_TRY(const Outcome outcome, perform(paths, std::move(request), silent));
  return outcome.errors.empty() ? Status() : Status(outcome.errors.front());
}

Result<ContainerRecord> record_of(const state::Paths& paths, const std::string& container) {
  CMP_TRY(const auto containers, state::read_containers(paths));
  const auto record = std::ranges::find(containers, container, &ContainerRecord::name);
  return record == containers.end()
             ? Result<ContainerRecord>(make_error(Code::kNotFound, fmt::format("container {} is gone", container)))
             : *record;
}

/// The caller's own, for the container to have. Empty: it has its own, to be followed in its log.
Result<std::vector<UniqueFd>> streams_of(const RunOptions& options, bool terminal) {
  std::vector<UniqueFd> streams;
  if (terminal || options.detach) {
    return streams;
  }
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (number == STDIN_FILENO && !options.interactive) {
      CMP_TRY(auto nothing, sys::open_file("/dev/null", O_RDONLY));
      streams.push_back(std::move(nothing));
      continue;
    }
    UniqueFd copy(::fcntl(number, F_DUPFD_CLOEXEC, 3));
    if (!copy) {
      return sys_error("fcntl");
    }
    streams.push_back(std::move(copy));
  }
  return streams;
}

supervisor::Request request_of(const RunOptions& options, model::Project project, const std::string& container) {
  supervisor::Request request;
  request.operation = supervisor::Operation::kRun;
  request.project = std::move(project);
  request.one_off = container;
  request.one_off_of = options.service;
  request.no_deps = options.no_deps;
  request.remove_orphans = options.remove_orphans;
  request.auto_remove = options.remove;
  request.who = who("run");
  return request;
}

/// Until the container has ended; its exit code.
Result<int> follow(const state::Paths& paths, const RunOptions& options, supervisor::Client& watch,
                   const std::string& container, int signal) {
  CMP_TRY(auto record, record_of(paths, container));
  auto code = stay_with(paths, watch, std::move(record),
                        {.input = options.interactive, .from_beginning = true, .end_if_deaf = true, .signal = signal});
  CMP_TRY(const auto now, record_of(paths, container));
  if (options.remove && !state::is_live(now.state)) {
    CMP_CHECK(remove(paths, container));
  }
  return code;
}

}  // namespace

Result<int> run_command(const Context& context, const RunOptions& options) {
  CMP_CHECK(check_options(options));
  CMP_CHECK(need_root("run"));
  CMP_CHECK(begin_dry_run(context));
  const bool here = sys::is_terminal(STDIN_FILENO) && sys::is_terminal(STDOUT_FILENO);
  const bool terminal = here && !options.no_tty && !options.detach;
  CMP_TRY(auto loaded, load_project(context, options));
  CMP_TRY(ImageSetup images, image_setup_of(context, options.images, {options.service}));
  images.no_deps = options.no_deps;
  images.quiet = images.quiet || options.quiet;
  images.quiet_build = images.quiet_build || options.quiet;
  CMP_TRY(const UniqueFd images_held, set_up_images(context, loaded.project, images));
  const state::Paths paths(state::roots_from_environment(), loaded.project.name);
  CMP_TRY(const auto containers, current_containers(paths, context.globals.dry_run));
  CMP_TRY(const std::string container, container_name(options, loaded.project, containers));
  CMP_CHECK(add_one_off(loaded.project, options, container, terminal));
  CMP_TRY(const UniqueFd granted, collect_granted_files(loaded, {container}));
  CMP_TRY(const auto streams, streams_of(options, terminal));
  if (context.globals.dry_run) {
    CMP_CHECK(show_plan(paths, request_of(options, loaded.project, container), places_in(loaded)));
    return 0;
  }
  std::optional<supervisor::Client> watch;
  if (!options.detach) {
    CMP_TRY(watch, hold(paths, container));
  }
  ProgressPrinter printer("run", printer_of(context, options));
  std::vector<int> attached;
  std::ranges::transform(streams, std::back_inserter(attached), [](const UniqueFd& stream) { return stream.get(); });
  if (granted) {
    attached.push_back(granted.get());
  }
  name_owners(context.environment, loaded.project);
  auto request = request_of(options, std::move(loaded.project), container);
  request.caller = sudo_caller(context.environment);
  request.granted = static_cast<bool>(granted);
  request.declared = loaded.disabled_services;
  CMP_CHECK(decide_orphans(loaded.environment, request));
  CMP_TRY(Outcome outcome, perform(paths, std::move(request), printer, std::nullopt, attached));
  // A signal that came too late to take the start back is for the container.
  if (!outcome.errors.empty() || (outcome.interrupted && !watch)) {
    return conclude(std::move(outcome));
  }
  if (!watch) {
    CMP_TRY(const auto record, record_of(paths, container));
    CMP_CHECK(print(record.id + '\n'));
    return 0;
  }
  return follow(paths, options, *watch, container, outcome.signal);
}

}  // namespace cmp::cli
