// How a service's image comes: platform, pull_policy, build.

#include "compose/bind.hpp"
#include "compose/quantity.hpp"
#include "compose/scalar.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

constexpr std::chrono::hours kDay{24};

model::PullPolicy pull_policy_of(const std::string& word) {
  if (word == "always") {
    return model::PullPolicy::kAlways;
  }
  if (word == "never") {
    return model::PullPolicy::kNever;
  }
  return word == "build" ? model::PullPolicy::kBuild : model::PullPolicy::kMissing;
}

/// daily, weekly, every_DURATION, and refresh with pull_refresh_after.
std::optional<Nanoseconds> max_age_of(const std::string& word, const std::string& refresh_after) {
  constexpr std::string_view kEvery = "every_";
  if (word == "daily") {
    return kDay;
  }
  if (word == "weekly") {
    return 7 * kDay;
  }
  if (word.starts_with(kEvery)) {
    return parse_duration(std::string_view(word).substr(kEvery.size()));
  }
  return word == "refresh" ? parse_duration(refresh_after) : std::nullopt;
}

model::Ulimit bind_ulimit(const Node& limit) {
  if (limit.is_scalar()) {
    const std::int64_t both = parse_integer(limit.scalar).value_or(0);
    return {.soft = both, .hard = both};
  }
  return {.soft = integer_at(limit, "soft").value_or(0), .hard = integer_at(limit, "hard").value_or(0)};
}

model::Build bind_build(const Node& node) {
  model::Build build;
  build.context = text_at(node, "context");
  build.dockerfile = text_at(node, "dockerfile");
  build.dockerfile_inline = text_at(node, "dockerfile_inline");
  build.target = text_at(node, "target");
  build.network = text_at(node, "network");
  build.args = bind_variables(node, "args");
  build.labels = text_map(node, "labels");
  build.additional_contexts = text_map(node, "additional_contexts");
  build.ssh = text_map(node, "ssh");
  build.cache_from = texts_at(node, "cache_from");
  build.cache_to = texts_at(node, "cache_to");
  build.tags = texts_at(node, "tags");
  build.platforms = texts_at(node, "platforms");
  build.extra_hosts = texts_at(node, "extra_hosts");
  build.secrets = bind_grants(node, "secrets", "");
  build.ulimits = bind_ulimits(node);
  if (const auto size = integer_at(node, "shm_size"); size && *size > 0) {
    build.shm_size = Bytes{*size};
  }
  // A builder's cache is used as a whole or not at all: with a stage that must not come from it, none does.
  build.no_cache = bool_at(node, "no_cache").value_or(false) || !texts_at(node, "no_cache_filter").empty();
  build.pull = bool_at(node, "pull").value_or(false);
  build.privileged = bool_at(node, "privileged").value_or(false);
  build.where = node.origin.pos();
  return build;
}

}  // namespace

std::map<std::string, model::Ulimit> bind_ulimits(const Node& mapping) {
  std::map<std::string, model::Ulimit> limits;
  for (const Entry& entry : entries_at(mapping, "ulimits")) {
    limits.emplace(entry.key, bind_ulimit(entry.value));
  }
  return limits;
}

std::map<std::string, std::optional<std::string>> bind_variables(const Node& mapping, std::string_view key) {
  std::map<std::string, std::optional<std::string>> variables;
  for (const Entry& entry : entries_at(mapping, key)) {
    variables.emplace(entry.key, entry.value.is_scalar() ? std::optional(scalar_text(entry.value)) : std::nullopt);
  }
  return variables;
}

void bind_image(const Node& node, model::Service& service) {
  const std::string& policy = text_at(node, "pull_policy");
  service.platform = text_at(node, "platform");
  service.pull_policy = pull_policy_of(policy);
  service.pull_max_age = max_age_of(policy, text_at(node, "pull_refresh_after"));
  if (const Node* build = find_path(node, {"build"})) {
    service.build = bind_build(*build);
  }
}

}  // namespace cmp::compose
