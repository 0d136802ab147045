#include "cli/oci_arguments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string_view>

#include <fmt/core.h>

namespace cmp::cli {

namespace {

/// `takes` is what the value is called; "" is a flag.
struct Option {
  std::string_view name;
  char letter;
  std::string_view takes;
};

struct Command {
  std::string_view name;
  std::string_view operands;  ///< for usage
  std::size_t least, most;    ///< how many operands
  std::string_view options;   ///< names, with blanks between
};

constexpr std::size_t kMany = 10'000;

constexpr std::array kOptions = {
    Option{"root", 0, "DIR"},
    Option{"log", 0, "FILE"},
    Option{"log-format", 0, "FORMAT"},
    Option{"log-level", 0, "LEVEL"},
    Option{"debug", 0, ""},
    Option{"systemd-cgroup", 0, ""},
    Option{"cgroup-manager", 0, "MANAGER"},
    Option{"rootless", 0, "WHEN"},
    Option{"version", 'v', ""},
    Option{"help", 'h', ""},
    Option{"bundle", 'b', "DIR"},
    Option{"config", 'f', "FILE"},
    Option{"console-socket", 0, "PATH"},
    Option{"pidfd-socket", 0, "PATH"},
    Option{"pid-file", 0, "FILE"},
    Option{"no-pivot", 0, ""},
    Option{"no-new-keyring", 0, ""},
    Option{"no-subreaper", 0, ""},
    Option{"preserve-fds", 0, "NUMBER"},
    Option{"detach", 'd', ""},
    Option{"keep", 0, ""},
    Option{"all", 'a', ""},
    Option{"force", 'f', ""},
    Option{"cgroup", 0, "[CONTROLLER:]PATH"},
    Option{"cwd", 0, "DIR"},
    Option{"env", 'e', "NAME=VALUE"},
    Option{"tty", 't', ""},
    Option{"user", 'u', "UID[:GID]"},
    Option{"additional-gids", 'g', "GID"},
    Option{"process", 'p', "FILE"},
    Option{"process-label", 0, "LABEL"},
    Option{"apparmor", 0, "PROFILE"},
    Option{"no-new-privs", 0, ""},
    Option{"cap", 'c', "CAPABILITY"},
    Option{"ignore-paused", 0, ""},
    Option{"format", 'f', "FORMAT"},
    Option{"quiet", 'q', ""},
    Option{"interval", 0, "DURATION"},
    Option{"stats", 0, ""},
    Option{"resources", 'r', "FILE"},
    Option{"memory", 0, "BYTES"},
    Option{"memory-reservation", 0, "BYTES"},
    Option{"memory-swap", 0, "BYTES"},
    Option{"cpu-period", 0, "US"},
    Option{"cpu-quota", 0, "US"},
    Option{"cpu-share", 0, "NUMBER"},
    Option{"cpu-burst", 0, "US"},
    Option{"cpu-idle", 0, "NUMBER"},
    Option{"cpu-rt-period", 0, "US"},
    Option{"cpu-rt-runtime", 0, "US"},
    Option{"cpuset-cpus", 0, "LIST"},
    Option{"cpuset-mems", 0, "LIST"},
    Option{"pids-limit", 0, "NUMBER"},
    Option{"blkio-weight", 0, "NUMBER"},
};

constexpr std::string_view kGlobal =
    "root log log-format log-level debug systemd-cgroup cgroup-manager rootless version help";

constexpr std::array kCommands = {
    Command{"create", "ID", 1, 1,
            "bundle config console-socket pidfd-socket pid-file no-pivot no-new-keyring preserve-fds"},
    Command{"start", "ID", 1, 1, ""},
    Command{"state", "ID", 1, 1, ""},
    Command{"kill", "ID [SIGNAL]", 1, 2, "all"},
    Command{"delete", "ID", 1, 1, "force"},
    Command{"run", "ID", 1, 1,
            "bundle config console-socket pidfd-socket pid-file no-pivot no-new-keyring preserve-fds detach keep "
            "no-subreaper"},
    Command{"exec", "ID [COMMAND [ARGUMENT...]]", 1, kMany,
            "console-socket pidfd-socket pid-file preserve-fds detach cgroup cwd env tty user additional-gids process "
            "process-label "
            "apparmor no-new-privs cap ignore-paused no-subreaper"},
    Command{"list", "", 0, 0, "format quiet"},
    Command{"ps", "ID", 1, 1, "format"},
    Command{"events", "ID", 1, 1, "interval stats"},
    Command{"pause", "ID", 1, 1, ""},
    Command{"resume", "ID", 1, 1, ""},
    Command{"update", "ID", 1, 1,
            "resources memory memory-reservation memory-swap cpu-period cpu-quota cpu-share cpu-burst cpu-idle "
            "cpu-rt-period cpu-rt-runtime cpuset-cpus cpuset-mems pids-limit blkio-weight"},
    Command{"features", "", 0, 0, ""},
    Command{"spec", "", 0, 0, "bundle"},
};

bool lists(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const auto blank = std::min(names.find(' '), names.size());
    if (names.substr(0, blank) == name) {
      return true;
    }
    names.remove_prefix(std::min(blank + 1, names.size()));
  }
  return false;
}

const Command* find_command(std::string_view name) {
  const auto it = std::ranges::find(kCommands, name, &Command::name);
  return it == kCommands.end() ? nullptr : &*it;
}

/// An option that may stand here: those of the command, then those that may stand anywhere.
const Option* find_option(const Command* command, std::string_view word) {
  const bool is_long = word.starts_with("--");
  const std::string_view name = word.substr(is_long ? 2 : 1);
  for (const Option& option : kOptions) {
    const bool matches = is_long ? option.name == name : name.size() == 1 && option.letter == name.front();
    const bool allowed = (command != nullptr && lists(command->options, option.name)) || lists(kGlobal, option.name);
    if (matches && allowed) {
      return &option;
    }
  }
  return nullptr;
}

Error oci_usage(std::string message) {
  return make_error(Code::kInvalid, std::move(message));
}

/// Each of the named options with what it takes, in lines of a terminal's width.
std::string options_text(std::string_view names, const std::string& indent) {
  constexpr std::size_t kWidth = 100;
  std::string text;
  std::string line;
  for (const Option& option : kOptions) {
    if (!lists(names, option.name)) {
      continue;
    }
    const std::string letter = option.letter == 0 ? "" : fmt::format("-{}, ", option.letter);
    const std::string takes = option.takes.empty() ? "" : fmt::format(" {}", option.takes);
    const std::string entry = fmt::format("[{}--{}{}]", letter, option.name, takes);
    if (!line.empty() && line.size() + entry.size() > kWidth) {
      text += indent + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + entry;
  }
  return line.empty() ? text : text + indent + line + "\n";
}

class Reader {
 public:
  explicit Reader(const std::vector<std::string>& words) : words_(words) {}

  Result<OciArguments> read() {
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      // What follows the id of an exec is the program's own.
      const bool verbatim = command_ != nullptr && command_->most == kMany && !out_.operands.empty();
      if (verbatim || word == "-" || !word.starts_with('-')) {
        CMP_CHECK(take_word(word));
      } else if (word != "--") {
        CMP_CHECK(take_option(word));
      }
    }
    return std::move(out_);
  }

 private:
  Status take_word(const std::string& word) {
    if (command_ != nullptr) {
      out_.operands.push_back(word);
      return {};
    }
    command_ = find_command(word);
    out_.command = word;
    return command_ != nullptr ? Status() : oci_usage(fmt::format("unknown command 'oci {}'", word));
  }

  Status take_option(const std::string& word) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const Option* option = find_option(command_, name);
    if (option == nullptr) {
      return oci_usage(
          fmt::format("unknown option '{}' of 'oci{}{}'", name, out_.command.empty() ? "" : " ", out_.command));
    }
    std::string value = "true";
    if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (!option->takes.empty()) {
      if (at_ == words_.size()) {
        return oci_usage(fmt::format("option '{}' needs a value", name));
      }
      value = words_[at_++];
    }
    out_.options[std::string(option->name)].push_back(std::move(value));
    return {};
  }

  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  const Command* command_ = nullptr;
  OciArguments out_;
};

}  // namespace

Result<std::optional<long long>> OciArguments::number(const std::string& name) const {
  const std::string value = text(name);
  if (value.empty()) {
    return std::optional<long long>();
  }
  long long number = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || rest != end) {
    return oci_usage(fmt::format("--{}: '{}' is not a whole number", name, value));
  }
  return std::optional(number);
}

Result<OciArguments> parse_oci_arguments(const std::vector<std::string>& arguments) {
  CMP_TRY(OciArguments out, Reader(arguments).read());
  const Command* command = find_command(out.command);
  if (command == nullptr || out.flag("help") || out.flag("version")) {
    return out;
  }
  if (out.operands.size() < command->least || out.operands.size() > command->most) {
    return oci_usage(fmt::format("usage: cmp oci {} {}", command->name, command->operands));
  }
  return out;
}

std::string oci_usage() {
  std::string text = "usage: cmp oci [options] command [options] [id]\n";
  for (const Command& command : kCommands) {
    text += fmt::format("  {} {}\n", command.name, command.operands);
    text += options_text(command.options, "      ");
  }
  text += "options of all commands:\n" + options_text(kGlobal, "  ");
  text +=
      "\n--log-level and --debug say what is written to the file of --log: debug, info, warn or error.\n"
      "Accepted so that callers of other runtimes need not know the difference: --no-subreaper, because this runtime\n"
      "never adopts processes, and --rootless=false or auto; --rootless=true is refused.\n";
  return text;
}

}  // namespace cmp::cli
