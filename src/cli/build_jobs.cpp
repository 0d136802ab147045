#include "cli/build_jobs.hpp"

#include <poll.h>

#include <algorithm>

#include <fmt/core.h>

#include "cli/build_process.hpp"
#include "cli/output.hpp"
#include "image/manifest.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

struct Running {
  BuildJob* job = nullptr;
  BuildProcess process;
  bool exporting = false;
  std::string output;
};

std::string blobs_of(const std::string& layout) {
  return layout + "/blobs/sha256";
}

/// buildah has left the blobs under their digests, and its manifest beside them. Its own way to write a layout would
/// turn Docker's format into OCI's, which has no health check.
Status finish_layout(const std::string& layout) {
  CMP_TRY(const std::string manifest, sys::read_file(blobs_of(layout) + "/manifest.json"));
  image::Descriptor descriptor;
  descriptor.media_type = image::media::kDockerManifest;
  descriptor.digest = image::digest_of(manifest);
  descriptor.size = manifest.size();
  descriptor.annotations["org.opencontainers.image.ref.name"] = "latest";
  CMP_CHECK(sys::write_file_atomically(fmt::format("{}/{}", blobs_of(layout), descriptor.digest.hex), manifest));
  return sys::write_file_atomically(layout + "/index.json", image::render_index({descriptor}));
}

class Jobs {
 public:
  Jobs(std::vector<BuildJob>& jobs, const BuildNeeds& needs, std::string directory, BuildOutput output,
       ProgressPrinter& printer)
      : jobs_(jobs), needs_(needs), directory_(std::move(directory)), output_(output), printer_(printer) {}

  Status run(std::size_t at_once) {
    for (;;) {
      CMP_CHECK(begin_some(at_once));
      if (running_.empty()) {
        return {};
      }
      CMP_CHECK(wait());
    }
  }

  void stop() {
    for (Running& running : running_) {
      running.process.stop();
      static_cast<void>(running.process.finish());
    }
  }

 private:
  [[nodiscard]] bool is_ready(const BuildJob& job) const {
    const auto& before = needs_.at(job.service);
    const bool begun = std::ranges::any_of(running_, [&](const Running& running) { return running.job == &job; });
    return !job.done && !job.failure && !begun && std::ranges::all_of(jobs_, [&](const BuildJob& other) {
      return other.done || !before.contains(other.service);
    });
  }

  Status begin_some(std::size_t at_once) {
    if (std::ranges::any_of(jobs_, [](const BuildJob& job) { return job.failure.has_value(); })) {
      return {};
    }
    for (BuildJob& job : jobs_) {
      if (running_.size() < at_once && is_ready(job)) {
        CMP_TRY(BuildProcess process, BuildProcess::start(job.build, directory_));
        running_.push_back({.job = &job, .process = std::move(process), .exporting = false, .output = ""});
        show(job, "Building", "", supervisor::ProgressStatus::kWorking);
      }
    }
    return {};
  }

  Status wait() {
    std::vector<pollfd> polled;
    for (const Running& running : running_) {
      polled.push_back({.fd = running.process.fd(), .events = POLLIN, .revents = 0});
    }
    const int ready = ::poll(polled.data(), polled.size(), static_cast<int>(ProgressPrinter::kInterval.count()));
    if (ready < 0 && errno != EINTR) {
      return sys_error("wait for buildah");
    }
    printer_.tick(monotonic_now());
    // From the last: what ends is taken out.
    for (std::size_t at = ready > 0 ? polled.size() : 0; at-- > 0;) {
      if (polled[at].revents != 0) {
        CMP_CHECK(advance(at));
      }
    }
    return {};
  }

  Status advance(std::size_t at) {
    Running& running = running_[at];
    CMP_TRY(const bool more, running.process.read([&](std::string_view line) { take(running, line); }));
    if (more) {
      return {};
    }
    if (Status ended = running.process.finish(); !ended) {
      fail(running, std::move(ended).error());
    } else if (!running.exporting) {
      return begin_export(running);
    } else {
      CMP_CHECK(finish_layout(running.job->layout));
      running.job->done = true;
    }
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(at));
    return {};
  }

  Status begin_export(Running& running) {
    BuildJob& job = *running.job;
    CMP_CHECK(sys::remove_tree(job.layout));
    CMP_CHECK(sys::make_directories(blobs_of(job.layout), 0700));
    CMP_TRY(std::string id, sys::read_file(job.id_file));
    std::vector<std::string> words = job.export_;
    words.push_back(id.substr(id.find(':') + 1));
    words.push_back("dir:" + blobs_of(job.layout));
    CMP_TRY(running.process, BuildProcess::start(words, directory_));
    running.exporting = true;
    return {};
  }

  void take(Running& running, std::string_view line) {
    if (running.exporting) {
      return;
    }
    const std::string text = fmt::format("{} | {}\n", running.job->service, line);
    if (output_ == BuildOutput::kLines) {
      return printer_.print_above([&] { print_error(text); });
    }
    running.output += text;
    if (output_ == BuildOutput::kSteps && line.find("STEP ") != std::string_view::npos) {
      show(*running.job, "Building", std::string(line), supervisor::ProgressStatus::kWorking);
    }
  }

  void fail(Running& running, Error error) {
    show(*running.job, "Error", error.message, supervisor::ProgressStatus::kError);
    printer_.print_above([&] { print_error(running.output); });
    running.job->failure = std::move(error);
  }

  void show(const BuildJob& job, const char* text, std::string details, supervisor::ProgressStatus status) {
    printer_.show({.type = supervisor::EventType::kProgress,
                   .id = "Image " + job.label,
                   .text = text,
                   .status = status,
                   .details = std::move(details)},
                  monotonic_now());
  }

  std::vector<BuildJob>& jobs_;
  const BuildNeeds& needs_;
  std::string directory_;
  BuildOutput output_;
  ProgressPrinter& printer_;
  std::vector<Running> running_;
};

}  // namespace

Status run_build_jobs(std::vector<BuildJob>& jobs, const BuildNeeds& needs, const std::string& directory,
                      std::size_t at_once, BuildOutput output, ProgressPrinter& printer) {
  Jobs all(jobs, needs, directory, output, printer);
  Status done = all.run(at_once);
  if (!done) {
    all.stop();
  }
  return done;
}

}  // namespace cmp::cli
