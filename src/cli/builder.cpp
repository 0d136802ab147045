#include "cli/builder.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/scope_exit.hpp"
#include "cli/build_bases.hpp"
#include "cli/build_jobs.hpp"
#include "cli/build_process.hpp"
#include "cli/dockerfile.hpp"
#include "cli/image_setup.hpp"
#include "cli/transfer.hpp"
#include "image/store.hpp"
#include "state/lock.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

/// --parallel, else as many as there are processors.
std::size_t at_once_of(const Context& context, std::size_t processors) {
  const int wanted = context.globals.parallel.value_or(-1);
  return wanted > 0 ? static_cast<std::size_t>(wanted) : processors;
}

/// What is known of a service before anything is built.
struct Prepared {
  const model::Service* service = nullptr;
  NeededImage image;
  std::string dockerfile;                  ///< its place
  std::vector<image::Platform> platforms;  ///< at least one
  std::vector<image::Reference> tags;
  std::vector<BaseImage> bases;  ///< without those that are built here, too
};

Error blamed(const model::Service& service, Error error) {
  return std::move(error).context(fmt::format("service '{}': build", service.name)).at(service.build->where);
}

/// buildah refuses to fetch anything without a policy; where the system has none, ours takes what is verified by
/// digest.
Result<std::string> policy_file(const std::string& directory) {
  if (sys::exists("/etc/containers/policy.json")) {
    return std::string();
  }
  std::string file = directory + "/policy.json";
  CMP_CHECK(sys::write_file_atomically(file, R"({"default":[{"type":"insecureAcceptAnything"}]})"));
  return file;
}

/// This program by the name that makes it an OCI runtime.
Result<std::string> runtime_link(const std::string& directory) {
  std::array<char, 4096> own{};
  if (::readlink("/proc/self/exe", own.data(), own.size() - 1) < 0) {
    return sys_error("read '/proc/self/exe'");
  }
  std::string link = directory + "/cmp-oci";
  if ((::unlink(link.c_str()) != 0 && errno != ENOENT) || ::symlink(own.data(), link.c_str()) != 0) {
    return sys_error(fmt::format("make '{}'", link));
  }
  return link;
}

class Builder {
 public:
  Builder(const Context& context, const model::Project& project, const BuildRequest& request, const image::Store& store)
      : context_(context), project_(project), request_(request), store_(store), look_(printer_options(context)) {
    look_.mode = request.quiet ? ProgressMode::kQuiet : look_.mode;
    places_.storage = store.paths().build_storage();
    places_.run = store.paths().part("build", "run");
  }

  Status run() {
    CMP_CHECK(need_places());
    CMP_CHECK(prepare_all());
    ProgressPrinter printer("build", look_);
    Status done = build(printer);
    printer.finish(monotonic_now());
    return done;
  }

 private:
  Status need_places() {
    CMP_CHECK(sys::make_directories(places_.storage, 0700));
    CMP_CHECK(sys::make_directories(places_.run, 0700));
    CMP_TRY(places_.policy, policy_file(places_.storage));
    CMP_TRY(places_.runtime, runtime_link(places_.run));
    return {};
  }

  Status prepare_all() {
    for (const std::string& name : request_.services) {
      const model::Service& service = project_.services.at(name);
      auto prepared = prepare(service);
      if (!prepared) {
        return blamed(service, std::move(prepared).error());
      }
      prepared_.push_back(*std::move(prepared));
    }
    std::map<std::string, Buildable> buildables;
    for (const Prepared& one : prepared_) {
      Buildable& buildable = buildables[one.service->name];
      buildable.image = one.image.reference.str();
      for (const BaseImage& base : one.bases) {
        buildable.bases.insert(base.reference.str());
      }
    }
    CMP_TRY(needs_, build_needs(project_, buildables));
    // What is built here is not fetched.
    for (Prepared& one : prepared_) {
      std::erase_if(one.bases, [&](const BaseImage& base) {
        return std::ranges::any_of(buildables, [&](const auto& other) {
          return other.first != one.service->name && other.second.image == base.reference.str();
        });
      });
    }
    return {};
  }

  Result<Prepared> prepare(const model::Service& service) {
    Prepared prepared;
    prepared.service = &service;
    CMP_TRY(prepared.image, image_of(context_, project_, service));
    CMP_TRY(prepared.platforms, platforms_of(service, prepared.image.platform));
    for (const std::string& tag : service.build->tags) {
      CMP_TRY(image::Reference reference, image::parse_reference(tag, project_.working_dir));
      prepared.tags.push_back(std::move(reference));
    }
    CMP_TRY(const std::string text, find_dockerfile(service, prepared));
    find_bases(text, prepared);
    return prepared;
  }

  Result<std::vector<image::Platform>> platforms_of(const model::Service& service, const image::Platform& here) const {
    std::vector<image::Platform> platforms;
    for (const std::string& text : service.build->platforms) {
      CMP_TRY(image::Platform platform, image::parse_platform(text, image::host_platform()));
      platforms.push_back(std::move(platform));
    }
    const auto preferred = context_.environment.find("DOCKER_DEFAULT_PLATFORM");
    if (service.platform.empty() && preferred != context_.environment.end() && !platforms.empty() &&
        std::ranges::find(platforms, here) == platforms.end()) {
      return make_error(
          Code::kInvalid,
          fmt::format("build.platforms does not support value set by DOCKER_DEFAULT_PLATFORM: {}", preferred->second));
    }
    if (platforms.empty() || (!request_.every_platform && std::ranges::find(platforms, here) != platforms.end())) {
      return std::vector{here};
    }
    if (!request_.every_platform) {
      return make_error(Code::kInvalid,
                        fmt::format("platforms does not have '{}', which is what would run here", here.str()));
    }
    return platforms;
  }

  /// \returns its text, "" if it is not here (a context that buildah fetches).
  Result<std::string> find_dockerfile(const model::Service& service, Prepared& prepared) const {
    const model::Build& build = *service.build;
    if (!build.dockerfile_inline.empty()) {
      prepared.dockerfile = fmt::format("{}/{}.Dockerfile", places_.run, service.name);
      CMP_CHECK(sys::write_file_atomically(prepared.dockerfile, build.dockerfile_inline));
      return build.dockerfile_inline;
    }
    const bool here = build.context.starts_with('/');
    if (here && !sys::exists(build.context)) {
      return make_error(Code::kNotFound, fmt::format("context '{}' does not exist", build.context));
    }
    const bool absolute = build.dockerfile.starts_with('/') || !here;
    prepared.dockerfile = absolute ? build.dockerfile : fmt::format("{}/{}", build.context, build.dockerfile);
    if (!here && !build.dockerfile.starts_with('/')) {
      return std::string();
    }
    return sys::read_file(prepared.dockerfile).context("dockerfile");
  }

  void find_bases(const std::string& dockerfile, Prepared& prepared) const {
    const model::Build& build = *prepared.service->build;
    std::map<std::string, std::string> args = request_.args;
    for (const auto& [key, value] : build.args) {
      const auto own = context_.environment.find(key);
      args.emplace(key, value ? *value : own == context_.environment.end() ? "" : own->second);
    }
    for (const std::string& written : base_images(dockerfile, args)) {
      const auto reference = image::parse_reference(written, project_.working_dir);
      if (!reference || build.additional_contexts.contains(written)) {
        continue;  // buildah will say what it thinks of it
      }
      for (const image::Platform& platform : prepared.platforms) {
        prepared.bases.push_back({.written = written,
                                  .reference = *reference,
                                  .platform = platform,
                                  .fetch_again = build.pull || request_.pull});
      }
    }
  }

  /// buildah leaves the container of a step that failed or was killed, mounted.
  [[nodiscard]] Status remove_leftovers() const {
    CMP_TRY(const std::string removed,
            run_buildah({"--root", places_.storage, "--runroot", places_.run, "rm", "--all"}));
    return {};
  }

  Status build(ProgressPrinter& printer) {
    CMP_CHECK(remove_leftovers());
    BuildBases bases(store_, places_);
    std::vector<BaseImage> all;
    for (const Prepared& one : prepared_) {
      all.insert(all.end(), one.bases.begin(), one.bases.end());
    }
    if (Status ready = bases.prepare(all, printer); !ready) {
      return blamed(*prepared_.front().service, std::move(ready).error());
    }
    std::vector<BuildJob> jobs;
    for (const Prepared& one : prepared_) {
      CMP_CHECK(add_jobs(one, bases, jobs));
    }
    const BuildOutput output = look_.mode == ProgressMode::kPlain   ? BuildOutput::kLines
                               : look_.mode == ProgressMode::kQuiet ? BuildOutput::kNone
                                                                    : BuildOutput::kSteps;
    const long processors = ::sysconf(_SC_NPROCESSORS_ONLN);
    const auto at_once = at_once_of(context_, static_cast<std::size_t>(std::max(processors, 2L)));
    CMP_CHECK(run_build_jobs(jobs, needs_, project_.working_dir, at_once, output, printer));
    Status stored = take_over(jobs, printer);
    const bool failed = std::ranges::any_of(jobs, [](const BuildJob& job) { return job.failure.has_value(); });
    if (failed) {
      CMP_CHECK(remove_leftovers());
    }
    for (BuildJob& job : jobs) {
      static_cast<void>(sys::remove_tree(job.layout));
      if (job.failure) {
        return blamed(project_.services.at(job.service), *std::move(job.failure));
      }
    }
    return stored;
  }

  Status add_jobs(const Prepared& one, const BuildBases& bases, std::vector<BuildJob>& jobs) {
    const model::Service& service = *one.service;
    for (const image::Platform& platform : one.platforms) {
      BuildJob job;
      job.service = service.name;
      job.label = one.image.label() + (one.platforms.size() > 1 ? " " + platform.str() : "");
      const std::string stem = fmt::format("{}/{}-{}", places_.run, service.name, jobs.size());
      job.id_file = stem + ".id";
      job.layout = stem + ".oci";
      BuildTarget target{.name = one.image.reference.str(),
                         .platform = service.platform,
                         .dockerfile = one.dockerfile,
                         .id_file = job.id_file,
                         .named = platform == one.image.platform,
                         .bases = {}};
      if (platform != image::host_platform()) {
        target.platform = platform.str();
        target.bases = bases.foreign(of_platform(one.bases, platform));
      }
      CMP_TRY(job.build, buildah_arguments(project_, service, target, places_, request_, context_.environment));
      job.export_ = {"--root", places_.storage, "--runroot", places_.run, "push", "--quiet"};
      if (!places_.policy.empty()) {
        job.export_.insert(job.export_.end(), {"--signature-policy", places_.policy});
      }
      jobs.push_back(std::move(job));
    }
    return {};
  }

  static std::vector<BaseImage> of_platform(std::vector<BaseImage> bases, const image::Platform& platform) {
    std::erase_if(bases, [&](const BaseImage& base) { return base.platform != platform; });
    return bases;
  }

  static void add_names(const Prepared& one, const image::Platform& platform, const BuildJob& job,
                        image::TransferRequest& request) {
    if (!job.done) {
      return;
    }
    image::TransferItem item{.name = fmt::format("oci:{}:latest", job.layout),
                             .platform = platform.str(),
                             .as = one.image.reference.str(),
                             .label = job.label};
    request.items.push_back(item);
    for (const image::Reference& tag : one.tags) {
      item.as = tag.str();
      item.label = tag.familiar();
      request.items.push_back(item);
    }
  }

  /// What was built gets its names in our store.
  Status take_over(const std::vector<BuildJob>& jobs, ProgressPrinter& printer) {
    image::TransferRequest request;
    std::size_t at = 0;
    for (const Prepared& one : prepared_) {
      for (const image::Platform& platform : one.platforms) {
        add_names(one, platform, jobs[at++], request);
      }
    }
    if (request.items.empty()) {
      return {};
    }
    CMP_TRY(const Transferred transferred, transfer(request, printer, {.doing = "Storing", .done = "Built"}));
    return failures_of(transferred);
  }

  const Context& context_;
  const model::Project& project_;
  const BuildRequest& request_;
  const image::Store& store_;
  PrinterOptions look_;
  BuildPlaces places_;
  std::vector<Prepared> prepared_;
  BuildNeeds needs_;
};

}  // namespace

Status build_images(const Context& context, const model::Project& project, const BuildRequest& request) {
  if (Status here = need_buildah(context); !here) {
    return blamed(project.services.at(request.services.front()), std::move(here).error());
  }
  CMP_TRY(const image::Store store, image::Store::open(state::roots_from_environment()));
  CMP_TRY(const UniqueFd hold, store.hold());
  // buildah's scratch directory is one for all builds, and goes with the last.
  CMP_TRY(const UniqueFd alone, state::lock(store.paths().build_storage() + "/cmp.lock"));
  const ScopeExit clean_up([&] { static_cast<void>(sys::remove_tree(store.paths().part("build", "run"))); });
  BuildRequest whole = request;
  whole.services = with_context_services(project, std::move(whole.services));
  return Builder(context, project, whole, store).run();
}

}  // namespace cmp::cli
