#pragma once
// cmp by Docker's names: `docker-compose`, and the plug-in of `docker` that gives it `docker compose`. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace cmp::cli {

/// True if `program` (argv[0]) is called docker-compose: then nothing is a comparison of files.
[[nodiscard]] bool is_docker_name(std::string_view program);

/// The words that docker puts before ours are taken away (`docker compose up` calls `docker-compose compose up`).
void take_plugin_words(std::vector<std::string>& arguments);

/// True if docker asks what the plug-in is; the answer is plugin_metadata().
[[nodiscard]] bool asks_for_metadata(const std::vector<std::string>& arguments);
[[nodiscard]] std::string plugin_metadata();

}  // namespace cmp::cli
