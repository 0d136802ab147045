#include "supervisor/readiness.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "net/namespace.hpp"
#include "sys/file.hpp"
#include "sys/in_root.hpp"

namespace cmp::supervisor {

namespace {

/// So much of a line is looked at: what follows does not make a service ready, and the matcher needs stack for each.
constexpr std::size_t kMostOfALine = 4096;

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

/// An address in the family that it is written in. \returns its size, 0 if it is none.
socklen_t fill_address(const model::ReadyCheck& check, sockaddr_storage& out) {
  auto* const four = reinterpret_cast<sockaddr_in*>(&out);  // NOLINT: the socket API's own way
  auto* const six = reinterpret_cast<sockaddr_in6*>(&out);  // NOLINT
  if (::inet_pton(AF_INET, check.address.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(check.port);
    return sizeof *four;
  }
  if (::inet_pton(AF_INET6, check.address.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(check.port);
    return sizeof *six;
  }
  return 0;
}

/// The status of "HTTP/1.1 200 OK", 0 while the line is not whole, -1 if it is none.
int http_status(const std::string& text) {
  constexpr std::size_t kLongest = 256;
  const auto end = text.find('\n');
  if (end == std::string::npos && text.size() < kLongest) {
    return 0;
  }
  int status = 0;
  const auto space = text.find(' ');
  if (!text.starts_with("HTTP/") || space == std::string::npos ||
      std::sscanf(text.c_str() + space, "%d", &status) != 1) {  // NOLINT(cert-err34-c): -1 then
    return -1;
  }
  return status;
}

}  // namespace

std::string ready_text(const model::ReadyCheck& check) {
  switch (check.kind) {
    case model::ReadyKind::kTcp:
      return fmt::format("tcp://{}:{}", bracketed(check.address), check.port);
    case model::ReadyKind::kHttp:
      return fmt::format("http://{}:{}{}", bracketed(check.address), check.port, check.text);
    case model::ReadyKind::kLog:
      return "log:" + check.text;
    case model::ReadyKind::kFile:
      return "file:" + check.text;
  }
  return "";
}

Readiness::Readiness(EventLoop& loop, const state::Paths& paths, const state::ContainerRecord& record,
                     WallTime log_from, std::function<void()> hint)
    : loop_(loop),
      paths_(paths),
      checks_(record.service_definition.healthcheck.ready),
      process_(record.process),
      container_(record.name),
      log_from_(log_from),
      hint_(std::move(hint)) {
  for (const model::ReadyCheck& check : checks_) {
    std::optional<LogCheck> line;
    if (check.kind == model::ReadyKind::kLog) {
      try {
        line.emplace(LogCheck{std::regex(check.text)});
      } catch (const std::regex_error&) {
        line.reset();  // it was one when the file was read
      }
    }
    lines_.push_back(std::move(line));
  }
}

void Readiness::ask(Nanoseconds timeout, Answer answer) {
  cancel();
  answer_ = std::move(answer);
  at_ = 0;
  timer_ = loop_.after(timeout, [this] {
    timer_ = 0;
    fail("no answer in time");
  });
  next();
}

Readiness::~Readiness() {
  cancel();
  if (directory_) {
    loop_.unwatch(directory_->fd());
  }
}

void Readiness::cancel() {
  loop_.cancel(std::exchange(timer_, 0));
  drop_socket();
  answer_ = {};
}

void Readiness::output_came() {
  for (const auto& line : lines_) {
    if (line && !line->seen) {
      return hint_();
    }
  }
}

void Readiness::next() {
  if (at_ == checks_.size()) {
    return finish("");
  }
  switch (checks_[at_].kind) {
    case model::ReadyKind::kLog:
      return check_log();
    case model::ReadyKind::kFile:
      return check_file();
    case model::ReadyKind::kTcp:
    case model::ReadyKind::kHttp:
      return connect();
  }
}

void Readiness::pass() {
  drop_socket();
  ++at_;
  next();
}

void Readiness::fail(const std::string& why) {
  finish(fmt::format("{}: {}", ready_text(checks_[at_]), why));
}

void Readiness::finish(const std::string& failed) {
  loop_.cancel(std::exchange(timer_, 0));
  drop_socket();
  if (const Answer answer = std::exchange(answer_, {})) {
    answer(failed);
  }
}

void Readiness::read_log() {
  if (!log_) {
    log_.emplace(paths_, container_);
  }
  const auto lines = log_->read(false);
  if (!lines) {
    return;
  }
  for (const state::LogLine& line : *lines) {
    const std::string text = line.text.substr(0, kMostOfALine);
    for (auto& check : lines_) {
      const bool open = check && !check->seen && line.time >= log_from_;
      if (open && std::regex_search(text, check->expression)) {
        check->seen = true;
      }
    }
  }
}

void Readiness::check_log() {
  read_log();
  const auto& line = lines_[at_];
  return line && line->seen ? pass() : fail("no such line yet");
}

void Readiness::check_file() {
  const std::string& path = checks_[at_].text;
  const auto root = sys::open_file(fmt::format("/proc/{}/root", process_.pid), O_PATH | O_DIRECTORY);
  if (!root) {
    return fail(root.error().message);
  }
  if (sys::open_in_root(root->get(), path, O_PATH)) {
    return pass();
  }
  watch_for_file(root->get(), path);
  // Made between the look and the watch.
  return sys::open_in_root(root->get(), path, O_PATH) ? pass() : fail("is not there");
}

/// While its directory is not there either, only looking again helps.
void Readiness::watch_for_file(int root, const std::string& path) {
  if (directory_) {
    return;
  }
  const auto parent = sys::open_in_root(root, path.substr(0, path.rfind('/') + 1), O_PATH | O_DIRECTORY);
  auto watch = parent ? sys::DirectoryWatch::open(fmt::format("/proc/self/fd/{}", parent->get()))
                      : Result<sys::DirectoryWatch>(parent.error());
  if (!watch) {
    return;
  }
  directory_.emplace(*std::move(watch));
  static_cast<void>(loop_.watch(directory_->fd(), EPOLLIN, [this](std::uint32_t) {
    static_cast<void>(directory_->take());
    hint_();
  }));
}

void Readiness::connect() {
  if (const Status begun = begin_connect(); !begun) {
    fail(begun.error().message);
  }
}

Status Readiness::begin_connect() {
  sockaddr_storage address{};
  const socklen_t size = fill_address(checks_[at_], address);
  CMP_TRY(const UniqueFd space, sys::open_file(fmt::format("/proc/{}/ns/net", process_.pid), O_RDONLY));
  {
    CMP_TRY(const auto visit, net::NamespaceVisit::enter(space.get()));
    socket_.reset(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  }
  if (!socket_) {
    return sys_error("socket");
  }
  received_.clear();
  if (::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 && errno != EINPROGRESS) {  // NOLINT
    return make_error(Code::kSystem, ::strerror(errno));  // NOLINT(concurrency-mt-unsafe): there are no threads
  }
  return loop_.watch(socket_.get(), EPOLLOUT, [this](std::uint32_t) { on_connected(); });
}

void Readiness::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    return fail(::strerror(error));  // NOLINT(concurrency-mt-unsafe)
  }
  const model::ReadyCheck& check = checks_[at_];
  if (check.kind == model::ReadyKind::kTcp) {
    return pass();
  }
  const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: cmp\r\nConnection: close\r\n\r\n",
                                          check.text, bracketed(check.address));
  // A fresh socket's buffer takes it whole.
  if (::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return fail("hung up");
  }
  if (const Status watched = loop_.watch(socket_.get(), EPOLLIN, [this](std::uint32_t) { on_answer(); }); !watched) {
    fail(watched.error().message);
  }
}

void Readiness::on_answer() {
  std::array<char, 1024> buffer{};
  const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EAGAIN) {
    return;
  }
  if (got > 0) {
    received_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  const int status = http_status(received_);
  if (status == 0 && got > 0) {
    return;
  }
  constexpr int kGood = 200, kBad = 400;
  if (status >= kGood && status < kBad) {
    return pass();
  }
  fail(status > 0 ? fmt::format("status {}", status) : "no answer in HTTP");
}

void Readiness::drop_socket() {
  loop_.unwatch(socket_.get());
  socket_.reset();
}

}  // namespace cmp::supervisor
