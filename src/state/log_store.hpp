#pragma once
// A container's output on disk. Bytes go from its FIFO to NAME.out and NAME.err by splice(2), which moves them in one
// call: a supervisor killed at any instant neither loses nor doubles a line. NAME.out.idx holds 16 bytes a moved chunk:
// its offset in the file and the wall-clock time (both 64 bit, host order), so that lines have times and the streams
// can be merged. A file that has reached its bound becomes NAME.out.1, the one before it NAME.out.2, and so on.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "state/paths.hpp"

namespace cmp::state {

/// How much of a stream is kept.
struct LogBounds {
  std::uint64_t max_bytes = 0;  ///< of one file; 0 is no bound
  int files = 1;                ///< with the one being written to
};

/// The writing side, one stream.
class LogWriter {
 public:
  /// Opens or goes on with a log; bytes that a crash left without a mark get one.
  [[nodiscard]] static Result<LogWriter> open(const std::string& file, const LogBounds& bounds, WallTime now);
  /// Moves what is in `fifo` (non-blocking) into the log. \returns bytes moved, 0 if it was empty.
  [[nodiscard]] Result<std::uint64_t> drain(int fifo, WallTime now);
  /// The same from the controller of a terminal, which splice(2) can't append from: what a supervisor had read and not
  /// yet written when it was killed is lost, at most 4 KiB.
  [[nodiscard]] Result<std::uint64_t> copy(int controller, WallTime now);

 private:
  [[nodiscard]] Status open_files(WallTime now);
  /// How many bytes the file may still get: a full one is put aside if `from` has something for the next; else 0.
  [[nodiscard]] Result<std::size_t> room(int from, WallTime now);
  [[nodiscard]] Status took(std::size_t bytes, WallTime now);

  std::string file_;
  LogBounds bounds_;
  UniqueFd data_, index_;
  std::uint64_t size_ = 0;
};

/// Removes all files of one stream; missing is success.
[[nodiscard]] Status remove_log(const std::string& file);

struct LogLine {
  WallTime time;
  bool is_stderr = false;
  std::string text;      ///< without its newline
  bool complete = true;  ///< false: the last line, its newline has not come yet
};

/// Up to where each stream has been read: behind the last line that was complete. Plain bytes, to be kept in a file.
struct LogPlace {
  struct OfStream {
    std::uint64_t inode = 0;  ///< 0: from the beginning
    std::uint64_t offset = 0;
  };

  OfStream streams[2];
};

static_assert(sizeof(LogPlace) == 32);

/// The reading side, both streams of one container merged by time; keeps its place, so that following is asking again.
class LogReader {
 public:
  LogReader(const Paths& paths, const std::string& container);
  /// Goes on from there; from the oldest line that is left if the file of that place is gone.
  LogReader(const Paths& paths, const std::string& container, const LogPlace& place);
  /// Lines that have become complete since the last call (`final` also gives an unfinished last one), in order of
  /// capture.
  /// \param most  bytes of one file that are looked at in one call
  [[nodiscard]] Result<std::vector<LogLine>> read(bool final, std::uint64_t most = UINT64_MAX);

  [[nodiscard]] LogPlace place() const { return {{streams_[0].done, streams_[1].done}}; }

 private:
  /// One file of a stream.
  struct Part {
    UniqueFd data, index;
    std::uint64_t inode = 0;
    std::uint64_t offset = 0;  ///< of the first byte not read yet
    std::uint64_t index_offset = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> marks;  ///< offset, time: chunks not wholly read
  };

  struct Stream {
    std::string file;
    std::vector<Part> parts;  ///< oldest first; only the last one may still grow
    std::string partial;
    WallTime partial_time;
    bool is_stderr = false;
    LogPlace::OfStream done;
  };

  [[nodiscard]] static Result<std::vector<Part>> open_newer(const std::string& file, std::uint64_t known);
  [[nodiscard]] static Status load_marks(Part& part);
  [[nodiscard]] static WallTime time_at(Stream& stream, Part& part, std::uint64_t offset);
  [[nodiscard]] static Status read_part(Stream& stream, Part& part, std::vector<LogLine>& out, std::uint64_t most);
  [[nodiscard]] static Status read_stream(Stream& stream, std::vector<LogLine>& out, bool final, std::uint64_t most);
  static void go_to_place(Stream& stream);
  Stream streams_[2];
};

}  // namespace cmp::state
