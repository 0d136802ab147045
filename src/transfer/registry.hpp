#pragma once
// One repository at a registry (OCI distribution specification): who we are there, and its requests, asked again where
// that may help.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "image/digest.hpp"
#include "image/manifest.hpp"
#include "transfer/challenge.hpp"
#include "transfer/credentials.hpp"
#include "transfer/endpoints.hpp"
#include "transfer/http.hpp"

namespace cmp::transfer {

/// A document and what the registry calls it.
struct RemoteDocument {
  std::string text, media_type;
  image::Digest digest;  ///< of the text
};

/// How long to wait before asking again, in milliseconds: half a second, then twice as long each time, up to 16 s; what
/// the registry asked for (Retry-After, seconds) up to two minutes.
[[nodiscard]] int pause_ms(int attempt, const std::string& retry_after);

class Registry {
 public:
  enum class Access { kPull, kPush };

  /// `registry` is the name in references; its credentials are looked up under it.
  Registry(Http& http, Endpoint endpoint, std::string registry, std::string repository, Access access)
      : http_(http),
        endpoint_(std::move(endpoint)),
        registry_(std::move(registry)),
        repository_(std::move(repository)),
        access_(access) {}

  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

  [[nodiscard]] Http& http() { return http_; }

  /// By tag or digest; by digest it is verified. `what` names the image in errors.
  [[nodiscard]] Result<RemoteDocument> manifest(const std::string& tag_or_digest, const std::string& what);

  /// URL below the repository: "manifests/latest", "blobs/sha256:…".
  [[nodiscard]] std::string url(const std::string& path) const;

  /// Sends a request with our credentials, again with new ones after a 401, and again after what may pass (429, 5xx, a
  /// broken connection). Every answer but those is given back.
  [[nodiscard]] Result<HttpResponse> ask(HttpRequest request);

  /// The header to send; "" is none.
  [[nodiscard]] const std::string& authorization() const { return authorization_; }

  /// Gets what this 401 asks for. kPermission: nothing helps.
  [[nodiscard]] Status authorize(const HttpResponse& unauthorized, const std::string& what);

 private:
  [[nodiscard]] Result<HttpResponse> ask_once(const HttpRequest& request, HttpFailure& failure);
  [[nodiscard]] Status fetch_token(const Challenge& challenge, const std::string& what);
  [[nodiscard]] Result<std::optional<Credentials>> credentials();

  Http& http_;
  Endpoint endpoint_;
  std::string registry_, repository_;
  Access access_;
  std::string authorization_;
  bool asked_credentials_ = false;
  std::optional<Credentials> credentials_;
};

}  // namespace cmp::transfer
