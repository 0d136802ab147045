#include "transfer/registry.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/base64.hpp"

namespace cmp::transfer {

namespace {

constexpr int kAttempts = 6;
constexpr int kAttemptsToReach = 3;

bool may_pass(long status) {
  return status == 429 || status == 408 || (status >= 500 && status != 501 && status != 505);
}

std::string header_of(const HttpResponse& response, const char* name) {
  const auto it = response.headers.find(name);
  return it == response.headers.end() ? "" : it->second;
}

std::string media_type_of(const HttpResponse& response) {
  const std::string type = header_of(response, "content-type");
  return type.substr(0, type.find_first_of("; "));
}

}  // namespace

int pause_ms(int attempt, const std::string& retry_after) {
  constexpr int kFirst = 500;
  constexpr int kLongest = 16'000;
  constexpr int kMostAsked = 120'000;
  int seconds = 0;
  std::from_chars(retry_after.data(), retry_after.data() + retry_after.size(), seconds);
  if (seconds > 0) {
    return std::min(seconds, kMostAsked / 1000) * 1000;
  }
  return std::min(kFirst << std::min(attempt, 10), kLongest);
}

std::string Registry::url(const std::string& path) const {
  return fmt::format("{}/v2/{}/{}", endpoint_.url, repository_, path);
}

Result<std::optional<Credentials>> Registry::credentials() {
  if (!asked_credentials_) {
    CMP_TRY(credentials_, credentials_for(registry_));
    asked_credentials_ = true;
  }
  return credentials_;
}

Status Registry::fetch_token(const Challenge& challenge, const std::string& what) {
  const bool secret_realm = challenge.realm.starts_with("https://");
  if (!secret_realm && !challenge.realm.starts_with("http://")) {
    return make_error(Code::kInvalid, fmt::format("{}: {} names no place to get a token at", what, endpoint_.host));
  }
  if (!secret_realm && endpoint_.url.starts_with("https://")) {
    return make_error(Code::kPermission, fmt::format("{}: {} wants the password sent without encryption to '{}'", what,
                                                     endpoint_.host, challenge.realm));
  }
  const std::string scope = challenge.scope.empty() ? fmt::format("repository:{}:{}", repository_,
                                                                  access_ == Access::kPush ? "pull,push" : "pull")
                                                    : challenge.scope;
  CMP_TRY(const auto known, credentials());
  HttpRequest request;
  request.limit_bytes = 1U << 20U;
  if (known && !known->identity_token.empty()) {
    request.method = "POST";
    request.url = challenge.realm;
    request.headers = {"Content-Type: application/x-www-form-urlencoded"};
    request.body = fmt::format("grant_type=refresh_token&client_id=cmp&service={}&scope={}&refresh_token={}",
                               url_escaped(challenge.service), url_escaped(scope), url_escaped(known->identity_token));
  } else {
    request.url = fmt::format("{}{}service={}&scope={}", challenge.realm,
                              challenge.realm.find('?') == std::string::npos ? '?' : '&',
                              url_escaped(challenge.service), url_escaped(scope));
    if (known) {
      request.headers = {"Authorization: Basic " + to_base64(known->user + ':' + known->password)};
    }
  }
  CMP_TRY(const HttpResponse response, http_.perform(endpoint_, std::move(request)));
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  std::string token;
  for (const char* key : {"token", "access_token"}) {
    if (token.empty() && json.is_object() && json.contains(key) && json.at(key).is_string()) {
      token = json.at(key).get<std::string>();
    }
  }
  if (response.status != 200 || token.empty() || token.find_first_of("\r\n") != std::string::npos) {
    return refusal(fmt::format("{}: login", what), response.status, response.body, endpoint_.host);
  }
  authorization_ = "Authorization: Bearer " + token;
  return {};
}

Status Registry::authorize(const HttpResponse& unauthorized, const std::string& what) {
  const Challenge challenge = parse_challenge(header_of(unauthorized, "www-authenticate"));
  if (challenge.scheme == Scheme::kBearer) {
    return fetch_token(challenge, what);
  }
  CMP_TRY(const auto known, credentials());
  const std::string basic = known ? "Authorization: Basic " + to_base64(known->user + ':' + known->password) : "";
  // The same again would not help.
  if (challenge.scheme != Scheme::kBasic || basic.empty() || basic == authorization_) {
    return refusal(what, unauthorized.status, unauthorized.body, endpoint_.host);
  }
  authorization_ = basic;
  return {};
}

Result<HttpResponse> Registry::ask_once(const HttpRequest& request, HttpFailure& failure) {
  HttpRequest sent = request;
  if (sent.upload_fd >= 0) {
    ::lseek(sent.upload_fd, 0, SEEK_SET);
  }
  // An upload may be sent elsewhere, where our credentials are nobody's business.
  if (!authorization_.empty() && sent.url.starts_with(endpoint_.url + '/')) {
    sent.headers.push_back(authorization_);
  }
  auto answer = http_.perform(endpoint_, std::move(sent), &failure);
  if (!answer && failure.no_tls && endpoint_.may_be_plain) {
    endpoint_.may_be_plain = false;
    failure = HttpFailure();
    const std::string secure = endpoint_.url;
    endpoint_.url = "http://" + endpoint_.host;
    HttpRequest plain = request;
    plain.url = endpoint_.url + request.url.substr(std::min(secure.size(), request.url.size()));
    return ask_once(plain, failure);
  }
  return answer;
}

Result<HttpResponse> Registry::ask(HttpRequest request) {
  bool authorized = false;
  const bool plain_before = endpoint_.url.starts_with("http://");
  for (int attempt = 0;; ++attempt) {
    HttpFailure failure;
    auto answer = ask_once(request, failure);
    if (!plain_before && endpoint_.url.starts_with("http://") && request.url.starts_with("https://")) {
      request.url = "http://" + request.url.substr(8);
    }
    if (answer && answer->status == 401 && !authorized) {
      CMP_CHECK(authorize(*answer, fmt::format("{} {}", request.method, request.url)));
      authorized = true;
      continue;
    }
    const bool again = answer ? may_pass(answer->status) : failure.worth_a_retry;
    if (!again || attempt + 1 >= (failure.unreachable ? kAttemptsToReach : kAttempts)) {
      return answer;
    }
    static_cast<void>(::poll(nullptr, 0, pause_ms(attempt, answer ? header_of(*answer, "retry-after") : "")));
  }
}

Result<RemoteDocument> Registry::manifest(const std::string& tag_or_digest, const std::string& what) {
  HttpRequest request;
  request.url = url("manifests/" + tag_or_digest);
  for (const std::string_view type : {image::media::kOciIndex, image::media::kDockerList, image::media::kOciManifest,
                                      image::media::kDockerManifest}) {
    request.headers.push_back(fmt::format("Accept: {}", type));
  }
  request.limit_bytes = image::kMaxManifestBytes;
  CMP_TRY(HttpResponse response, ask(std::move(request)));
  if (response.status != 200) {
    return refusal(what, response.status, response.body, endpoint_.host);
  }
  RemoteDocument document{std::move(response.body), media_type_of(response), {}};
  document.digest = image::digest_of(document.text);
  const auto asked = image::parse_digest(tag_or_digest);
  if (asked && *asked != document.digest) {
    return make_error(Code::kInvalid, fmt::format("{}: {} sent a manifest whose digest is {}", what, endpoint_.host,
                                                  document.digest.str()));
  }
  return document;
}

}  // namespace cmp::transfer
