#include "cli/docker_name.hpp"

namespace cmp::cli {

bool is_docker_name(std::string_view program) {
  return program.substr(program.rfind('/') + 1) == "docker-compose";
}

void take_plugin_words(std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments.front() == "compose") {
    arguments.erase(arguments.begin());
  }
}

bool asks_for_metadata(const std::vector<std::string>& arguments) {
  return arguments == std::vector<std::string>{"docker-cli-plugin-metadata"};
}

std::string plugin_metadata() {
  return "{\"SchemaVersion\":\"0.1.0\",\"Vendor\":\"cmp\",\"Version\":\"v" CMP_VERSION
         "\",\"ShortDescription\":\"Compose without a daemon, by cmp\"}\n";
}

}  // namespace cmp::cli
