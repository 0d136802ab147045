#include "cli/image_digests.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "cli/image_setup.hpp"
#include "cli/transfer.hpp"
#include "container/blame.hpp"

namespace cmp::cli {

namespace {

/// By service.
using Pins = std::map<std::string, image::Reference>;

/// What the store knows of an image that is not to be fetched, or is made here; nothing if a registry is to be asked.
Result<std::optional<image::Digest>> digest_here(const NeededImage& needed, const model::Service& service) {
  const bool never = service.pull_policy == model::PullPolicy::kNever;
  if (!never && !service.build) {
    return std::optional<image::Digest>();
  }
  const image::Store store(state::roots_from_environment());
  CMP_TRY(const auto stored, store.find(needed.reference.str(), needed.platform));
  if (stored) {
    return std::optional(stored->manifest.digest);
  }
  if (never) {
    return make_error(Code::kNotFound, "it is not here, and it may not be fetched (pull_policy)");
  }
  return std::optional<image::Digest>();
}

/// Collects what is to be asked for, asks once, and writes down the answers.
class Pinning {
 public:
  Pinning(const Context& context, const model::Project& project) : context_(context), project_(project) {
    request_.task = image::Task::kResolve;
  }

  Result<Pins> run(bool tls_verify) {
    request_.tls_verify = tls_verify;
    for (const auto& [name, service] : project_.services) {
      if (!service.image.empty()) {
        CMP_TRY(const NeededImage needed, image_of(context_, project_, service));
        sort_out(service, needed);
      }
    }
    CMP_CHECK(ask());
    if (errors_.empty()) {
      return std::move(pins_);
    }
    Error first = std::move(errors_.front());
    first.others.assign(std::make_move_iterator(errors_.begin() + 1), std::make_move_iterator(errors_.end()));
    return first;
  }

 private:
  void sort_out(const model::Service& service, const NeededImage& needed) {
    image::Reference& pin = pins_[service.name] = needed.reference;
    if (pin.digest.known()) {
      return;
    }
    auto here = digest_here(needed, service);
    if (!here) {
      return blame(service, needed.label(), std::move(here).error());
    }
    if (*here) {
      pin.digest = **here;
      return;
    }
    if (std::ranges::none_of(request_.items, [&](const auto& item) { return item.label == needed.label(); })) {
      request_.items.push_back(
          {.name = needed.reference.str(), .platform = needed.platform.str(), .as = "", .label = needed.label()});
    }
  }

  Status ask() {
    if (request_.items.empty()) {
      return {};
    }
    PrinterOptions look = printer_options(context_);
    look.mode = ProgressMode::kQuiet;
    ProgressPrinter printer("config", look);
    CMP_TRY(const Transferred answers, transfer(request_, printer, {.doing = "Resolving", .done = "Resolved"}));
    for (auto& [name, pin] : pins_) {
      CMP_CHECK(take(answers, project_.services.at(name), pin));
    }
    return {};
  }

  Status take(const Transferred& answers, const model::Service& service, image::Reference& pin) {
    const std::string label = pin.familiar();
    if (const auto failed = answers.errors.find(label); failed != answers.errors.end()) {
      blame(service, label, failed->second);
    } else if (const auto image = answers.images.find(label); image != answers.images.end()) {
      CMP_TRY(pin.digest, image::parse_digest(image->second.id));
    }
    return {};
  }

  void blame(const model::Service& service, const std::string& label, Error error) {
    errors_.push_back(std::move(error)
                          .context(fmt::format("service '{}': image '{}'", service.name, label))
                          .at(container::position(service, "image")));
  }

  const Context& context_;
  const model::Project& project_;
  image::TransferRequest request_;
  Pins pins_;
  std::vector<Error> errors_;
};

/// As Docker Compose writes it: a name that had a digest already loses its tag.
std::string pinned(image::Reference reference, const std::string& written) {
  if (written.find("@sha256:") != std::string::npos) {
    reference.tag.clear();
  }
  return reference.str();
}

}  // namespace

Status pin_images(const Context& context, compose::Loaded& loaded, bool tls_verify) {
  CMP_TRY(const Pins pins, Pinning(context, loaded.project).run(tls_verify));
  compose::Node& services = loaded.tree["services"];
  for (const auto& [name, reference] : pins) {
    model::Service& service = loaded.project.services.at(name);
    service.image = pinned(reference, service.image);
    services[name]["image"].scalar = service.image;
  }
  return {};
}

void keep_images_only(compose::Node& tree) {
  std::erase_if(tree.entries, [](const compose::Entry& entry) { return entry.key != "services"; });
  for (compose::Entry& service : tree["services"].entries) {
    std::erase_if(service.value.entries, [](const compose::Entry& entry) { return entry.key != "image"; });
  }
  std::erase_if(tree["services"].entries, [](const compose::Entry& entry) { return entry.value.entries.empty(); });
}

}  // namespace cmp::cli
