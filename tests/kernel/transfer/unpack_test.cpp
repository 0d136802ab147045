// Layers, good and hostile, unpacked for real. The archives are written here, with libarchive's help where a name is
// allowed and by hand where no tool would write it.

#include "transfer/unpack.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <zlib.h>

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"
#include "sys/file.hpp"

namespace {

using namespace cmp;  // NOLINT(google-build-using-namespace): a test of it

/// Writes a tar archive, an entry a call.
class Tar {
 public:
  explicit Tar(const std::string& path) : archive_(archive_write_new()) {
    archive_write_set_format_pax_restricted(archive_);
    archive_write_open_filename(archive_, path.c_str());
  }

  ~Tar() { archive_write_free(archive_); }

  Tar(const Tar&) = delete;
  Tar& operator=(const Tar&) = delete;

  Tar& file(const std::string& name, const std::string& text = "x", unsigned mode = 0644) {
    archive_entry* entry = begin(name, AE_IFREG, mode);
    archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    return end(entry, text);
  }

  Tar& directory(const std::string& name, unsigned mode = 0755) { return end(begin(name, AE_IFDIR, mode)); }

  Tar& link(const std::string& name, const std::string& target) {
    archive_entry* entry = begin(name, AE_IFLNK, 0777);
    archive_entry_set_symlink(entry, target.c_str());
    return end(entry);
  }

  Tar& hard(const std::string& name, const std::string& target) {
    archive_entry* entry = begin(name, AE_IFREG, 0644);
    archive_entry_set_hardlink(entry, target.c_str());
    return end(entry);
  }

  Tar& device(const std::string& name, unsigned major_number, unsigned minor_number) {
    archive_entry* entry = begin(name, AE_IFCHR, 0666);
    archive_entry_set_rdev(entry, ::makedev(major_number, minor_number));
    return end(entry);
  }

  /// A hole, then the text.
  Tar& sparse(const std::string& name, std::int64_t hole, const std::string& text) {
    archive_entry* entry = begin(name, AE_IFREG, 0644);
    archive_entry_set_size(entry, hole + static_cast<std::int64_t>(text.size()));
    archive_entry_sparse_add_entry(entry, hole, static_cast<std::int64_t>(text.size()));
    return end(entry, std::string(static_cast<std::size_t>(hole), '\0') + text);
  }

  Tar& with_attribute(const std::string& name, const std::string& attribute, const std::string& value) {
    archive_entry* entry = begin(name, AE_IFREG, 0755);
    archive_entry_xattr_add_entry(entry, attribute.c_str(), value.data(), value.size());
    return end(entry);
  }

 private:
  static archive_entry* begin(const std::string& name, unsigned type, unsigned mode) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, static_cast<mode_t>(mode));
    archive_entry_set_mtime(entry, 1'000'000'000, 5);
    archive_entry_set_size(entry, 0);
    return entry;
  }

  Tar& end(archive_entry* entry, const std::string& text = "") {
    REQUIRE(archive_write_header(archive_, entry) >= ARCHIVE_WARN);  // a name that is no text of the locale
    if (!text.empty()) {
      archive_write_data(archive_, text.data(), text.size());
    }
    archive_entry_free(entry);
    return *this;
  }

  archive* archive_;
};

struct Bed {
  test::TempDir temp;
  std::string archive = temp / "layer.tar", root = temp / "layers/root", sentinel = temp / "sentinel";

  Bed() {
    REQUIRE(sys::make_directories(root));
    REQUIRE(sys::make_directories(sentinel));
    REQUIRE(sys::write_file_atomically(sentinel + "/secret", "untouched", 0600));
  }

  Result<image::Digest> run(transfer::Limits limits = {}) const {
    CMP_TRY(UniqueFd file, sys::open_file(archive, O_RDONLY));
    return transfer::unpack(std::move(file), root, limits);
  }

  [[nodiscard]] std::string text(const std::string& name) const {
    return sys::read_file(root + "/" + name).value_or("-");
  }

  /// Nothing outside the layer has changed.
  [[nodiscard]] bool contained() const {
    struct stat info {};

    return sys::read_file(sentinel + "/secret").value_or("") == "untouched" &&
           sys::list_directory(sentinel)->size() == 1 && sys::list_directory(temp.path())->size() == 3 &&
           ::stat((sentinel + "/secret").c_str(), &info) == 0 && (info.st_mode & 07777U) == 0600 && info.st_nlink == 1;
  }
};

struct stat stat_of(const std::string& path) {
  struct stat info {};

  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info;
}

bool is_whiteout(const std::string& path) {
  const struct stat info = stat_of(path);
  return S_ISCHR(info.st_mode) && info.st_rdev == 0;
}

bool is_opaque(const std::string& path) {
  char value = 0;
  return ::getxattr(path.c_str(), "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

bool can_unpack() {
  return ::geteuid() == 0;
}

}  // namespace

TEST_CASE("a layer's files come with their modes, times, links and capabilities" * doctest::skip(!can_unpack())) {
  const Bed bed;
  const std::string long_name = std::string(200, 'n') + "/" + std::string(200, 'm');
  // CAP_NET_RAW, permitted and effective, as setcap writes it.
  const std::string capability("\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20);
  {
    Tar tar(bed.archive);
    tar.directory("./")
        .directory("bin", 01777)
        .file("bin/su", "root", 04755)
        .link("bin/sh", "su")
        .hard("bin/sudo", "bin/su");
    tar.file(long_name, "long")
        .file("/etc/absolute", "inside")
        .with_attribute("bin/ping", "security.capability", capability);
    tar.file("caf\xc3\xa9 \n", "odd");
  }
  REQUIRE(bed.run());
  const struct stat su = stat_of(bed.root + "/bin/su");
  CHECK((su.st_mode & 07777U) == 04755);
  CHECK(su.st_mtim.tv_sec == 1'000'000'000);
  CHECK(su.st_nlink == 2);
  CHECK((stat_of(bed.root + "/bin").st_mode & 07777U) == 01777);
  CHECK(stat_of(bed.root + "/bin").st_mtim.tv_sec == 1'000'000'000);
  CHECK(bed.text(long_name) == "long");
  CHECK(bed.text("etc/absolute") == "inside");
  CHECK(bed.text("caf\xc3\xa9 \n") == "odd");
  CHECK(::getxattr((bed.root + "/bin/ping").c_str(), "security.capability", nullptr, 0) == 20);
  CHECK(bed.contained());
}

TEST_CASE("names that differ in case are two files, and holes stay holes" * doctest::skip(!can_unpack())) {
  const Bed bed;
  constexpr std::int64_t kHole = 8 << 20;
  { Tar(bed.archive).file("README", "upper").file("readme", "lower").sparse("holes", kHole, "end"); }
  REQUIRE(bed.run());
  CHECK(bed.text("README") == "upper");
  CHECK(bed.text("readme") == "lower");
  const struct stat holes = stat_of(bed.root + "/holes");
  CHECK(holes.st_size == kHole + 3);
  CHECK(holes.st_blocks * 512 < kHole);
  CHECK(bed.text("holes").substr(kHole) == "end");
}

TEST_CASE("whiteouts and opaque directories become overlayfs's own" * doctest::skip(!can_unpack())) {
  const Bed bed;
  {
    Tar tar(bed.archive);
    tar.directory("a").file("a/.wh.gone", "").directory("o").file("o/.wh.inside", "").file("o/.wh..wh..opq", "");
    tar.file("o/kept").file(".wh.back", "").directory("back").file("back/new").file("swapped/.wh..wh..opq", "");
    tar.file("a/.wh..wh.plnk", "");
  }
  REQUIRE(bed.run());
  CHECK(is_whiteout(bed.root + "/a/gone"));
  CHECK(sys::list_directory(bed.root + "/a")->size() == 1);
  CHECK(is_opaque(bed.root + "/o"));
  // A whiteout where nothing shows through would itself be seen.
  CHECK(*sys::list_directory(bed.root + "/o") == std::vector<std::string>{"kept"});
  CHECK(is_opaque(bed.root + "/back"));
  CHECK(bed.text("back/new") == "x");
  CHECK(is_opaque(bed.root + "/swapped"));
}

TEST_CASE("writing through links stays inside the layer" * doctest::skip(!can_unpack())) {
  const Bed bed;
  {
    Tar tar(bed.archive);
    tar.link("absolute", bed.sentinel).file("absolute/secret", "evil").file("absolute/new", "evil");
    tar.link("relative", "../../sentinel").file("relative/secret", "evil", 04777);
    tar.link("self", "self2").link("self2", "..").file("self/out", "evil");
  }
  REQUIRE(bed.run());
  CHECK(bed.contained());
  CHECK(bed.text(bed.sentinel.substr(1) + "/new") == "evil");
  CHECK(bed.text("out") == "evil");
}

TEST_CASE("a hard link leads to nothing outside, and changes no mode through a link" * doctest::skip(!can_unpack())) {
  const Bed bed;
  SUBCASE("through a symbolic link") {
    Tar(bed.archive).link("esc", bed.sentinel).hard("stolen", "esc/secret");
    CHECK_FALSE(bed.run());
  }
  SUBCASE("to a symbolic link: the link itself gets a second name") {
    Tar(bed.archive).link("esc", bed.sentinel + "/secret").hard("again", "esc").file("again", "evil", 0777);
    REQUIRE(bed.run());
    CHECK(bed.text("again") == "evil");
  }
  SUBCASE("to what is not in the layer") {
    Tar(bed.archive).hard("stolen", "../../sentinel/secret");
    CHECK_FALSE(bed.run());
  }
  SUBCASE("absolute") {
    Tar(bed.archive).hard("stolen", bed.sentinel + "/secret");
    CHECK_FALSE(bed.run());
  }
  CHECK(bed.contained());
}

TEST_CASE("names that leave the layer, and whiteouts that hide nothing, are refused" * doctest::skip(!can_unpack())) {
  for (const char* name : {"../evil", "a/../../evil", "/../evil", ".wh...", "etc/.wh..", ".wh.", "etc/.wh..."}) {
    CAPTURE(name);
    const Bed bed;
    { Tar(bed.archive).file(name, "evil"); }
    CHECK_FALSE(bed.run());
    CHECK(bed.contained());
  }
}

TEST_CASE("the root of a layer stays a directory" * doctest::skip(!can_unpack())) {
  const Bed bed;
  { Tar(bed.archive).link(".", bed.sentinel).file("secret", "evil"); }
  CHECK_FALSE(bed.run());
  CHECK(bed.contained());
}

TEST_CASE("what comes later replaces what was there, and a directory is no way out" * doctest::skip(!can_unpack())) {
  const Bed bed;
  {
    Tar tar(bed.archive);
    tar.directory("d").file("d/x").link("d", bed.sentinel).file("d/secret", "evil");
    tar.link("l", bed.sentinel).directory("l").file("l/secret", "mine").file("f", "one").file("f", "two");
  }
  REQUIRE(bed.run());
  CHECK(bed.contained());
  CHECK(bed.text("f") == "two");
  CHECK(bed.text("l/secret") == "mine");
}

TEST_CASE("devices that could do harm are left out, and attributes of overlayfs are not taken" *
          doctest::skip(!can_unpack())) {
  const Bed bed;
  {
    Tar tar(bed.archive);
    tar.device("dev/mem", 1, 1).device("dev/null", 1, 3).device("ghost", 0, 0);
    tar.with_attribute("red", "trusted.overlay.redirect", "/etc").with_attribute("own", "user.colour", "blue");
    tar.with_attribute("sel", "security.selinux", "x").with_attribute("uov", "user.overlay.opaque", "y");
  }
  REQUIRE(bed.run());
  CHECK(*sys::list_directory(bed.root + "/dev") == std::vector<std::string>{"null"});
  CHECK_FALSE(sys::exists(bed.root + "/ghost"));
  for (const auto& [file, attribute] :
       {std::pair("red", "trusted.overlay.redirect"), std::pair("sel", "security.selinux"),
        std::pair("uov", "user.overlay.opaque")}) {
    CHECK(::getxattr((bed.root + "/" + file).c_str(), attribute, nullptr, 0) < 0);
  }
}

TEST_CASE("bombs end at their limits" * doctest::skip(!can_unpack())) {
  const Bed bed;
  SUBCASE("many entries") {
    Tar tar(bed.archive);
    for (int i = 0; i < 20; ++i) {
      tar.file("f" + std::to_string(i));
    }
  }
  SUBCASE("many bytes") {
    Tar(bed.archive).file("big", std::string(1U << 20U, '\0'));
  }
  SUBCASE("many bytes of nothing") {
    Tar(bed.archive).sparse("big", 1 << 20, "x");
  }
  SUBCASE("many directories") {
    std::string deep;
    for (int i = 0; i < 300; ++i) {
      deep += "d/";
    }
    Tar(bed.archive).file(deep + "f");
  }
  const auto done = bed.run({.entries = 10, .bytes = 100'000});
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Code::kInvalid);
}

TEST_CASE("damaged layers are refused" * doctest::skip(!can_unpack())) {
  const Bed bed;
  const auto write = [&](const std::string& bytes) { REQUIRE(sys::write_file_atomically(bed.archive, bytes)); };
  SUBCASE("no archive") {
    write(std::string(2000, 'x'));
  }
  SUBCASE("an archive that is cut") {
    { Tar(bed.archive).file("f", std::string(5000, 'y')); }
    write(sys::read_file(bed.archive)->substr(0, 3000));
  }
  SUBCASE("gzip that is cut") {
    { Tar(bed.archive).file("f", std::string(5000, 'y')); }
    const std::string plain = *sys::read_file(bed.archive);
    gzFile packed = ::gzopen(bed.archive.c_str(), "wb");
    ::gzwrite(packed, plain.data(), static_cast<unsigned>(plain.size()));
    ::gzclose(packed);
    const std::string bytes = *sys::read_file(bed.archive);
    write(bytes.substr(0, bytes.size() - 12));
  }
  SUBCASE("another packing") {
    write("BZh9" + std::string(100, 'z'));
  }
  CHECK_FALSE(bed.run());
}
