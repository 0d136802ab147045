// config.md: the root of the document, mounts and hooks.

#include <algorithm>
#include <array>
#include <charconv>

#include "oci/config.hpp"
#include "oci/node.hpp"

namespace cmp::oci {

namespace {

/// semver.org: MAJOR.MINOR.PATCH with what may follow a '-' or '+'.
bool is_version(std::string_view text, unsigned& major) {
  const std::string_view core = text.substr(0, text.find_first_of("-+"));
  std::size_t at = 0;
  for (int part = 0; part < 3; ++part) {
    const auto end = std::min(core.find('.', at), core.size());
    const std::string_view digits = core.substr(at, end - at);
    unsigned number = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || error != std::errc() || rest != digits.data() + digits.size() ||
        (digits.size() > 1 && digits.front() == '0') || (part < 2 && end == core.size())) {
      return false;
    }
    major = part == 0 ? number : major;
    at = end + 1;
  }
  return at == core.size() + 1;
}

void read_version(const Node& node, std::string& into) {
  node.require("is required");
  node.read(into);
  unsigned major = 0;
  if (node.present() && !is_version(into, major)) {
    node.complain(fmt::format("'{}' is no semantic version", into));
  } else if (node.present() && major > 1) {
    node.complain(fmt::format("'{}' is a version of the specification that is not known here", into));
  }
}

void read_mount(const Node& node, Mount& mount) {
  node.at("destination").require("is required");
  node.at("destination").read(mount.destination);
  node.at("type").read(mount.type);
  node.at("source").read(mount.source);
  node.at("options").read(mount.options);
  if (node.at("destination").present() && mount.destination.empty()) {
    node.at("destination").complain("is empty");
  }
  read_mappings(node.at("uidMappings"), mount.uid_mappings);
  read_mappings(node.at("gidMappings"), mount.gid_mappings);
  if (mount.uid_mappings.empty() != mount.gid_mappings.empty()) {
    node.complain("uidMappings and gidMappings come together");
  }
}

void read_hooks(const Node& list, std::vector<container::Hook>& hooks) {
  list.each([&](const Node& node) {
    container::Hook& hook = hooks.emplace_back();
    node.at("path").require("is required");
    node.at("path").read(hook.path);
    node.at("args").read(hook.args);
    node.at("env").read(hook.env);
    node.at("timeout").read(hook.timeout_seconds);
    if (node.at("path").present() && !hook.path.starts_with('/')) {
      node.at("path").complain(fmt::format("'{}' is not absolute", hook.path));
    }
    if (hook.timeout_seconds && *hook.timeout_seconds <= 0) {
      node.at("timeout").complain("is not greater than zero");
    }
  });
}

void read_all_hooks(const Node& node, Hooks& hooks) {
  read_hooks(node.at("prestart"), hooks.prestart);
  read_hooks(node.at("createRuntime"), hooks.create_runtime);
  read_hooks(node.at("createContainer"), hooks.create_container);
  read_hooks(node.at("startContainer"), hooks.start_container);
  read_hooks(node.at("poststart"), hooks.poststart);
  read_hooks(node.at("poststop"), hooks.poststop);
}

void read_root(const Node& node, Config& config) {
  node.require("is required");
  node.at("path").read(config.root_path);
  node.at("readonly").read(config.root_readonly);
  if (node.present() && config.root_path.empty()) {
    node.at("path").complain("is required");
  }
}

Config read_config(const Node& root) {
  Config config;
  read_version(root.at("ociVersion"), config.oci_version);
  read_root(root.at("root"), config);
  root.at("mounts").each([&](const Node& node) { read_mount(node, config.mounts.emplace_back()); });
  if (const Node process = root.at("process"); process.present()) {
    read_process(process, config.process.emplace());
  }
  root.at("hostname").read(config.hostname);
  root.at("domainname").read(config.domainname);
  read_all_hooks(root.at("hooks"), config.hooks);
  root.at("annotations").read(config.annotations);
  if (config.annotations.contains("")) {
    root.at("annotations").complain("a key is empty");
  }
  read_linux(root.at("linux"), config.linux_part);
  const bool own_uts = config.find_namespace("uts") != nullptr;
  if (!own_uts && !config.hostname.empty()) {
    root.at("hostname").complain("needs a uts namespace: it would be the host's");
  }
  if (!own_uts && !config.domainname.empty()) {
    root.at("domainname").complain("needs a uts namespace: it would be the host's");
  }
  return config;
}

template <typename T, typename F>
Result<T> read_document(std::string_view text, F read) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return make_error(Code::kInvalid, "not a JSON object");
  }
  Problems problems;
  T value = read(Node(&json, "", problems));
  CMP_CHECK(problems.status());
  return value;
}

}  // namespace

const Namespace* Config::find_namespace(std::string_view type) const {
  const auto it = std::ranges::find(linux_part.namespaces, type, &Namespace::type);
  return it == linux_part.namespaces.end() ? nullptr : &*it;
}

Result<Config> parse_config(std::string_view text) {
  return read_document<Config>(text, read_config);
}

Result<Process> parse_process(std::string_view text) {
  return read_document<Process>(text, [](const Node& node) {
    Process process;
    read_process(node, process);
    return process;
  });
}

Result<cgroup::Resources> parse_resources(std::string_view text) {
  return read_document<cgroup::Resources>(text, [](const Node& node) {
    cgroup::Resources resources;
    read_resources(node, resources);
    return resources;
  });
}

}  // namespace cmp::oci
