#include "cli/oci.hpp"

#include <fcntl.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <string_view>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/output.hpp"
#include "oci/state.hpp"
#include "sys/file.hpp"
#include "sys/sealed_self.hpp"

namespace cmp::cli {

namespace {

struct Entry {
  std::string_view name;
  Result<int> (*run)(const OciArguments&, const runtime::Store&);
  bool enters;  ///< its processes are seen from inside a container
};

constexpr std::array kEntries = {
    Entry{"create", oci_create, true},      Entry{"run", oci_run, true},        Entry{"start", oci_start, false},
    Entry{"state", oci_state, false},       Entry{"kill", oci_kill, false},     Entry{"delete", oci_delete, false},
    Entry{"exec", oci_exec, true},          Entry{"list", oci_list, false},     Entry{"ps", oci_ps, false},
    Entry{"pause", oci_pause, false},       Entry{"resume", oci_resume, false}, Entry{"update", oci_update, false},
    Entry{"features", oci_features, false}, Entry{"spec", oci_spec, false},     Entry{"events", oci_events, false},
};

const Entry* find_entry(std::string_view name) {
  const auto it = std::ranges::find(kEntries, name, &Entry::name);
  return it == kEntries.end() ? nullptr : &*it;
}

std::string time_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

/// One line for the log file that an engine reads: logrus' two formats.
std::string log_line(const OciArguments& arguments, std::string_view level, const std::string& message) {
  const nlohmann::ordered_json json = {{"level", level}, {"msg", message}, {"time", time_text()}};
  if (arguments.text("log-format") == "json") {
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  }
  return fmt::format("time={} level={} msg={}\n", json["time"].dump(), level,
                     json["msg"].dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void write_log(const OciArguments& arguments, std::string_view level, const std::string& message) {
  const std::string path = arguments.text("log");
  if (path.empty()) {
    return;
  }
  if (const auto file = sys::open_file(path, O_WRONLY | O_CREAT | O_APPEND, 0644)) {
    [[maybe_unused]] const auto written = sys::write_all(file->get(), log_line(arguments, level, message));
  }
}

/// The word of --log-level, and of --debug, as a number: what is less grave is not logged. runc's words.
Result<int> least_gravity(const OciArguments& arguments) {
  constexpr std::array<std::string_view, 8> kLevels = {"trace", "debug", "info",  "warning",
                                                       "warn",  "error", "fatal", "panic"};
  if (arguments.flag("debug")) {
    return 1;
  }
  const std::string word = arguments.text("log-level");
  if (word.empty()) {
    return 2;
  }
  const auto it = std::ranges::find(kLevels, word);
  if (it == kLevels.end()) {
    return make_error(Code::kInvalid, fmt::format("--log-level: '{}' is none of debug, info, warn and error", word));
  }
  return static_cast<int>(it - kLevels.begin());
}

constexpr int kDebugGravity = 1, kWarningGravity = 4, kErrorGravity = 5;

bool is_logged(const OciArguments& arguments, int gravity) {
  return least_gravity(arguments).value_or(0) <= gravity;
}

Status check_words(const OciArguments& arguments) {
  const std::string format = arguments.text("log-format");
  if (!format.empty() && format != "text" && format != "json") {
    return make_error(Code::kInvalid, fmt::format("--log-format: '{}' is neither text nor json", format));
  }
  const std::string manager = arguments.text("cgroup-manager");
  if (!manager.empty() && manager != "cgroupfs" && manager != "systemd") {
    return make_error(Code::kUnsupported,
                      fmt::format("--cgroup-manager: '{}' is neither cgroupfs nor systemd", manager));
  }
  const std::string rootless = arguments.text("rootless");
  if (rootless == "true") {
    return make_error(Code::kUnsupported, "--rootless: containers of unprivileged users are not supported");
  }
  if (!rootless.empty() && rootless != "false" && rootless != "auto") {
    return make_error(Code::kInvalid, fmt::format("--rootless: '{}' is none of true, false and auto", rootless));
  }
  return least_gravity(arguments) ? Status() : least_gravity(arguments).error();
}

/// The command and its operands, for the log.
std::string words_of(const OciArguments& arguments) {
  std::string text = arguments.command;
  for (const std::string& operand : arguments.operands) {
    text += " " + operand;
  }
  return text;
}

Result<int> dispatch(const OciArguments& arguments) {
  CMP_CHECK(check_words(arguments));
  if (arguments.flag("version")) {
    CMP_CHECK(print(fmt::format("cmp-oci version {}\nspec: {}\n", CMP_VERSION, oci::kSpecVersion)));
    return 0;
  }
  const Entry* entry = find_entry(arguments.command);
  if (entry == nullptr || arguments.flag("help")) {
    CMP_CHECK(print(oci_usage()));
    return entry == nullptr && !arguments.flag("help") ? 1 : 0;
  }
  if (entry->enters) {
    CMP_CHECK(sys::become_sealed_copy(""));
    ::prctl(PR_SET_NAME, "cmp-oci", 0, 0, 0);
  }
  if (is_logged(arguments, kDebugGravity)) {
    write_log(arguments, "debug", fmt::format("cmp-oci {}: {}", CMP_VERSION, words_of(arguments)));
  }
  const std::string root = arguments.text("root");
  return entry->run(arguments, runtime::Store(root.empty() ? std::string(runtime::kDefaultRoot) : root));
}

}  // namespace

bool is_oci_runtime(char** argv, std::vector<std::string>& arguments) {
  const std::string_view name = argv[0] == nullptr ? "" : argv[0];
  if (name.substr(name.rfind('/') + 1) == "cmp-oci") {
    return true;
  }
  if (arguments.empty() || arguments.front() != "oci") {
    return false;
  }
  arguments.erase(arguments.begin());
  return true;
}

void oci_warn(const OciArguments& arguments, const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    if (is_logged(arguments, kWarningGravity)) {
      write_log(arguments, "warning", warning);
    }
    print_error(fmt::format("warning: {}\n", warning));
  }
}

int run_oci_runtime(const std::vector<std::string>& words) {
  const auto arguments = parse_oci_arguments(words);
  if (!arguments) {
    print_error(arguments.error().str() + "\n");
    return 1;
  }
  const auto code = dispatch(*arguments);
  if (code) {
    return *code;
  }
  if (is_logged(*arguments, kErrorGravity)) {
    write_log(*arguments, "error", code.error().str());
  }
  print_error(fmt::format("{}: {}\n", arguments->command, code.error().str()));
  // What a program in the container may well exit with is not to be taken for it: as runc.
  return arguments->command == "exec" ? 255 : 1;
}

}  // namespace cmp::cli
