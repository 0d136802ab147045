#include "transfer/push.hpp"

#include <fcntl.h>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "transfer/import.hpp"
#include "transfer/registry.hpp"

namespace cmp::transfer {

namespace {

class Push {
 public:
  Push(const image::Store& store, Registry& registry, const Report& report)
      : store_(store), registry_(registry), report_(report) {}

  Status run(const image::StoredImage& stored, const std::string& tag) {
    CMP_TRY(const image::Manifest manifest, read_manifest(store_, stored.manifest));
    total_ = image::size_of(manifest);
    for (const image::Descriptor& layer : manifest.layers) {
      CMP_CHECK(send_blob(layer));
    }
    CMP_CHECK(send_blob(manifest.config));
    CMP_TRY(HttpRequest request, manifest_request(stored, tag));
    CMP_TRY(const HttpResponse response, registry_.ask(std::move(request)));
    return response.status == 201 || response.status == 200 ? Status() : refused("the manifest", response);
  }

 private:
  Error refused(std::string_view what, const HttpResponse& response) const {
    return refusal(what, response.status, response.body, registry_.endpoint().host);
  }

  [[nodiscard]] Result<HttpRequest> manifest_request(const image::StoredImage& stored, const std::string& tag) const {
    HttpRequest request;
    request.method = "PUT";
    request.url = registry_.url("manifests/" + tag);
    request.headers = {"Content-Type: " + stored.manifest.media_type};
    CMP_TRY(request.body, store_.read_blob(stored.manifest.digest, image::kMaxManifestBytes));
    return request;
  }

  Status send_blob(const image::Descriptor& blob) {
    const std::string noun = fmt::format("blob {}", blob.digest.brief());
    HttpRequest question;
    question.method = "HEAD";
    question.url = registry_.url("blobs/" + blob.digest.str());
    CMP_TRY(const HttpResponse known, registry_.ask(std::move(question)));
    if (known.status != 200) {
      CMP_CHECK(upload(blob, noun));
    }
    done_ += blob.size;
    report_({.kind = image::TransferEventKind::kProgress, .text = "Pushing", .current = done_, .total = total_});
    return {};
  }

  /// Where to send it: absolute, or a path at the registry.
  [[nodiscard]] std::string location_of(const HttpResponse& response, const image::Digest& digest) const {
    const auto header = response.headers.find("location");
    std::string url = header == response.headers.end() ? "" : header->second;
    url = url.starts_with('/') ? registry_.endpoint().url + url : url;
    return fmt::format("{}{}digest={}", url, url.find('?') == std::string::npos ? '?' : '&', url_escaped(digest.str()));
  }

  Status upload(const image::Descriptor& blob, const std::string& noun) {
    HttpRequest begin;
    begin.method = "POST";
    begin.url = registry_.url("blobs/uploads/");
    CMP_TRY(const HttpResponse place, registry_.ask(std::move(begin)));
    if (place.status != 202) {
      return refused(noun, place);
    }
    CMP_TRY(const UniqueFd file, sys::open_file(store_.paths().blob(blob.digest.hex), O_RDONLY));
    HttpRequest request;
    request.method = "PUT";
    request.url = location_of(place, blob.digest);
    request.headers = {"Content-Type: application/octet-stream", "Expect:"};
    request.upload_fd = file.get();
    request.upload_size = blob.size;
    CMP_TRY(const HttpResponse sent, registry_.ask(std::move(request)));
    return sent.status == 201 ? Status() : refused(noun, sent);
  }

  const image::Store& store_;
  Registry& registry_;
  const Report& report_;
  std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace

Status push(const image::Store& store, const image::StoredImage& stored, const image::Reference& reference,
            bool tls_verify, const Report& report) {
  if (reference.local() || reference.tag.empty()) {
    return make_error(Code::kInvalid, "only a name with a registry and a tag can be pushed");
  }
  CMP_TRY(const std::vector<Endpoint> endpoints, endpoints_of(reference.registry, tls_verify));
  Http http;
  // Mirrors are for reading.
  Registry registry(http, endpoints.back(), reference.registry, reference.repository, Registry::Access::kPush);
  return Push(store, registry, report).run(stored, reference.tag);
}

}  // namespace cmp::transfer
