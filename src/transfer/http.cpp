#include "transfer/http.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>

#include <fmt/core.h>

#include "transfer/proxies.hpp"

#include <curl/curl.h>

namespace cmp::transfer {

namespace {

constexpr long kConnectSeconds = 20;
constexpr long kStallSeconds = 30;  // no byte for so long: the connection is as good as broken
constexpr long kMaxRedirections = 5;
constexpr long kMaxConnections = 6;  // to one host, as browsers have it
constexpr long kBufferBytes = 256L << 10L;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_broken_connection(CURLcode code) {
  constexpr std::array kBroken = {
      CURLE_COULDNT_CONNECT,   CURLE_OPERATION_TIMEDOUT,  CURLE_RECV_ERROR, CURLE_SEND_ERROR,
      CURLE_PARTIAL_FILE,      CURLE_GOT_NOTHING,         CURLE_HTTP2,      CURLE_HTTP2_STREAM,
      CURLE_SSL_CONNECT_ERROR, CURLE_COULDNT_RESOLVE_HOST};
  return std::ranges::find(kBroken, code) != kBroken.end();
}

std::string_view hint(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return " (a private CA belongs into /etc/docker/certs.d/HOST/ca.crt or into registries.json; --no-tls-verify "
             "trusts anybody)";
    case CURLE_COULDNT_RESOLVE_HOST:
      return " (is this machine online?)";
    default:
      return "";
  }
}

}  // namespace

/// One easy handle and what its callbacks need.
class Transfer {
 public:
  Transfer(const Endpoint& endpoint, HttpRequest request, Http::Done done)
      : request_(std::move(request)), done_(std::move(done)), easy_(curl_easy_init()) {
    set_up(endpoint);
  }

  ~Transfer() {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(easy_);
  }

  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  [[nodiscard]] CURL* easy() const { return easy_; }

  void finish(CURLcode code) {
    char* url = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &response_.status);
    curl_easy_getinfo(easy_, CURLINFO_EFFECTIVE_URL, &url);
    response_.url = url == nullptr ? "" : url;
    if (code == CURLE_OK) {
      return done_(std::move(response_), nullptr);
    }
    HttpFailure failure = failure_of(code);
    done_(std::move(response_), &failure);
  }

 private:
  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_, option, value);
  }

  void set_up(const Endpoint& endpoint) {
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_CUSTOMREQUEST, request_.method == "HEAD" ? nullptr : request_.method.c_str());
    set(CURLOPT_NOBODY, request_.method == "HEAD" ? 1L : 0L);
    set(CURLOPT_USERAGENT, "cmp/" CMP_VERSION);
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, kMaxRedirections);
    // libcurl sends our Authorization header to the first host alone; what began in secret goes on so.
    const bool secure = request_.url.starts_with("https:");
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
    set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, kStallSeconds);
    set(CURLOPT_BUFFERSIZE, kBufferBytes);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PIPEWAIT, 1L);
    set(CURLOPT_ERRORBUFFER, message_.data());
    set(CURLOPT_PRIVATE, this);
    set_up_proxy(secure);
    set_up_tls(endpoint);
    set_up_callbacks();
    set_up_body();
    for (const std::string& header : request_.headers) {
      headers_ = curl_slist_append(headers_, header.c_str());
    }
    set(CURLOPT_HTTPHEADER, headers_);
  }

  void set_up_proxy(bool secure) {
    const Proxies proxies = proxies_from_environment();
    set(CURLOPT_NOPROXY, proxies.exceptions.c_str());
    if (!secure && !proxies.plain.empty()) {
      set(CURLOPT_PROXY, proxies.plain.c_str());
    }
  }

  void set_up_tls(const Endpoint& endpoint) {
    set(CURLOPT_SSL_VERIFYPEER, endpoint.tls_verify ? 1L : 0L);
    set(CURLOPT_SSL_VERIFYHOST, endpoint.tls_verify ? 2L : 0L);
    const char* bundle = std::getenv("SSL_CERT_FILE");  // NOLINT(concurrency-mt-unsafe): one thread
    if (!endpoint.ca_file.empty()) {
      set(CURLOPT_CAINFO, endpoint.ca_file.c_str());
    } else if (bundle != nullptr) {
      set(CURLOPT_CAINFO, bundle);
    }
  }

  void set_up_callbacks() {
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_data);
    set(CURLOPT_WRITEDATA, this);
  }

  void set_up_body() {
    if (request_.upload_fd >= 0) {
      set(CURLOPT_UPLOAD, 1L);
      set(CURLOPT_READFUNCTION, &Transfer::on_upload);
      set(CURLOPT_READDATA, this);
      set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.upload_size));
    } else if (request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH") {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
      set(CURLOPT_POSTFIELDS, request_.body.data());
    }
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
    auto& response = static_cast<Transfer*>(self)->response_;
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) {
      response.headers.clear();
    }
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && response.headers.size() < 200) {
      std::string_view value = line.substr(colon + 1);
      const auto begin = value.find_first_not_of(" \t");
      const auto end = value.find_last_not_of(" \t\r\n");
      value = begin == std::string_view::npos ? "" : value.substr(begin, end - begin + 1);
      response.headers[lower(line.substr(0, colon))] = value;
    }
    return size;
  }

  static std::size_t on_data(char* data, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->take(data, size) ? size : CURL_WRITEFUNC_ERROR;
  }

  bool take(const char* data, std::size_t size) {
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    const bool wanted = request_.sink && status >= 200 && status < 300;
    Status taken;
    if (wanted && !begun_) {
      begun_ = true;
      taken = request_.begin ? request_.begin(status, response_.headers) : Status();
    }
    if (wanted && taken) {
      taken = request_.sink(data, size);
    } else if (taken && response_.body.size() + size > request_.limit_bytes) {
      taken = make_error(Code::kInvalid, fmt::format("the answer is longer than {} bytes", request_.limit_bytes));
    } else if (taken) {
      response_.body.append(data, size);
    }
    if (!taken) {
      own_error_ = std::move(taken).error();
    }
    return !own_error_;
  }

  static std::size_t on_upload(char* data, std::size_t, std::size_t size, void* self) {
    const ssize_t got = ::read(static_cast<Transfer*>(self)->request_.upload_fd, data, size);
    return got < 0 ? CURL_READFUNC_ABORT : static_cast<std::size_t>(got);
  }

  HttpFailure failure_of(CURLcode code) {
    if (own_error_) {
      return {.error = *own_error_};
    }
    const std::string told = message_.front() == '\0' ? curl_easy_strerror(code) : std::string(message_.data());
    HttpFailure failure;
    failure.error =
        make_error(Code::kSystem, fmt::format("{} {}: {}{}", request_.method, request_.url, told, hint(code)));
    failure.worth_a_retry = is_broken_connection(code);
    failure.unreachable = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
    failure.no_tls = code == CURLE_SSL_CONNECT_ERROR;
    return failure;
  }

  HttpRequest request_;
  Http::Done done_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> message_{};
  HttpResponse response_;
  std::optional<Error> own_error_;
  bool begun_ = false;
};

Http::Http() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  multi_ = curl_multi_init();
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, kMaxConnections);
}

Http::~Http() {
  for (auto& [easy, transfer] : transfers_) {
    curl_multi_remove_handle(multi_, easy);
  }
  transfers_.clear();
  curl_multi_cleanup(multi_);
}

void Http::start(const Endpoint& endpoint, HttpRequest request, Done done) {
  auto transfer = std::make_unique<Transfer>(endpoint, std::move(request), std::move(done));
  CURL* easy = transfer->easy();
  transfers_[easy] = std::move(transfer);
  curl_multi_add_handle(multi_, easy);
}

bool Http::take_in() {
  int left = 0;
  bool any = false;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) {
      continue;
    }
    const CURLcode code = message->data.result;
    const auto found = transfers_.find(message->easy_handle);
    // Whoever is told may start new ones.
    const std::unique_ptr<Transfer> transfer = std::move(found->second);
    transfers_.erase(found);
    curl_multi_remove_handle(multi_, transfer->easy());
    transfer->finish(code);
    any = true;
  }
  return any;
}

void Http::drive(const std::vector<int>& descriptors, int timeout_ms) {
  int running = 0;
  curl_multi_perform(multi_, &running);
  if (take_in()) {
    // There may be nothing left to wait for, and whoever has been told has something to do.
    return;
  }
  std::vector<curl_waitfd> extra;
  for (const int fd : descriptors) {
    extra.push_back({.fd = fd, .events = CURL_WAIT_POLLIN, .revents = 0});
  }
  curl_multi_poll(multi_, extra.data(), static_cast<unsigned>(extra.size()), timeout_ms, nullptr);
  curl_multi_perform(multi_, &running);
  take_in();
}

Result<HttpResponse> Http::perform(const Endpoint& endpoint, HttpRequest request, HttpFailure* failure) {
  constexpr int kTickMs = 1000;
  std::optional<Result<HttpResponse>> result;
  start(endpoint, std::move(request), [&](HttpResponse response, HttpFailure* failed) {
    if (failed == nullptr) {
      result.emplace(std::move(response));
      return;
    }
    result.emplace(failed->error);
    if (failure != nullptr) {
      *failure = *failed;
    }
  });
  while (!result) {
    drive({}, kTickMs);
  }
  return *std::move(result);
}

std::string url_escaped(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    out += kPlain.find(c) != std::string_view::npos ? std::string(1, c)
                                                    : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace cmp::transfer
