#include "cli/image_setup.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/combined.hpp"
#include "cli/builder.hpp"
#include "cli/output.hpp"
#include "cli/transfer.hpp"
#include "container/blame.hpp"
#include "image/local.hpp"
#include "model/hooks.hpp"
#include "plan/plan.hpp"

namespace cmp::cli {

namespace {

/// The service that decides about an image, and where it names it. A service whose own it is comes before one that
/// mounts it: it may build it.
struct Use {
  const model::Service& service;
  SourcePos where;
  std::string noun;
  bool own = true;
};

Use first_use(const model::Project& project, const NeededImage& needed) {
  if (!needed.services.empty()) {
    const auto built = std::ranges::find_if(
        needed.services, [&](const std::string& name) { return project.services.at(name).build.has_value(); });
    const model::Service& service =
        project.services.at(built == needed.services.end() ? needed.services.front() : *built);
    return {service, container::position(service, "image"), fmt::format("service '{}'", service.name)};
  }
  const ImageMount& first = needed.mounts.front();
  const model::Service& service = project.services.at(first.service);
  const model::Mount& mount = service.volumes.at(first.index);
  return {service, mount.where, fmt::format("service '{}': volume on '{}'", service.name, mount.target), false};
}

std::string key_of(const NeededImage& image) {
  return image.reference.str() + ' ' + image.platform.str();
}

/// DOCKER_DEFAULT_PLATFORM stands for what is not given.
Result<image::Platform> platform_of(const Context& context, const std::string& given) {
  const auto preferred = context.environment.find("DOCKER_DEFAULT_PLATFORM");
  const std::string wanted = !given.empty()                           ? given
                             : preferred != context.environment.end() ? preferred->second
                                                                      : "linux";
  return image::parse_platform(wanted, image::host_platform());
}

Result<image::Decision> decide(const image::Store& store, const NeededImage& needed, const Use& use,
                               const ImageSetup& setup) {
  const model::Service& service = use.service;
  CMP_TRY(const auto stored, store.find(needed.reference.str(), needed.platform));
  image::Situation situation;
  situation.policy = setup.policy.value_or(service.pull_policy);
  situation.max_age = setup.policy ? std::nullopt : service.pull_max_age;
  situation.present = stored.has_value();
  situation.age = stored ? wall_now() - stored->pulled_at : Nanoseconds(0);
  situation.local = needed.reference.local();
  situation.outdated = stored && stored->origin != image::local_origin(needed.reference);
  situation.buildable = use.own && service.build.has_value();
  if (!use.own && situation.policy == model::PullPolicy::kBuild) {
    situation.policy = model::PullPolicy::kMissing;
  }
  situation.build_asked = setup.build;
  situation.build_refused = setup.no_build;
  return image::decide(situation);
}

using NeededImages = std::map<std::string, NeededImage>;

/// The service's own image, and those that it mounts.
Status add_images_of(const Context& context, const model::Project& project, const model::Service& service,
                     NeededImages& needed) {
  if (service.rootfs.empty()) {
    CMP_TRY(NeededImage image, image_of(context, project, service));
    const std::string key = key_of(image);
    needed.emplace(key, std::move(image)).first->second.services.push_back(service.name);
  }
  for (std::size_t index = 0; index < service.volumes.size(); ++index) {
    const model::Mount& mount = service.volumes[index];
    if (mount.type != model::MountType::kImage) {
      continue;
    }
    CMP_TRY(NeededImage image, image_of(context, project, service, mount));
    const std::string key = key_of(image);
    needed.emplace(key, std::move(image)).first->second.mounts.push_back({service.name, index});
  }
  return {};
}

/// Each image once, with who uses it.
Result<NeededImages> needed_images(const Context& context, const model::Project& project, const ImageSetup& setup) {
  NeededImages needed;
  std::vector<std::string> wanted = setup.services;
  if (!setup.no_deps) {
    CMP_TRY(wanted, plan::with_dependencies(project, setup.services));
  }
  for (const auto& [name, service] : project.services) {
    if (setup.services.empty() || std::ranges::find(wanted, name) != wanted.end()) {
      CMP_CHECK(add_images_of(context, project, service, needed));
    }
  }
  return needed;
}

/// "" and policy are each service's own. kInvalid: no such policy.
Result<std::optional<model::PullPolicy>> parse_pull(const std::string& word) {
  using model::PullPolicy;
  if (word.empty() || word == "policy") {
    return std::optional<PullPolicy>();
  }
  constexpr std::array<std::pair<std::string_view, PullPolicy>, 4> kWords = {{{"always", PullPolicy::kAlways},
                                                                              {"missing", PullPolicy::kMissing},
                                                                              {"never", PullPolicy::kNever},
                                                                              {"build", PullPolicy::kBuild}}};
  for (const auto& [name, policy] : kWords) {
    if (word == name) {
      return std::optional(policy);
    }
  }
  return make_error(Code::kInvalid, fmt::format("--pull: '{}' is none of always, missing, never, build, policy", word));
}

class Setup {
 public:
  Setup(const Context& context, model::Project& project, const ImageSetup& options, image::Store store)
      : context_(context), project_(project), options_(options), store_(std::move(store)) {}

  Status run() {
    CMP_TRY(needed_, needed_images(context_, project_, options_));
    for (const auto& [key, needed] : needed_) {
      CMP_CHECK(sort_out(needed));
    }
    if (errors_.empty()) {
      CMP_CHECK(options_.dry_run ? tell() : fetch());
    }
    if (errors_.empty()) {
      CMP_CHECK(fill_in());
    }
    return combined(std::move(errors_));
  }

 private:
  Status sort_out(const NeededImage& needed) {
    const Use use = first_use(project_, needed);
    CMP_TRY(const image::Decision decision, decide(store_, needed, use, options_));
    switch (decision) {
      case image::Decision::kUse:
        break;
      case image::Decision::kPull:
        pulls_.items.push_back(
            {.name = needed.reference.str(), .platform = needed.platform.str(), .as = "", .label = needed.label()});
        break;
      case image::Decision::kBuild:
        builds_.services.push_back(use.service.name);
        break;
      case image::Decision::kRefuse:
        errors_.push_back(
            make_error(Code::kNotFound, fmt::format("{}: image '{}' is not here, and it may not be fetched "
                                                    "(pull_policy)",
                                                    use.noun, needed.label()))
                .at(use.where));
        break;
    }
    return {};
  }

  Status tell() {
    std::string text;
    for (const std::string& service : builds_.services) {
      text += fmt::format("image of {}: build\n", service);
    }
    for (const image::TransferItem& item : pulls_.items) {
      text += fmt::format("image {}: pull\n", item.label);
    }
    return print(text);
  }

  Status fetch() {
    if (!builds_.services.empty()) {
      builds_.quiet = options_.quiet_build;
      CMP_CHECK(build_images(context_, project_, builds_));
    }
    return pulls_.items.empty() ? Status() : pull();
  }

  Status pull() {
    pulls_.tls_verify = options_.tls_verify;
    PrinterOptions look = printer_options(context_);
    if (options_.quiet) {
      look.mode = ProgressMode::kQuiet;
    }
    ProgressPrinter printer("pull", look);
    auto transferred = transfer(pulls_, printer, {.doing = "Pulling", .done = "Pulled"});
    printer.finish(monotonic_now());
    if (!transferred) {
      return std::move(transferred).error();
    }
    for (auto& [label, error] : transferred->errors) {
      blame(label, std::move(error));
    }
    return {};
  }

  void blame(const std::string& label, Error error) {
    for (const auto& [key, needed] : needed_) {
      if (needed.label() == label) {
        const Use use = first_use(project_, needed);
        errors_.push_back(std::move(error).context(fmt::format("{}: image '{}'", use.noun, label)).at(use.where));
        return;
      }
    }
    errors_.push_back(std::move(error));
  }

  Status fill_in() {
    for (const auto& [key, needed] : needed_) {
      CMP_TRY(const auto stored, store_.find(needed.reference.str(), needed.platform));
      if (!stored && options_.dry_run) {
        continue;
      }
      if (!stored) {
        return make_error(Code::kInternal, fmt::format("image '{}' is gone", needed.label()));
      }
      CMP_TRY(const image::UsableImage usable, store_.use(stored->id));
      for (const std::string& name : needed.services) {
        model::Service& service = project_.services.at(name);
        service.image_id = stored->id.str();
        service.image = service.image.empty() ? needed.reference.familiar_name() : service.image;
        for (const std::string& warning : image::apply_defaults(usable.config, service)) {
          print_error(fmt::format("warning: {}\n", warning));
        }
      }
      for (const ImageMount& mount : needed.mounts) {
        project_.services.at(mount.service).volumes.at(mount.index).image_id = stored->id.str();
      }
    }
    return {};
  }

  const Context& context_;
  model::Project& project_;
  const ImageSetup& options_;
  image::Store store_;
  NeededImages needed_;
  image::TransferRequest pulls_;
  BuildRequest builds_;
  std::vector<Error> errors_;
};

/// Hooks are services among the others as long as it takes.
Status set_up_all(const Context& context, model::Project& project, ImageSetup setup, image::Store store) {
  CMP_TRY(const auto wanted, plan::with_dependencies(project, setup.services));
  for (auto& [name, hook] : project.hooks) {
    const bool out = std::ranges::find(wanted, hook.of) == wanted.end();
    if (!out && project.services.emplace(name, hook.service).second && !setup.services.empty()) {
      setup.services.push_back(name);
    }
  }
  Status done = Setup(context, project, setup, std::move(store)).run();
  for (auto& [name, hook] : project.hooks) {
    if (auto filled = project.services.extract(name)) {
      hook.service = std::move(filled.mapped());
    }
  }
  return done;
}

}  // namespace

Result<NeededImage> image_of(const Context& context, const model::Project& project, const model::Service& service) {
  NeededImage needed;
  const std::string name =
      service.image.empty() ? fmt::format("{}{}{}", project.name, project.separator, service.name) : service.image;
  auto reference = image::parse_reference(name, project.working_dir);
  if (!reference) {
    return std::move(reference)
        .error()
        .context(fmt::format("service '{}'", service.name))
        .at(container::position(service, "image"));
  }
  needed.reference = *std::move(reference);
  auto platform = platform_of(context, service.platform);
  if (!platform) {
    return std::move(platform)
        .error()
        .context(fmt::format("service '{}'", service.name))
        .at(container::position(service, "platform"));
  }
  needed.platform = *std::move(platform);
  return needed;
}

Result<NeededImage> image_of(const Context& context, const model::Project& project, const model::Service& service,
                             const model::Mount& mount) {
  NeededImage needed;
  const std::string noun = fmt::format("service '{}': volume on '{}'", service.name, mount.target);
  auto reference = image::parse_reference(mount.source, project.working_dir);
  if (!reference) {
    return std::move(reference).error().context(noun).at(mount.where);
  }
  needed.reference = *std::move(reference);
  CMP_TRY(needed.platform, platform_of(context, "").context(noun));
  return needed;
}

Result<ImageSetup> image_setup_of(const Context& context, const ImageChoices& choices,
                                  std::vector<std::string> services) {
  if (choices.build && choices.no_build) {
    return make_error(Code::kInvalid, "--build and --no-build are incompatible");
  }
  ImageSetup setup;
  CMP_TRY(setup.policy, parse_pull(choices.pull));
  setup.build = choices.build;
  setup.no_build = choices.no_build;
  setup.quiet = choices.quiet_pull;
  setup.quiet_build = choices.quiet_build;
  setup.services = std::move(services);
  setup.dry_run = context.globals.dry_run;
  return setup;
}

Result<UniqueFd> set_up_images(const Context& context, model::Project& project, const ImageSetup& setup) {
  model::add_hooks(project);
  const auto uses_images = [](const auto& entry) {
    return entry.second.rootfs.empty() || std::ranges::any_of(entry.second.volumes, [](const model::Mount& mount) {
             return mount.type == model::MountType::kImage;
           });
  };
  const bool any = std::ranges::any_of(project.services, uses_images);
  if (!any) {
    return UniqueFd();
  }
  const state::Roots roots = state::roots_from_environment();
  if (setup.dry_run) {
    CMP_CHECK(Setup(context, project, setup, image::Store(roots)).run());
    return UniqueFd();
  }
  CMP_TRY(image::Store store, image::Store::open(roots));
  CMP_TRY(UniqueFd hold, store.hold());
  CMP_CHECK(set_up_all(context, project, setup, std::move(store)));
  return hold;
}

}  // namespace cmp::cli
