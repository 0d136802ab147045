#include "cli/define.hpp"

#include <charconv>

#include <fmt/core.h>

namespace cmp::cli {

/// CLI11 calls a check with the value and takes a text back: empty is fine.
std::string check_whole_number(const std::string& value, int lowest) {
  int number = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, code] = std::from_chars(value.data(), end, number);
  if (code != std::errc() || rest != end) {
    return fmt::format("'{}' is not a whole number", value);
  }
  return number < lowest ? fmt::format("{} is below {}", number, lowest) : std::string();
}

void add_number(CLI::App& app, const std::string& names, std::optional<int>& value, const std::string& help,
                int lowest) {
  app.add_option(names, value, help)->option_text("NUMBER")->check([lowest](const std::string& text) {
    return check_whole_number(text, lowest);
  });
}

void add_text(CLI::App& app, const std::string& names, std::string& value, const std::string& help,
              const std::string& kind) {
  app.add_option(names, value, help)->option_text(kind)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

/// An option that may be given several times, one value each time.
void add_list(CLI::App& app, const std::string& names, std::vector<std::string>& values, const std::string& help,
              const std::string& kind) {
  app.add_option(names, values, help)->option_text(kind)->allow_extra_args(false);
}

void add_services(CLI::App& app, std::vector<std::string>& services) {
  app.add_option("SERVICE", services, "Only these services")->option_text(" ");
}

void add_index(CLI::App& app, int& index) {
  app.add_option("--index", index, "Which replica")->option_text("NUMBER")->check([](const std::string& text) {
    return check_whole_number(text, 0);
  });
}

void add_pull(CLI::App& app, std::string& pull) {
  add_text(app, "--pull", pull, "When to fetch images: always, missing, never or build; else as the file says", "WHEN");
}

void add_dry_run(CLI::App& app, bool& dry_run) {
  app.add_flag("--dry-run", dry_run, "Print what would be done and change nothing");
}

void add_stop_timeout(CLI::App& app, std::optional<int>& timeout_s) {
  add_number(app, "-t,--timeout", timeout_s, "Seconds a container has to stop before it is killed", -1);
}

void add_log_style(CLI::App& app, LogStyle& style, const std::string& timestamps) {
  app.add_flag("--no-color", style.no_color, "No colours in front of the log lines");
  app.add_flag("--no-log-prefix", style.no_prefix, "Do not name the service in front of each line");
  app.add_flag(timestamps, style.timestamps, "Put the time in front of each line");
}

void add_image_choices(CLI::App& app, ImageChoices& choices) {
  app.add_flag("--build", choices.build, "Build images before starting");
  app.add_flag("--no-build", choices.no_build, "Never build an image");
  add_pull(app, choices.pull);
  app.add_flag("--quiet-build", choices.quiet_build, "No output of builds");
  app.add_flag("--quiet-pull", choices.quiet_pull, "No progress of fetching");
}

void define(CLI::App& app, Globals& o) {
  add_list(app, "-f,--file", o.files, "Compose file; may be repeated, later ones override; - is standard input",
           "FILE");
  add_text(app, "-p,--project-name", o.project_name, "Project name", "NAME");
  add_text(app, "--project-directory,--workdir", o.project_directory, "Base of relative paths", "DIRECTORY");
  add_list(app, "--env-file", o.env_files, "Instead of .env; may be repeated", "FILE");
  add_list(app, "--profile", o.profiles, "Activate a profile; may be repeated, * is all", "NAME");
  add_text(app, "--ansi", o.ansi, "Colours and live progress: never, always or auto", "WHEN");
  add_text(app, "--progress", o.progress, "Progress as auto, tty, plain, json or quiet", "STYLE");
  app.add_flag("--dry-run", o.dry_run, "Print what would be done and change nothing");
  app.add_flag("--all-resources", o.all_resources, "Keep networks and volumes that no service uses");
  app.add_flag("--compatibility", o.compatibility, "Names with '_' in place of '-', as Compose 1 made them");
  app.add_option("--parallel", o.parallel, "How many images are built at a time; -1 is as many as there are processors")
      ->option_text("NUMBER");
  app.add_flag("--verbose", o.verbose)->group("");
  app.add_flag("--no-ansi", o.no_ansi)->group("");
}

}  // namespace cmp::cli
