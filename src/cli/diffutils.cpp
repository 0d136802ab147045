#include "cli/diffutils.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "cli/output.hpp"
#include "cli/vocabulary.hpp"

namespace cmp::cli {

namespace {

/// Set by us for the program we become: if that is another copy of ours, it must not hand the call back.
constexpr const char* kHandedOn = "CMP_HANDED_ON";

constexpr std::array<std::string_view, 8> kOurValueOptions = {
    "-f", "-p", "--file", "--project-name", "--project-directory", "--env-file", "--profile", "--workdir"};
constexpr std::array<std::string_view, 3> kOurOtherValueOptions = {"--ansi", "--progress", "--parallel"};
constexpr std::array<std::string_view, 7> kOurFlags = {
    "--dry-run", "--all-resources", "--no-ansi", "--version", "--help", "-v", "-h"};
// --print-chars and -c are the old names of --print-bytes and -b; diffutils still takes them.
constexpr std::array<std::string_view, 7> kTheirLongOptions = {
    "--print-bytes", "--print-chars", "--ignore-initial", "--verbose", "--bytes", "--quiet", "--silent"};

template <typename List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool takes_our_value(std::string_view word) {
  return contains(kOurValueOptions, word) || contains(kOurOtherValueOptions, word);
}

/// getopt takes every unambiguous beginning of a long option.
bool is_their_long_option(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  return name.size() > 4 && std::any_of(kTheirLongOptions.begin(), kTheirLongOptions.end(),
                                        [&](std::string_view option) { return option.starts_with(name); });
}

/// -b, -c, -l, -s alone or together, -i and -n with what follows.
bool is_their_option(std::string_view word) {
  if (word.starts_with("--")) {
    return is_their_long_option(word);
  }
  const std::size_t end = word.find_first_not_of("bcls", 1);
  return word.size() > 1 && word.front() == '-' &&
         (end == std::string_view::npos || word[end] == 'i' || word[end] == 'n');
}

/// An option that our command line has before the command, with or without its value in the same word.
bool is_our_option(std::string_view word) {
  const std::string_view name = word.substr(0, word.find('='));
  const bool with_value = !word.starts_with("--") && (word.starts_with("-f") || word.starts_with("-p"));
  return with_value || takes_our_value(name) || contains(kOurFlags, name);
}

bool is_number(std::string_view word) {
  return !word.empty() && word.front() >= '0' && word.front() <= '9';
}

/// Whether the words from the first one on that is neither option nor command are the operands of a comparison.
bool are_operands(const std::vector<std::string>& words, const std::function<bool(const std::string&)>& exists) {
  std::vector<std::string> operands;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (*word == "--" || (word->size() > 1 && word->front() == '-')) {
      return *word == "--" || is_their_option(*word);
    }
    operands.push_back(*word);
  }
  const auto is_file = [&](const std::string& word) { return word == "-" || exists(word); };
  if (operands.size() > 2 && !std::all_of(operands.begin() + 2, operands.end(), is_number)) {
    // A wrong SKIP of diffutils' rather than a command of ours, if it begins with a file.
    return is_file(operands.front());
  }
  const bool any_file = std::any_of(operands.begin(), operands.end(), is_file);
  return any_file || (operands.size() > 1 && !nearest_command(operands.front()));
}

/// Two files and nothing else: an option in front that neither program has was meant for diffutils.
bool are_files(const std::vector<std::string>& words, const std::function<bool(const std::string&)>& exists) {
  const auto is_file = [&](const std::string& word) { return word == "-" || exists(word); };
  return words.size() == 2 && !is_command(words.front()) && std::all_of(words.begin(), words.end(), is_file);
}

std::optional<struct stat> status_of(const std::string& path) {
  struct stat status {};

  return ::stat(path.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

std::vector<std::string> folders_of(std::string_view path) {
  std::vector<std::string> folders;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find(':', start), path.size());
    folders.emplace_back(end == start ? "." : path.substr(start, end - start));
    start = end + 1;
  }
  return folders;
}

/// Tries each folder in turn; those up to our own are skipped first, so that several copies of us never call each other
/// in a circle.
void exec_from(const std::vector<std::string>& folders, const struct stat& self, bool only_behind_self, char** argv) {
  bool behind = !only_behind_self;
  for (const std::string& folder : folders) {
    const std::string candidate = folder + "/cmp";
    const auto status = status_of(candidate);
    if (!status) {
      continue;
    }
    const bool is_self = status->st_dev == self.st_dev && status->st_ino == self.st_ino;
    if (behind && !is_self && S_ISREG(status->st_mode)) {
      ::execv(candidate.c_str(), argv);
    }
    behind = behind || is_self;
  }
}

}  // namespace

bool is_comparison(const std::vector<std::string>& arguments, const std::function<bool(const std::string&)>& exists) {
  bool nobodys_option = false;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string& word = arguments[at];
    if (word == "--verbose") {
      continue;  // a word of both: what follows decides
    }
    if (word == "--" || is_their_option(word)) {
      return true;
    }
    if (word == "-" || !word.starts_with('-')) {
      if (nobodys_option) {
        return are_files({arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end()}, exists);
      }
      return at == 0 || arguments[at - 1] == "--verbose"
                 ? !is_command(word) &&
                       are_operands({arguments.begin() + static_cast<std::ptrdiff_t>(at), arguments.end()}, exists)
                 : false;
    }
    nobodys_option = nobodys_option || !is_our_option(word);
    at += takes_our_value(word) ? 1U : 0U;
  }
  return false;
}

int exec_comparison(char** argv) {
  const char* const path = std::getenv("PATH");
  const bool handed_on = std::getenv(kHandedOn) != nullptr;
  const auto self = status_of("/proc/self/exe");
  ::setenv(kHandedOn, "1", 1);
  if (self && path != nullptr) {
    exec_from(folders_of(path), *self, true, argv);
    if (!handed_on) {
      exec_from(folders_of(path), *self, false, argv);
    }
  }
  if (self && !handed_on) {
    exec_from({"/usr/bin", "/bin"}, *self, false, argv);
  }
  print_error("error: this looks like a comparison of files, but PATH has no other 'cmp' (diffutils)\n");
  return 127;
}

}  // namespace cmp::cli
