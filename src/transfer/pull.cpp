#include "transfer/pull.hpp"

#include <fmt/core.h>

#include "image/local.hpp"
#include "transfer/download.hpp"
#include "transfer/import.hpp"
#include "transfer/install.hpp"
#include "transfer/registry.hpp"
#include "transfer/workers.hpp"

namespace cmp::transfer {

namespace {

Result<image::StoredImage> pull_local(const image::Store& store, const PullRequest& request, const Report& report) {
  // Before it is read: whoever changes it meanwhile is noticed next time.
  const std::string origin = image::local_origin(request.reference);
  CMP_TRY(const std::unique_ptr<Files> files, open_files(store, request.reference));
  CMP_TRY(Fetched fetched, import(store, *files, request.reference, request.platform));
  fetched.origin = origin;
  report({.kind = image::TransferEventKind::kProgress, .text = "Extracting"});
  return install(store, fetched, request.platform, request.name);
}

/// Asks for the manifest, through an index where there is one, and keeps it.
Result<Fetched> fetch_manifest(const image::Store& store, Registry& registry, const PullRequest& request) {
  const image::Reference& reference = request.reference;
  CMP_TRY(RemoteDocument document,
          registry.manifest(reference.digest.known() ? reference.digest.str() : reference.tag, "its manifest"));
  CMP_TRY(image::Document parsed, image::parse_document(document.text, document.media_type));
  for (int depth = 0; std::holds_alternative<image::Index>(parsed); ++depth) {
    if (depth > 1) {
      return make_error(Code::kInvalid, "an index of indexes of indexes");
    }
    CMP_TRY(const image::Descriptor chosen, image::choose(std::get<image::Index>(parsed), request.platform));
    CMP_TRY(document, registry.manifest(chosen.digest.str(), "its manifest"));
    CMP_TRY(parsed, image::parse_document(document.text, document.media_type));
  }
  Fetched fetched;
  fetched.manifest = std::get<image::Manifest>(std::move(parsed));
  fetched.descriptor.media_type = fetched.manifest.media_type;
  fetched.descriptor.size = document.text.size();
  CMP_TRY(fetched.descriptor.digest, store.write_blob(document.text));
  if (fetched.manifest.config.size > image::kMaxConfigBytes) {
    return make_error(Code::kInvalid, fmt::format("its configuration has {} bytes", fetched.manifest.config.size));
  }
  return fetched;
}

/// Reports at most every few hundred kilobytes.
class Progress {
 public:
  Progress(const Report& report, std::uint64_t total) : report_(report), total_(total) {}

  void operator()(std::uint64_t done) {
    constexpr std::uint64_t kStep = 512U << 10U;
    if (done >= told_ + kStep || done == total_) {
      told_ = done;
      report_({.kind = image::TransferEventKind::kProgress,
               .text = done == total_ ? "Extracting" : "Downloading",
               .current = done,
               .total = total_});
    }
  }

 private:
  const Report& report_;
  std::uint64_t total_, told_ = 0;
};

Status fetch_layers(const image::Store& store, Registry& registry, const Fetched& fetched,
                    const Installation& installation, const Report& report) {
  std::uint64_t total = 0;
  for (const image::Descriptor& layer : fetched.manifest.layers) {
    total += layer.size;
  }
  Progress progress(report, total);
  Workers workers;
  DownloadHooks hooks{.complete = [&](std::size_t index) { installation.add_layer(workers, index); },
                      .progress = [&](std::uint64_t done) { progress(done); }};
  Status done = Downloads(store, registry, fetched.manifest.layers, std::move(hooks)).run(workers);
  const Status unpacked = workers.finish();
  return done ? unpacked : done;
}

Result<image::StoredImage> pull_from(const image::Store& store, const Endpoint& endpoint, const PullRequest& request,
                                     const Report& report) {
  Http http;
  Registry registry(http, endpoint, request.reference.registry, request.reference.repository, Registry::Access::kPull);
  CMP_TRY(const Fetched fetched, fetch_manifest(store, registry, request));
  {
    Workers none;
    DownloadHooks hooks{.complete = [](std::size_t) {}, .progress = [](std::uint64_t) {}};
    CMP_CHECK(Downloads(store, registry, {fetched.manifest.config}, std::move(hooks)).run(none));
  }
  CMP_TRY(const Installation installation, Installation::begin(store, fetched, request.platform));
  CMP_CHECK(fetch_layers(store, registry, fetched, installation, report));
  return installation.finish(request.name);
}

/// `ask`s one endpoint after the other until one knows the answer; what a mirror says wrong is a warning.
template <typename Ask>
auto ask_endpoints(const PullRequest& request, const Report& report, const Ask& ask)
    -> decltype(ask(std::declval<const Endpoint&>())) {
  CMP_TRY(const std::vector<Endpoint> endpoints, endpoints_of(request.reference.registry, request.tls_verify));
  for (std::size_t at = 0;; ++at) {
    auto answer = ask(endpoints[at]);
    if (answer || at + 1 == endpoints.size()) {
      return answer;
    }
    report(
        {.kind = image::TransferEventKind::kWarning,
         .text = fmt::format("image '{}': mirror {}: {}", request.label, endpoints[at].host, answer.error().message)});
  }
}

Result<image::Digest> digest_at(const Endpoint& endpoint, const image::Reference& reference) {
  Http http;
  Registry registry(http, endpoint, reference.registry, reference.repository, Registry::Access::kPull);
  CMP_TRY(const RemoteDocument document, registry.manifest(reference.tag, "its manifest"));
  return document.digest;
}

}  // namespace

Result<image::StoredImage> pull(const image::Store& store, const PullRequest& request, const Report& report) {
  if (request.reference.local()) {
    return pull_local(store, request, report);
  }
  return ask_endpoints(request, report,
                       [&](const Endpoint& endpoint) { return pull_from(store, endpoint, request, report); });
}

Result<image::Digest> resolve(const image::Store& store, const PullRequest& request, const Report& report) {
  if (request.reference.digest.known()) {
    return request.reference.digest;
  }
  if (request.reference.local()) {
    CMP_TRY(const std::unique_ptr<Files> files, open_files(store, request.reference));
    return digest_in(*files, request.reference);
  }
  return ask_endpoints(request, report,
                       [&](const Endpoint& endpoint) { return digest_at(endpoint, request.reference); });
}

}  // namespace cmp::transfer
