#include "cli/vocabulary.hpp"

#include <algorithm>
#include <array>

#include "base/nearest.hpp"

namespace cmp::cli {

namespace {

constexpr std::array kCommands = {
    CommandName{"up", "[SERVICE...]", "Create and start the services; shows their logs unless -d is given"},
    CommandName{"plan", "[SERVICE...]", "Print what 'up' would do, and why"},
    CommandName{"history", "", "List the generations: what earlier 'up's have made of the project"},
    CommandName{"diff", "[GENERATION [GENERATION]]", "Print what differs between two generations"},
    CommandName{"rollback", "[GENERATION]", "Make the project again what it was in a generation"},
    CommandName{"down", "[SERVICE...]", "Stop and remove the project's containers and networks"},
    CommandName{"start", "[SERVICE...]", "Start services that are there and do not run"},
    CommandName{"stop", "[SERVICE...]", "Stop services without removing them"},
    CommandName{"restart", "[SERVICE...]", "Stop services and start them again, as they are"},
    CommandName{"create", "[SERVICE...]", "Create the services without starting them"},
    CommandName{"scale", "SERVICE=NUMBER...", "Run so many containers of a service"},
    CommandName{"rm", "[SERVICE...]", "Remove stopped containers"},
    CommandName{"pause", "[SERVICE...]", "Freeze services"},
    CommandName{"unpause", "[SERVICE...]", "Let frozen services go on"},
    CommandName{"kill", "[SERVICE...]", "Send a signal to services"},
    CommandName{"wait", "SERVICE...", "Wait until services have ended"},
    CommandName{"ps", "[SERVICE...]", "List containers"},
    CommandName{"watch", "[SERVICE...]", "Bring changed files into running services, or build those anew"},
    CommandName{"cp", "FROM TO", "Copy files from or to the containers of a service"},
    CommandName{"export", "SERVICE", "Write a container's file system to an archive"},
    CommandName{"stats", "[SERVICE...]", "Show what services use: processor, memory, network, disk"},
    CommandName{"top", "[SERVICE...]", "List the processes of services"},
    CommandName{"events", "[SERVICE...]", "Print what happens to containers, as it happens"},
    CommandName{"port", "SERVICE PORT", "Print where a port of a service is published"},
    CommandName{"logs", "[SERVICE...]", "Show what the services have written"},
    CommandName{"run", "SERVICE [COMMAND] [ARGS...]", "Run a service once, with another command if one is given"},
    CommandName{"exec", "SERVICE COMMAND [ARGS...]", "Run a command in a running service"},
    CommandName{"attach", "SERVICE", "Connect this terminal to a running service"},
    CommandName{"config", "[SERVICE...]", "Check the compose file and print it resolved"},
    CommandName{"ls", "", "List projects"},
    CommandName{"why", "[SERVICE...]", "Tell in a sentence why services are as they are"},
    CommandName{"inspect", "[NAME...]", "Print all that is known, in Docker's words, as JSON"},
    CommandName{"resume", "", "Bring back what restart policies ask for, as after a reboot"},
    CommandName{"enable", "", "Have systemd resume the project when the machine starts"},
    CommandName{"disable", "", "Take that back"},
    CommandName{"network", "ls | inspect NETWORK...", "List networks, or print all of some"},
    CommandName{"volumes", "[SERVICE...]", "List the volumes of the services"},
    CommandName{"volume", "ls | inspect | create | rm | prune | restore | snapshot | fork [NAME...]",
                "Look at volumes, remove them and have them back"},
    CommandName{"graph", "--network", "Draw what is there, for people or as a diagram"},
    CommandName{"build", "[SERVICE...]", "Build the services' images"},
    CommandName{"pull", "[SERVICE...]", "Fetch the services' images"},
    CommandName{"push", "[SERVICE...]", "Push the services' images"},
    CommandName{"images", "[SERVICE...]", "List the images containers are made from"},
    CommandName{"load", "[-i FILE]", "Take images from an archive"},
    CommandName{"save", "[-o FILE] IMAGE...", "Write images to an archive"},
    CommandName{"rmi", "IMAGE...", "Take images' names away"},
    CommandName{"gc", "", "Remove image data that nothing needs"},
    CommandName{"prune", "", "The same as gc"},
    CommandName{"doctor", "", "Tell what this host offers and lacks, and what to do about it"},
    CommandName{"version", "", "Print the version"},
};

struct RefusedWord {
  std::string_view command, flag, reason;  ///< no flag: the command itself
};

constexpr std::array kRefused = {
    RefusedWord{"commit", "",
                "images come from 'cmp build', 'cmp pull' and 'cmp load'; 'cmp export' writes a container's files"},
    RefusedWord{"alpha", "", "nothing of cmp is experimental; 'cmp graph' draws, 'cmp watch' watches"},
    RefusedWord{"bridge", "", "other systems' files are made by Docker's own images of transformations"},
    RefusedWord{"publish", "",
                "a project is no image: 'cmp push' pushes its images, and the output of 'cmp config "
                "--resolve-image-digests' can be handed on"},
    RefusedWord{"", "--insecure-registry",
                "compose files do not come from registries; an images' registry without TLS is named in "
                "/etc/cmp/registries.json"},
    RefusedWord{"events", "--since", "what has happened before is not kept"},
};

constexpr std::array kDeprecated = {
    DeprecatedFlag{"", "--no-ansi", "--ansi=never"},
    DeprecatedFlag{"", "--workdir", "--project-directory"},
    DeprecatedFlag{"", "--verbose", ""},
    DeprecatedFlag{"up", "--y", "--yes"},
    DeprecatedFlag{"create", "--y", "--yes"},
    DeprecatedFlag{"down", "--volume", "--volumes"},
    DeprecatedFlag{"run", "--volumes", "--volume"},
    DeprecatedFlag{"run", "--labels", "--label"},
    DeprecatedFlag{"run", "--no-TTY", "--no-tty"},
    DeprecatedFlag{"rm", "--all", ""},
    DeprecatedFlag{"rm", "-a", ""},
    DeprecatedFlag{"pull", "--parallel", ""},
    DeprecatedFlag{"pull", "--no-parallel", ""},
};

}  // namespace

std::span<const CommandName> commands() {
  return kCommands;
}

bool is_command(std::string_view word) {
  const auto same = [&](const CommandName& command) { return command.name == word; };
  return word == "help" || refusal(word, "").has_value() || std::any_of(kCommands.begin(), kCommands.end(), same);
}

std::optional<std::string> refusal(std::string_view command, std::string_view flag) {
  const std::string_view name = flag.substr(0, flag.find('='));
  for (const RefusedWord& word : kRefused) {
    if (word.command == command && word.flag == name) {
      return std::string(word.reason);
    }
  }
  return std::nullopt;
}

std::span<const DeprecatedFlag> deprecated_flags() {
  return kDeprecated;
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  std::size_t best_distance = word.size() <= 4 ? 2 : 3;
  for (const std::string& candidate : candidates) {
    const std::size_t edits = edit_distance(word, candidate);
    if (edits < best_distance && edits < candidate.size()) {
      best_distance = edits;
      best = candidate;
    }
  }
  return best;
}

std::optional<std::string> nearest_command(std::string_view word) {
  std::vector<std::string> names;
  for (const CommandName& command : kCommands) {
    names.emplace_back(command.name);
  }
  return nearest(word, names);
}

}  // namespace cmp::cli
