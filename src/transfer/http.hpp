#pragma once
// HTTP by libcurl, of which this folder's http*.cpp are the only users. Many transfers at once in one process.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "transfer/endpoints.hpp"

namespace cmp::transfer {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  ///< "Accept: …"
  std::string body;                  ///< of POST, PUT and PATCH
  int upload_fd = -1;                ///< or a file, from its current position
  std::uint64_t upload_size = 0;
  std::size_t limit_bytes = 4U << 20U;  ///< of the answer in memory
  /// Takes the body of a successful answer instead of keeping it; an error ends the transfer.
  std::function<Status(const char* data, std::size_t size)> sink;
  /// Called once before the first byte for `sink`, with the status and headers of the answer.
  std::function<Status(long status, const std::map<std::string, std::string>& headers)> begin;
};

struct HttpResponse {
  long status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case; of the last answer
  std::string body;
  std::string url;  ///< after redirections
};

/// A transfer that could not be carried out: what libcurl says.
struct HttpFailure {
  Error error;
  bool worth_a_retry = false;  ///< the connection broke, or could not be made
  bool unreachable = false;    ///< it was not even made: not worth many
  bool no_tls = false;         ///< the other side does not speak TLS
};

class Transfer;

/// Transfers under way.
class Http {
 public:
  Http();
  ~Http();
  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  using Done = std::function<void(HttpResponse response, HttpFailure* failure)>;

  /// Begins a transfer; `done` is called from drive(), with the failure, if it failed, or null.
  void start(const Endpoint& endpoint, HttpRequest request, Done done);

  /// Goes on with all transfers until something happens, one of `descriptors` is readable, or the time is over.
  void drive(const std::vector<int>& descriptors, int timeout_ms);

  [[nodiscard]] bool idle() const { return transfers_.empty(); }

  /// One transfer from beginning to end, the others going on. Failures are errors, answers of any status are not.
  [[nodiscard]] Result<HttpResponse> perform(const Endpoint& endpoint, HttpRequest request,
                                             HttpFailure* failure = nullptr);

 private:
  /// Tells of the transfers that have ended; false: none has.
  bool take_in();

  void* multi_;
  std::map<void*, std::unique_ptr<Transfer>> transfers_;
};

/// What a URL may not contain as it is, as %XX.
[[nodiscard]] std::string url_escaped(std::string_view text);

}  // namespace cmp::transfer
