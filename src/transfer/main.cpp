// cmp-transfer: what needs libcurl, libarchive or OpenSSL, as a program of its own, so that no other command of cmp
// pays for them. It is started by cmp; image/transfer.hpp has what they say to each other.

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <csignal>

#include "image/transfer.hpp"
#include "state/paths.hpp"
#include "sys/file.hpp"
#include "transfer/copy.hpp"
#include "transfer/tasks.hpp"

namespace cmp::transfer {

namespace {

void tell(const image::TransferEvent& event) {
  static_cast<void>(sys::write_all(STDOUT_FILENO, encode(event)));
}

Status run() {
  CMP_TRY(const std::string text, sys::read_all(STDIN_FILENO));
  CMP_TRY(const image::TransferRequest request, image::decode_transfer_request(text));
  if (request.task == image::Task::kCopy || request.task == image::Task::kExport) {
    return copy_files(request);
  }
  const state::Roots roots = state::roots_from_environment();
  const auto store = image::Store::open(roots);
  if (!store && request.task == image::Task::kResolve) {
    return perform(image::Store(roots), request, tell);  // everybody may ask; nothing is kept
  }
  if (!store) {
    return store.error();
  }
  CMP_TRY(const UniqueFd hold, store->hold());
  return perform(*store, request, tell);
}

}  // namespace

}  // namespace cmp::transfer

int main() {
  using namespace cmp;  // NOLINT(google-build-using-namespace)
  // Whoever asked is gone: nobody is there to be told.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // libarchive converts names that are UTF-8 in the archive to the locale's character set.
  std::setlocale(LC_CTYPE, "C.UTF-8");  // NOLINT(concurrency-mt-unsafe): one thread
  ::umask(0);
  const Status done = transfer::run();
  if (!done) {
    transfer::tell({.kind = image::TransferEventKind::kError, .text = done.error().message, .code = done.error().code});
  }
  return done ? 0 : 1;
}
