#include "container/labels.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "container/blame.hpp"

namespace cmp::container {

namespace {

/// Two of 1024 categories keep containers apart from each other; the same container always has the same two.
std::string level_of(const std::string& id) {
  constexpr unsigned kCategories = 1024;
  std::array<unsigned, 2> numbers = {};
  for (std::size_t i = 0; i < numbers.size() && id.size() >= 16; ++i) {
    std::from_chars(id.data() + 8 * i, id.data() + 8 * (i + 1), numbers.at(i), 16);
    numbers.at(i) %= kCategories;
  }
  if (numbers[0] == numbers[1]) {
    numbers[1] = (numbers[0] + 1) % kCategories;
  }
  return fmt::format("s0:c{},c{}", std::min(numbers[0], numbers[1]), std::max(numbers[0], numbers[1]));
}

/// The last of the labels of one kind.
std::string chosen(const SecurityOptions& options, std::string_view kind, std::string otherwise) {
  for (const std::string& label : options.labels) {
    if (label.starts_with(kind)) {
      otherwise = label.substr(kind.size());
    }
  }
  return otherwise;
}

bool wants_selinux(const SecurityOptions& options) {
  return !options.labels.empty() && std::ranges::find(options.labels, "disable") == options.labels.end();
}

Result<std::string> apparmor_profile(const model::Service& service, const SecurityOptions& options,
                                     const Facts& facts) {
  if (options.apparmor.empty()) {
    return service.privileged ? std::string() : facts.apparmor_default;
  }
  if (options.apparmor == "unconfined") {
    return std::string();
  }
  if (!facts.has_apparmor) {
    return blame(service, "security_opt", Code::kUnsupported,
                 fmt::format("apparmor profile '{}': AppArmor is not active on this host", options.apparmor));
  }
  return options.apparmor;
}

}  // namespace

Result<Labels> labels_for(const model::Service& service, const SecurityOptions& options, const Facts& facts) {
  Labels labels;
  CMP_TRY(labels.apparmor, apparmor_profile(service, options, facts));
  if (!wants_selinux(options)) {
    return labels;
  }
  if (!facts.has_selinux) {
    return blame(service, "security_opt", Code::kUnsupported,
                 fmt::format("label '{}': SELinux is not active on this host", options.labels.front()));
  }
  // The contexts that container-selinux gives to containers and their files.
  const std::string user = chosen(options, "user:", "system_u");
  const std::string level = chosen(options, "level:", level_of(facts.id));
  labels.selinux = fmt::format("{}:{}:{}:{}", user, chosen(options, "role:", "system_r"),
                               chosen(options, "type:", "container_t"), level);
  labels.selinux_mount =
      fmt::format("{}:object_r:{}:{}", user, chosen(options, "filetype:", "container_file_t"), level);
  return labels;
}

void label_mounts(std::vector<Step>& steps, const std::string& label) {
  constexpr std::array<std::string_view, 3> kTypes = {"tmpfs", "devpts", "mqueue"};
  for (Step& step : steps) {
    if (auto* overlay = std::get_if<step::MountOverlay>(&step)) {
      overlay->label = label;
    }
    auto* fs = std::get_if<step::MountFs>(&step);
    if (fs != nullptr && std::ranges::find(kTypes, fs->type) != kTypes.end()) {
      fs->data += fmt::format("{}context=\"{}\"", fs->data.empty() ? "" : ",", label);
    }
  }
}

}  // namespace cmp::container
