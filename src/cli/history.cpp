// history, diff and rollback: what earlier `up`s have left (supervisor/generations.hpp).

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/generation_request.hpp"
#include "cli/human.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"
#include "plan/plan.hpp"
#include "supervisor/generations.hpp"

namespace cmp::cli {

namespace {

using supervisor::Generation;

/// Of the contents that the service is granted, those that differ.
void add_contents(const std::string& name, const model::Service& before, const model::Service& after,
                  std::vector<std::string>& out) {
  const auto digests = plan::granted_digests(before);
  for (const auto& [what, digest] : plan::granted_digests(after)) {
    const auto old = digests.find(what);
    if (old != digests.end() && old->second != digest) {
      out.push_back(fmt::format("{}: content of {} changed", name, what));
    }
  }
}

std::string short_id(const std::string& id) {
  constexpr std::size_t kShown = 12;
  const auto colon = id.find(':');
  return id.empty() ? "none" : id.substr(colon == std::string::npos ? 0 : colon + 1, kShown);
}

void add_service(const std::string& name, const model::Service& before, const model::Service& after,
                 std::vector<std::string>& out) {
  if (before.image_id != after.image_id) {
    out.push_back(fmt::format("{}: image {} → {}", name, short_id(before.image_id), short_id(after.image_id)));
  }
  if (before.scale != after.scale) {
    out.push_back(fmt::format("{}: scale {} → {}", name, before.scale, after.scale));
  }
  for (const plan::FieldChange& change : plan::differences(before, after)) {
    out.push_back(fmt::format("{}: {}", name, plan::text(change)));
  }
  add_contents(name, before, after, out);
}

/// Networks or volumes.
template <typename Resources>
void add_resources(const char* kind, const Resources& before, const Resources& after, std::vector<std::string>& out) {
  for (const auto& [key, resource] : after) {
    const auto old = before.find(key);
    if (old == before.end()) {
      out.push_back(fmt::format("{} {} added", kind, key));
    } else if (old->second.config_hash != resource.config_hash || old->second.name != resource.name) {
      out.push_back(fmt::format("{} {} changed", kind, key));
    }
  }
  for (const auto& [key, resource] : before) {
    if (!after.contains(key)) {
      out.push_back(fmt::format("{} {} removed", kind, key));
    }
  }
}

std::vector<std::string> changes_between(const model::Project& before, const model::Project& after) {
  std::vector<std::string> out;
  for (const auto& [name, service] : after.services) {
    const auto old = before.services.find(name);
    if (old == before.services.end()) {
      out.push_back(fmt::format("{}: added", name));
    } else {
      add_service(name, old->second, service, out);
    }
  }
  for (const auto& [name, service] : before.services) {
    if (!after.services.contains(name)) {
      out.push_back(fmt::format("{}: removed", name));
    }
  }
  add_resources("network", before.networks, after.networks, out);
  add_resources("volume", before.volumes, after.volumes, out);
  return out;
}

Result<int> number_of(const std::string& text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  if (std::from_chars(text.data(), end, number).ptr != end || number <= 0) {
    return make_error(Code::kInvalid, fmt::format("'{}' is no number of a generation", text));
  }
  return number;
}

/// "web: environment.LOG_LEVEL debug → info, and 2 more".
std::string summary(const std::vector<std::string>& changes) {
  return changes.empty()       ? ""
         : changes.size() == 1 ? changes.front()
                               : fmt::format("{}, and {} more", changes.front(), changes.size() - 1);
}

/// The command without the process that it was.
std::string command_of(const std::string& who) {
  return who.substr(0, who.find(" ("));
}

Status check_images(const Generation& generation) {
  const image::Store store(state::roots_from_environment());
  for (const auto& [name, service] : generation.project.services) {
    const auto id = image::parse_digest(service.image_id);
    if (!service.image_id.empty() && (!id || !store.use(*id))) {
      return make_error(Code::kNotFound, fmt::format("service '{}': the image of generation {} ({}, {}) is not here "
                                                     "any more",
                                                     name, generation.number, service.image, service.image_id));
    }
  }
  return {};
}

/// The one that was asked for; without a number the last but one.
Result<Generation> wanted_generation(const state::Paths& paths, const std::string& number) {
  if (!number.empty()) {
    CMP_TRY(const int wanted, number_of(number));
    return supervisor::read_generation(paths, wanted);
  }
  const auto numbers = supervisor::generation_numbers(paths);
  if (numbers.size() < 2) {
    return make_error(Code::kNotFound,
                      fmt::format("project '{}' has no earlier generation to go back to", paths.project()));
  }
  return supervisor::read_generation(paths, numbers[numbers.size() - 2]);
}

}  // namespace

Result<int> run_command(const Context& context, const HistoryOptions& options) {
  CMP_TRY(const state::Paths paths, project_paths(context));
  std::vector<TableRow> rows;
  std::optional<Generation> before;
  for (const int number : supervisor::generation_numbers(paths)) {
    CMP_TRY(Generation generation, supervisor::read_generation(paths, number));
    const std::string changes = before ? summary(changes_between(before->project, generation.project)) : "";
    rows.push_back({std::to_string(number), human_duration(wall_now() - generation.created_at) + " ago",
                    command_of(generation.who), changes});
    before = std::move(generation);
  }
  std::ranges::reverse(rows);
  if (options.quiet) {
    std::string out;
    for (const TableRow& row : rows) {
      out += row.front() + '\n';
    }
    CMP_CHECK(print(out));
    return 0;
  }
  CMP_CHECK(print(render_table({"GENERATION", "CREATED", "COMMAND", "CHANGES"}, rows)));
  return 0;
}

Result<int> run_command(const Context& context, const DiffOptions& options) {
  CMP_TRY(const state::Paths paths, project_paths(context));
  const auto numbers = supervisor::generation_numbers(paths);
  if (options.generations.size() > 2) {
    return make_error(Code::kInvalid, "'diff' takes two generations at most");
  }
  if (options.generations.empty() && numbers.size() < 2) {
    return make_error(Code::kNotFound, fmt::format("project '{}' has no two generations", paths.project()));
  }
  const auto at = [&](std::size_t place) -> Result<int> {
    if (options.generations.size() > place) {
      return number_of(options.generations[place]);
    }
    return options.generations.empty() ? numbers[numbers.size() - 2 + place] : numbers.empty() ? 0 : numbers.back();
  };
  CMP_TRY(const int first, at(0));
  CMP_TRY(const int second, at(1));
  CMP_TRY(const Generation before, supervisor::read_generation(paths, first));
  CMP_TRY(const Generation after, supervisor::read_generation(paths, second));
  std::string out;
  for (const std::string& change : changes_between(before.project, after.project)) {
    out += change + '\n';
  }
  CMP_CHECK(print(out));
  return 0;
}

Result<int> run_command(const Context& context, const RollbackOptions& options) {
  CMP_CHECK(need_root("rollback"));
  CMP_CHECK(begin_dry_run(context));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(Generation generation, wanted_generation(paths, options.generation));
  CMP_CHECK(check_images(generation));
  const int number = generation.number;
  CMP_TRY(GenerationRequest made, request_of(context, std::move(generation)));
  made.request.who = who("rollback");
  made.request.timeout_s = options.timeout_s;
  if (context.globals.dry_run) {
    CMP_TRY(const bool anything, show_plan(paths, made.request));
    if (!anything) {
      print_error(fmt::format("Nothing to do: {} is as generation {} was\n", paths.project(), number));
    }
    return 0;
  }
  ProgressPrinter printer("rollback", printer_options(context));
  CMP_TRY(Outcome outcome, perform(paths, std::move(made.request), printer, std::nullopt, attached(made)));
  if (is_unchanged(outcome)) {
    print_error(fmt::format("Nothing to do: {} is as generation {} was\n", paths.project(), number));
  }
  return conclude(std::move(outcome));
}

}  // namespace cmp::cli
