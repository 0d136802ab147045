#include "cli/completion.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "cli/vocabulary.hpp"

namespace cmp::cli {

namespace {

struct Choices {
  std::string_view flag, words;
};

/// Values that are one of a few words, whichever command has the option.
constexpr std::array kChoices = {
    Choices{"--ansi", "always auto never"},
    Choices{"--progress", "auto json plain quiet tty"},
    Choices{"--pull", "always build missing never"},
    Choices{"--protocol", "tcp udp"},
    Choices{"--rmi", "all local"},
    Choices{"--status", "created dead exited paused removing restarting running"},
    Choices{"--signal", "SIGHUP SIGINT SIGKILL SIGQUIT SIGTERM SIGUSR1 SIGUSR2"},
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) {
      out.emplace_back(text.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  return out;
}

/// The kind of the words that a help text calls `name`.
WordKind kind_of(std::string_view name) {
  struct Row {
    std::string_view name;
    WordKind kind;
  };

  constexpr std::array kRows = {
      Row{"SERVICE", WordKind::kService},
      Row{"SERVICES", WordKind::kService},
      Row{"SERVICE=NUMBER", WordKind::kService},
      Row{"IMAGE", WordKind::kImage},
      Row{"NETWORK", WordKind::kNetwork},
      Row{"VOLUME", WordKind::kVolume},
      Row{"FILE", WordKind::kFile},
      Row{"DIRECTORY", WordKind::kDirectory},
      Row{"COMMAND", WordKind::kFile},
      Row{"ARGS", WordKind::kFile},
  };
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& each) { return each.name == name; });
  return row == kRows.end() ? WordKind::kNothing : row->kind;
}

const Flag* find_flag(const std::vector<Flag>& flags, std::string_view word) {
  for (const Flag& flag : flags) {
    if (std::find(flag.names.begin(), flag.names.end(), word) != flag.names.end()) {
      return &flag;
    }
  }
  return nullptr;
}

Wanted value_of(const Flag& flag) {
  Wanted wanted;
  wanted.kind = kind_of(flag.value);
  for (const Choices& row : kChoices) {
    if (std::find(flag.names.begin(), flag.names.end(), row.flag) != flag.names.end()) {
      wanted.kind = WordKind::kChoice;
      wanted.choices = words_of(row.words);
    }
  }
  if (flag.names.back() == "--profile") {
    wanted.kind = WordKind::kProfile;
  }
  return wanted;
}

/// The usage of a command, "ls | inspect NETWORK..." or "SERVICE COMMAND [ARGS...]": what may be its first argument, as
/// it stands, and the kinds of its arguments.
struct Usage {
  std::vector<std::string> actions;
  std::vector<WordKind> kinds;
  bool repeats = false;  ///< the last one may come again
};

Usage usage_of(std::string_view command) {
  Usage out;
  for (const CommandName& each : commands()) {
    if (each.name != command) {
      continue;
    }
    for (std::string word : words_of(each.usage)) {
      out.repeats = out.repeats || word.find("...") != std::string::npos;
      std::erase_if(word, [](char character) { return character == '[' || character == ']' || character == '.'; });
      if (!word.empty() && word.front() >= 'a' && word.front() <= 'z') {
        out.actions.push_back(word);
      } else if (!word.empty() && word != "|" && word.front() != '-') {
        out.kinds.push_back(kind_of(word));
      }
    }
  }
  return out;
}

/// Reads the words of one level (the global ones, or a command's) and stops at the first that belongs to the next.
struct Walk {
  std::vector<Flag> flags;
  std::size_t arguments = 0;              ///< words that are neither options nor their values
  const Flag* waits_for_value = nullptr;  ///< the last word was this option

  /// \returns how many words it has taken; `first_ends`: the first argument ends the options.
  std::size_t over(const std::vector<std::string>& words, std::size_t from, bool first_ends) {
    std::size_t at = from;
    for (; at < words.size(); ++at) {
      if (waits_for_value != nullptr) {
        waits_for_value = nullptr;
      } else if (words[at].starts_with("-") && words[at] != "-") {
        const Flag* const flag = find_flag(flags, words[at]);
        waits_for_value = flag != nullptr && !flag->value.empty() ? flag : nullptr;
      } else if (first_ends) {
        return at;
      } else {
        ++arguments;
      }
    }
    return at;
  }
};

/// A word of a command's own arguments.
Wanted argument(const std::string& command, std::size_t index) {
  const Usage usage = usage_of(command);
  Wanted wanted;
  if (!usage.actions.empty() && index == 0) {
    wanted.kind = WordKind::kChoice;
    wanted.choices = usage.actions;
    return wanted;
  }
  const std::size_t place = usage.actions.empty() ? index : index - 1;
  if (!usage.kinds.empty() && (place < usage.kinds.size() || usage.repeats)) {
    wanted.kind = usage.kinds[std::min(place, usage.kinds.size() - 1)];
  }
  return wanted;
}

/// The options of exec and run end where the service is named.
bool ends_at_first_argument(std::string_view command) {
  return command == "exec" || command == "run";
}

Wanted after_command(const std::string& command, const std::vector<std::string>& words, std::size_t from,
                     std::string_view current) {
  Walk walk{.flags = flags_of(command)};
  const std::size_t end = walk.over(words, from, ends_at_first_argument(command));
  Wanted wanted;
  if (walk.waits_for_value != nullptr) {
    wanted = value_of(*walk.waits_for_value);
  } else if (end < words.size()) {
    wanted = argument(command, 1);
  } else if (current.starts_with("-")) {
    wanted.kind = WordKind::kFlag;
  } else {
    wanted = argument(command, walk.arguments);
  }
  wanted.command = command;
  return wanted;
}

void add_if_begun(std::vector<Candidate>& out, std::string_view current, std::string word, std::string_view meaning) {
  if (word.starts_with(current)) {
    out.push_back({std::move(word), std::string(meaning)});
  }
}

}  // namespace

Wanted wanted_word(const std::vector<std::string>& words, std::string_view current) {
  Walk walk{.flags = flags_of("")};
  const std::size_t command = walk.over(words, 0, true);
  Wanted wanted;
  if (command < words.size()) {
    wanted = after_command(words[command], words, command + 1, current);
  } else if (walk.waits_for_value != nullptr) {
    wanted = value_of(*walk.waits_for_value);
  } else {
    wanted.kind = current.starts_with("-") ? WordKind::kFlag : WordKind::kCommand;
  }
  wanted.globals.assign(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(command));
  return wanted;
}

std::vector<Candidate> known_candidates(const Wanted& wanted, std::string_view current) {
  std::vector<Candidate> out;
  if (wanted.kind == WordKind::kCommand) {
    for (const CommandName& command : commands()) {
      add_if_begun(out, current, std::string(command.name), command.summary);
    }
  }
  if (wanted.kind == WordKind::kFlag) {
    for (const Flag& flag : flags_of(wanted.command)) {
      for (const std::string& name : flag.names) {
        add_if_begun(out, current, name, flag.help);
      }
    }
  }
  for (const std::string& choice : wanted.choices) {
    add_if_begun(out, current, choice, "");
  }
  return out;
}

}  // namespace cmp::cli
