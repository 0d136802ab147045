#include "sys/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"

namespace {

using cmp::test::TempDir;
namespace sys = cmp::sys;

TEST_CASE("an opened file is close-on-exec") {
  const auto fd = sys::open_file("/dev/null", O_RDONLY);
  REQUIRE(fd);
  CHECK((::fcntl(fd->get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("an open that fails names the path and the reason") {
  const auto fd = sys::open_file("/no/such/file", O_RDONLY);
  REQUIRE_FALSE(fd);
  CHECK(fd.error().message == "open '/no/such/file': no such file or directory");
  CHECK(fd.error().os_errno == ENOENT);
}

TEST_CASE("what is written atomically is read back, whole and with its mode") {
  const TempDir dir;
  const std::string text(300000, 'x');
  REQUIRE(sys::write_file_atomically(dir / "file", text, 0640));
  CHECK(sys::read_file(dir / "file").value() == text);

  struct stat info {};

  REQUIRE(::stat((dir / "file").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0640);
  REQUIRE(sys::write_file_atomically(dir / "file", "short"));
  CHECK(sys::read_file(dir / "file").value() == "short");
  CHECK(sys::list_directory(dir.path()).value() == std::vector<std::string>{"file"});
}

TEST_CASE("a reader that has the old file open goes on seeing the old content") {
  const TempDir dir;
  REQUIRE(sys::write_file_atomically(dir / "file", "old"));
  const auto reader = sys::open_file(dir / "file", O_RDONLY);
  REQUIRE(reader);
  REQUIRE(sys::write_file_atomically(dir / "file", "new"));
  CHECK(sys::read_all(reader->get()).value() == "old");
}

TEST_CASE("a replacement that cannot be finished leaves the old file and says why") {
  const TempDir dir;
  const auto status = sys::write_file_atomically(dir / "absent/file", "x");
  REQUIRE_FALSE(status);
  CHECK(status.error().os_errno == ENOENT);
}

TEST_CASE("files of /proc, which report no size, are read whole") {
  const auto text = sys::read_file("/proc/self/status");
  REQUIRE(text);
  CHECK(text->find("VmSize") != std::string::npos);
}

TEST_CASE("a file over the limit is refused, one of exactly the limit is not") {
  const TempDir dir;
  REQUIRE(sys::write_file_atomically(dir / "file", "12345678"));
  CHECK(sys::read_file(dir / "file", 8).value() == "12345678");
  CHECK_FALSE(sys::read_file(dir / "file", 7));
}

TEST_CASE("a kernel file must exist already") {
  const TempDir dir;
  CHECK_FALSE(sys::write_kernel_file(dir / "new", "1"));
  CHECK_FALSE(sys::exists(dir / "new"));
}

TEST_CASE("directories are made with their parents, and again without complaint") {
  const TempDir dir;
  REQUIRE(sys::make_directories(dir / "a/b/c"));
  REQUIRE(sys::make_directories(dir / "a/b/c"));
  CHECK(sys::exists(dir / "a/b/c"));
  REQUIRE(sys::write_file_atomically(dir / "file", ""));
  CHECK_FALSE(sys::make_directories(dir / "file/below"));
}

TEST_CASE("a tree is removed without following its links") {
  const TempDir dir;
  REQUIRE(sys::make_directories(dir / "kept"));
  REQUIRE(sys::write_file_atomically(dir / "kept/file", "x"));
  REQUIRE(sys::make_directories(dir / "tree/deep/er"));
  REQUIRE(sys::write_file_atomically(dir / "tree/deep/file", "x"));
  REQUIRE(::symlink((dir / "kept").c_str(), (dir / "tree/link").c_str()) == 0);
  REQUIRE(::symlink("nowhere", (dir / "tree/deep/dangling").c_str()) == 0);
  REQUIRE(sys::remove_tree(dir / "tree"));
  CHECK_FALSE(sys::exists(dir / "tree"));
  CHECK(sys::read_file(dir / "kept/file").value() == "x");
}

TEST_CASE("removing a link removes the link, and removing nothing is success") {
  const TempDir dir;
  REQUIRE(sys::make_directories(dir / "kept"));
  REQUIRE(::symlink((dir / "kept").c_str(), (dir / "link").c_str()) == 0);
  CHECK(sys::remove_tree(dir / "link"));
  CHECK(sys::exists(dir / "kept"));
  CHECK(sys::remove_tree(dir / "link"));
}

TEST_CASE("a directory is listed sorted") {
  const TempDir dir;
  for (const char* name : {"b", "a", ".hidden", "c"}) {
    REQUIRE(sys::write_file_atomically(dir / name, ""));
  }
  CHECK(sys::list_directory(dir.path()).value() == std::vector<std::string>{".hidden", "a", "b", "c"});
}

TEST_CASE("a sealed copy has the content and cannot be changed") {
  const TempDir dir;
  const std::string text(3000000, 'p');
  REQUIRE(sys::write_file_atomically(dir / "program", text));
  const auto copy = sys::sealed_copy(dir / "program", "cmp");
  REQUIRE(copy);
  std::string back(text.size() + 1, '\0');
  CHECK(::pread(copy->get(), back.data(), back.size(), 0) == static_cast<ssize_t>(text.size()));
  back.resize(text.size());
  CHECK(back == text);
  CHECK(::pwrite(copy->get(), "x", 1, 0) == -1);
  CHECK(::ftruncate(copy->get(), 0) == -1);
  CHECK(::mmap(nullptr, 1, PROT_WRITE, MAP_SHARED, copy->get(), 0) == MAP_FAILED);
  CHECK(::fcntl(copy->get(), F_ADD_SEALS, 0) == -1);
}

}  // namespace
