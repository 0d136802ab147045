#include "cli/oci.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

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
    Entry{"features", oci_features, false}, Entry{"spec", oci_spec, false},
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

bool is_sealed() {
  const auto self = sys::open_file("/proc/self/exe", O_RDONLY);
  return self && (::fcntl(self->get(), F_GET_SEALS) & F_SEAL_WRITE) != 0;
}

/// Goes on in a copy of the program that nobody can write to: what enters a container can be reached from there through
/// /proc/PID/exe (CVE-2019-5736).
Status run_from_sealed_copy(char** argv) {
  if (is_sealed()) {
    ::prctl(PR_SET_NAME, "cmp-oci", 0, 0, 0);
    return {};
  }
  CMP_TRY(const UniqueFd copy, sys::sealed_copy("/proc/self/exe", "cmp-oci"));
  ::execveat(copy.get(), "", argv, environ, AT_EMPTY_PATH);
  return sys_error("execute the sealed copy of cmp");
}

Result<int> dispatch(const OciArguments& arguments, char** argv) {
  const std::string format = arguments.text("log-format");
  if (!format.empty() && format != "text" && format != "json") {
    return make_error(Code::kInvalid, fmt::format("--log-format: '{}' is neither text nor json", format));
  }
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
    CMP_CHECK(run_from_sealed_copy(argv));
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
    write_log(arguments, "warning", warning);
    print_error(fmt::format("warning: {}\n", warning));
  }
}

int run_oci_runtime(char** argv, const std::vector<std::string>& words) {
  const auto arguments = parse_oci_arguments(words);
  if (!arguments) {
    print_error(arguments.error().str() + "\n");
    return 1;
  }
  const auto code = dispatch(*arguments, argv);
  if (code) {
    return *code;
  }
  write_log(*arguments, "error", code.error().str());
  print_error(fmt::format("{}: {}\n", arguments->command, code.error().str()));
  return 1;
}

}  // namespace cmp::cli
