#include "cli/complete.hpp"

#include <set>
#include <string_view>

#include "cli/completion.hpp"
#include "cli/context.hpp"
#include "cli/network_view.hpp"
#include "cli/output.hpp"
#include "compose/listing.hpp"
#include "image/reference.hpp"
#include "image/store.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

using Names = std::set<std::string>;

Names service_names(const Context& context) {
  Names out;
  if (const auto loaded = compose::load(load_options(context)); loaded) {
    for (const auto& [name, service] : loaded->project.services) {
      out.insert(name);
    }
    out.insert(loaded->disabled_services.begin(), loaded->disabled_services.end());
  }
  if (const auto paths = project_paths(context); paths) {
    // As they are written down: to look is not to bring a project back.
    const auto containers = state::read_containers(*paths);
    for (const auto& record : containers ? *containers : std::vector<state::ContainerRecord>()) {
      out.insert(record.service);
    }
  }
  return out;
}

Names profile_names_of(const Context& context) {
  auto options = load_options(context);
  options.profiles = {"*"};
  const auto loaded = compose::load(options);
  const auto names = loaded ? compose::profile_names(loaded->tree) : std::vector<std::string>();
  return {names.begin(), names.end()};
}

Names image_names() {
  Names out;
  const auto images = image::Store(state::roots_from_environment()).list();
  for (const auto& stored : images ? *images : std::vector<image::StoredImage>()) {
    const auto reference = image::parse_reference(stored.name, "/");
    const bool tagged = reference && !reference->tag.empty();
    out.insert(tagged ? reference->familiar_name() + ":" + reference->tag : stored.name);
  }
  return out;
}

Names network_names() {
  Names out;
  const auto networks = all_networks(state::roots_from_environment());
  for (const NetworkView& network : networks ? *networks : std::vector<NetworkView>()) {
    out.insert(network.name);
  }
  return out;
}

Names volume_names() {
  const auto names = sys::list_directory(state::volumes_dir(state::roots_from_environment()));
  return names ? Names(names->begin(), names->end()) : Names();
}

Names live_names(const Context& context, WordKind kind) {
  switch (kind) {
    case WordKind::kService:
      return service_names(context);
    case WordKind::kProfile:
      return profile_names_of(context);
    case WordKind::kImage:
      return image_names();
    case WordKind::kNetwork:
      return network_names();
    case WordKind::kVolume:
      return volume_names();
    default:
      return {};
  }
}

/// The global options as the user has written them so far.
Globals globals_of(std::vector<std::string> words) {
  words.emplace_back("version");
  auto invocation = parse(words);
  return invocation ? std::move(invocation->globals) : Globals();
}

}  // namespace

int run_completion(const std::vector<std::string>& words) {
  const std::string current = words.empty() ? std::string() : words.back();
  const Wanted wanted = wanted_word(words.empty() ? words : std::vector(words.begin(), words.end() - 1), current);
  std::string out;
  for (const Candidate& candidate : known_candidates(wanted, current)) {
    out += candidate.word + (candidate.meaning.empty() ? "" : '\t' + candidate.meaning) + '\n';
  }
  Context context{.globals = globals_of(wanted.globals),
                  .style = {},
                  .environment = process_environment(),
                  .standard_input = std::make_shared<std::string>()};
  for (const std::string& name : live_names(context, wanted.kind)) {
    out += name.starts_with(current) ? name + '\n' : "";
  }
  if (wanted.kind == WordKind::kFile || wanted.kind == WordKind::kDirectory) {
    out += wanted.kind == WordKind::kFile ? ":file\n" : ":directory\n";
  }
  static_cast<void>(print(out));
  return 0;
}

}  // namespace cmp::cli
