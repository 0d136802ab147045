#include "cli/builder.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include <fmt/core.h>

#include "base/scope_exit.hpp"
#include "cli/dockerfile.hpp"
#include "cli/image_setup.hpp"
#include "cli/output.hpp"
#include "cli/transfer.hpp"
#include "image/store.hpp"
#include "state/lock.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/wait.hpp"

namespace cmp::cli {

namespace {

using Words = std::vector<std::string>;

constexpr const char* kInstall =
    "building images needs the program 'buildah' (Debian, Ubuntu: apt install buildah; "
    "Fedora: dnf install buildah)";

/// Runs buildah with its output on our standard error, or in a file when `quiet`; that is shown if it fails.
Status run_buildah(const Words& arguments, const std::string& directory, bool quiet) {
  const UniqueFd kept(::memfd_create("output", MFD_CLOEXEC));
  Words words = arguments;
  words.insert(words.begin(), "buildah");
  const std::vector<char*> argv = sys::exec_words(words);
  CMP_TRY(const sys::Child child, sys::clone_process({}));
  if (child.pid == 0) {
    const int out = quiet ? kept.get() : STDERR_FILENO;
    if (::dup2(out, STDOUT_FILENO) < 0 || ::dup2(out, STDERR_FILENO) < 0 || ::chdir(directory.c_str()) != 0) {
      ::_exit(126);
    }
    ::execvp(argv.front(), argv.data());
    ::_exit(127);
  }
  CMP_TRY(const sys::ExitStatus status, sys::wait_for_child(child.pid));
  if (status.code == 127) {
    return make_error(Code::kNotFound, kInstall);
  }
  if (status.code == 0) {
    return {};
  }
  ::lseek(kept.get(), 0, SEEK_SET);
  const auto told = quiet ? sys::read_all(kept.get()) : Result<std::string>(std::string());
  if (told && !told->empty()) {
    print_error(*told);
  }
  return make_error(status.signal == SIGINT ? Code::kInterrupted : Code::kSystem,
                    fmt::format("buildah ended with {}", status.code));
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

class Builder {
 public:
  Builder(const Context& context, const model::Project& project, const BuildRequest& request, const image::Store& store)
      : context_(context), project_(project), request_(request), store_(store) {
    places_.storage = store.paths().build_storage();
    places_.run = store.paths().part("build", "run");
  }

  Status run(const model::Service& service) {
    CMP_CHECK(sys::make_directories(places_.storage, 0700));
    CMP_TRY(places_.policy, policy_file(places_.storage));
    CMP_TRY(const NeededImage needed, image_of(context_, project_, service));
    CMP_TRY(const std::string text, prepare_dockerfile(service));
    CMP_CHECK(offer_bases(service, text));
    const std::string name = needed.reference.str();
    CMP_TRY(const Words words, buildah_arguments(project_, service, name, places_, request_, context_.environment));
    CMP_CHECK(run_buildah(words, project_.working_dir, request_.quiet));
    CMP_CHECK(take_over(name, needed));
    for (const std::string& tag : service.build->tags) {
      CMP_TRY(NeededImage other, image_of(context_, project_, service));
      CMP_TRY(other.reference, image::parse_reference(tag, project_.working_dir));
      CMP_CHECK(take_over(name, other));
    }
    return {};
  }

 private:
  [[nodiscard]] Words buildah(Words words) const {
    words.insert(words.begin(), {"--root", places_.storage, "--runroot", places_.run});
    return words;
  }

  /// \returns its text, "" if it is not here (a context that buildah fetches).
  Result<std::string> prepare_dockerfile(const model::Service& service) {
    const model::Build& build = *service.build;
    if (!build.dockerfile_inline.empty()) {
      places_.dockerfile = places_.storage + "/Dockerfile.inline";
      CMP_CHECK(sys::write_file_atomically(places_.dockerfile, build.dockerfile_inline));
      return build.dockerfile_inline;
    }
    const bool here = build.context.starts_with('/');
    if (here && !sys::exists(build.context)) {
      return make_error(Code::kNotFound, fmt::format("context '{}' does not exist", build.context));
    }
    const bool absolute = build.dockerfile.starts_with('/') || !here;
    places_.dockerfile = absolute ? build.dockerfile : fmt::format("{}/{}", build.context, build.dockerfile);
    if (!here && !build.dockerfile.starts_with('/')) {
      return std::string();
    }
    return sys::read_file(places_.dockerfile).context("dockerfile");
  }

  /// Base images that our store has are given to buildah, so that it needs no registry for them.
  Status offer_bases(const model::Service& service, const std::string& dockerfile) {
    if (service.build->pull || request_.pull) {
      return {};
    }
    std::map<std::string, std::string> args = request_.args;
    for (const auto& [key, value] : service.build->args) {
      args.emplace(key, value.value_or(""));
    }
    for (const std::string& base : base_images(dockerfile, args)) {
      const auto reference = image::parse_reference(base, project_.working_dir);
      const auto stored = reference ? store_.find(reference->str(), image::host_platform())
                                    : Result<std::optional<image::StoredImage>>(std::optional<image::StoredImage>());
      if (stored && *stored && !reference->local()) {
        CMP_CHECK(offer(reference->str(), (*stored)->id));
      }
    }
    return {};
  }

  Status offer(const std::string& name, const image::Digest& id) {
    const std::string source = fmt::format("oci:{}:{}", store_.paths().top(), name);
    Words words = {"pull", "--quiet"};
    if (!places_.policy.empty()) {
      words.insert(words.end(), {"--signature-policy", places_.policy});
    }
    words.push_back(source);
    CMP_CHECK(run_buildah(buildah(words), "/", true).context(fmt::format("base image '{}'", name)));
    // buildah knows it by its id, too, which is ours.
    return run_buildah(buildah({"tag", id.hex, name}), "/", true);
  }

  /// From buildah's storage into ours.
  Status take_over(const std::string& built, const NeededImage& needed) {
    const std::string layout = store_.paths().part("build", std::to_string(::getpid()));
    CMP_CHECK(sys::remove_tree(layout));
    Words words = {"push", "--quiet"};
    if (!places_.policy.empty()) {
      words.insert(words.end(), {"--signature-policy", places_.policy});
    }
    words.insert(words.end(), {built, fmt::format("oci:{}:latest", layout)});
    CMP_CHECK(run_buildah(buildah(words), "/", true));
    image::TransferRequest request;
    request.items.push_back({.name = fmt::format("oci:{}:latest", layout),
                             .platform = needed.platform.str(),
                             .as = needed.reference.str(),
                             .label = needed.label()});
    PrinterOptions look = printer_options(context_);
    look.mode = request_.quiet ? ProgressMode::kQuiet : look.mode;
    ProgressPrinter printer("build", look);
    auto transferred = transfer(request, printer, {.doing = "Building", .done = "Built"});
    printer.finish(monotonic_now());
    CMP_CHECK(sys::remove_tree(layout));
    return transferred ? failures_of(*transferred) : Status(std::move(transferred).error());
  }

  const Context& context_;
  const model::Project& project_;
  const BuildRequest& request_;
  const image::Store& store_;
  BuildPlaces places_;
};

}  // namespace

Status build_images(const Context& context, const model::Project& project, const BuildRequest& request) {
  CMP_TRY(const Words order, build_order(project, request.services));
  CMP_TRY(const image::Store store, image::Store::open(state::roots_from_environment()));
  CMP_TRY(const UniqueFd hold, store.hold());
  // buildah's scratch directory is one for all builds, and goes with the last.
  CMP_TRY(const UniqueFd alone, state::lock(store.paths().build_storage() + "/cmp.lock"));
  const ScopeExit clean_up([&] { static_cast<void>(sys::remove_tree(store.paths().part("build", "run"))); });
  for (const std::string& name : order) {
    const model::Service& service = project.services.at(name);
    if (Status built = Builder(context, project, request, store).run(service); !built) {
      return std::move(built).error().context(fmt::format("service '{}': build", name)).at(service.build->where);
    }
  }
  return {};
}

}  // namespace cmp::cli
