// What a static program must not take from its libraries. Only in the executable: no folder of the house links this.

#include <netdb.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming,cert-dcl37-c,cert-dcl51-cpp): names of theirs

namespace __gnu_cxx {

/// No exception leaves the file whose library throws it. The C++ library's own handler would name it, and brings a
/// demangler of 47 KB for that.
void __verbose_terminate_handler() {
  constexpr std::string_view kText = "cmp: ended by an exception that nobody caught\n";
  static_cast<void>(!::write(STDERR_FILENO, kText.data(), kText.size()));
  std::abort();
}

}  // namespace __gnu_cxx

// libnl asks for names of hosts and protocols in functions that nobody calls here. glibc would answer by loading the
// host's shared modules into a static program.
extern "C" {

int getaddrinfo(const char* /*node*/, const char* /*service*/, const addrinfo* /*hints*/, addrinfo** /*found*/) {
  return EAI_FAIL;
}

int getnameinfo(const sockaddr* /*address*/, socklen_t /*size*/, char* /*host*/, socklen_t /*host_size*/,
                char* /*service*/, socklen_t /*service_size*/, int /*flags*/) {
  return EAI_FAIL;
}

protoent* getprotobyname(const char* /*name*/) {
  return nullptr;
}

protoent* getprotobynumber(int /*number*/) {
  return nullptr;
}
}

// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming,cert-dcl37-c,cert-dcl51-cpp)
