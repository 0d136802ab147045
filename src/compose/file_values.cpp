#include "compose/file_values.hpp"

#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "compose/dotenv.hpp"
#include "compose/input.hpp"
#include "compose/key_index.hpp"
#include "compose/merge_rules.hpp"
#include "compose/scalar.hpp"
#include "sys/file.hpp"

namespace cmp::compose {

namespace {

std::optional<std::string> find(const Variables& variables, std::string_view name) {
  const auto it = variables.find(std::string(name));
  return it == variables.end() ? std::nullopt : std::optional<std::string>(it->second);
}

/// One file that a service names.
struct FileEntry {
  std::string path;
  std::string format;
  bool required = true;
  Origin origin;
};

FileEntry parse_entry(const Node& item) {
  FileEntry entry;
  entry.origin = item.origin;
  if (item.is_scalar()) {
    entry.path = item.scalar;
    return entry;
  }
  if (const Node* path = item.find("path")) {
    entry.path = path->scalar;
    entry.origin = path->origin;
  }
  if (const Node* format = item.find("format")) {
    entry.format = format->scalar;
  }
  const Node* required = item.find("required");
  entry.required = required == nullptr || scalar_text(*required) != "false";
  return entry;
}

class FileReader {
 public:
  FileReader(std::string_view what, Problems& problems) : what_(what), problems_(problems) {}

  /// Adds what the file says to `into`; false if there is an error.
  void read(const std::string& service, const FileEntry& entry, const Lookup& lookup, Variables& into) {
    if (Status done = parse(entry, lookup, into); !done) {
      Error error = std::move(done).error().context(fmt::format("services.{}", service));
      problems_.add(std::move(error).at(entry.origin.pos()));
    }
  }

  /// Counts values, so that a few files named by many services can't become gigabytes.
  void charge(const std::string& service, const Origin& origin, std::size_t values) {
    values_ += values;
    if (is_exhausted()) {
      problems_.error(origin, fmt::format("services.{}: {}s bring more than {} values", service, what_, kMaxValues));
    }
  }

  [[nodiscard]] bool is_exhausted() const { return values_ > kMaxValues; }

  /// Where the values of the files that were read stand, if anybody asks.
  [[nodiscard]] const VariablePlaces& places() const { return places_; }

  void forget_places() { places_.clear(); }

  void warn_unset(const Origin& origin, std::string_view name) {
    std::string message = unset_message(name);
    for (const Warning& known : problems_.warnings) {
      if (known.message == message) {
        return;
      }
    }
    problems_.warn(origin, std::move(message));
  }

 private:
  static constexpr std::size_t kMaxValues = 500'000;

  Status parse(const FileEntry& entry, const Lookup& lookup, Variables& into) {
    if (!entry.format.empty() && entry.format != "raw") {
      return make_error(Code::kInvalid, fmt::format("unsupported {} format '{}'", what_, entry.format));
    }
    if (!sys::exists(entry.path)) {
      return entry.required ? Status(make_error(Code::kNotFound, fmt::format("{} {} not found", what_, entry.path)))
                            : Status();
    }
    CMP_TRY(const std::string* text, text_of(entry.path));
    const EnvFormat format = entry.format == "raw" ? EnvFormat::kRaw : EnvFormat::kDotenv;
    return parse_env(*text, entry.path, format, lookup, into, problems_.explain ? &places_ : nullptr)
        .context(fmt::format("failed to read {}", entry.path));
  }

  /// Many services name the same file.
  Result<const std::string*> text_of(const std::string& path) {
    const auto known = texts_.find(path);
    if (known != texts_.end()) {
      return &known->second;
    }
    CMP_TRY(std::string text, read_input(path));
    return &texts_.emplace(path, std::move(text)).first->second;
  }

  std::string_view what_;
  Problems& problems_;
  std::map<std::string, std::string> texts_;
  VariablePlaces places_;
  std::size_t values_ = 0;
};

std::vector<FileEntry> entries_of(const Node& files) {
  std::vector<FileEntry> entries;
  if (files.is_scalar() || files.is_mapping()) {
    entries.push_back(parse_entry(files));
  }
  for (const Node& item : files.items) {
    entries.push_back(parse_entry(item));
  }
  return entries;
}

/// The variables of a mapping that have a value.
Variables values_of(const Node* mapping) {
  Variables values;
  if (mapping != nullptr) {
    for (const Entry& entry : mapping->entries) {
      if (entry.value.is_scalar()) {
        values.emplace(entry.key, scalar_text(entry.value));
      }
    }
  }
  return values;
}

Origin origin_at(const SourcePos& place) {
  return {std::make_shared<const Source>(Source{place.file, {}}), place.line, place.column};
}

/// Adds the values that the mapping has no key for.
void fill(Node& mapping, const Variables& values, const VariablePlaces& places, const Origin& origin) {
  std::vector<Entry> added;
  const KeyIndex index(mapping.entries);
  for (const auto& [name, value] : values) {
    if (index.find(name) == KeyIndex::kNone) {
      const auto place = places.find(name);
      const Origin from = place == places.end() ? origin : origin_at(place->second);
      added.push_back({name, from, string_node(value, from)});
    }
  }
  mapping.entries.insert(mapping.entries.end(), std::make_move_iterator(added.begin()),
                         std::make_move_iterator(added.end()));
  if (mapping.is_null() && !mapping.entries.empty()) {
    mapping.kind = Node::Kind::kMapping;
    mapping.origin = origin;
  }
}

void resolve_service_env(Entry& service, const Variables& variables, FileReader& reader) {
  const Node* files = service.value.find("env_file");
  if (files == nullptr || reader.is_exhausted()) {
    return;
  }
  reader.forget_places();
  if (Node* environment = service.value.find("environment")) {
    key_value_mapping(*environment);
  }
  const Variables own = values_of(service.value.find("environment"));
  Variables read = own;
  const Origin origin = files->origin;
  for (const FileEntry& entry : entries_of(*files)) {
    Lookup lookup;
    lookup.value = [&](std::string_view name) {
      std::optional<std::string> value = find(variables, name);
      return value ? value : find(own, name);
    };
    lookup.unset = [&](std::string_view name) { reader.warn_unset(entry.origin, name); };
    reader.read(service.key, entry, lookup, read);
  }
  service.value.erase("env_file");
  if (!read.empty()) {
    reader.charge(service.key, origin, read.size());
    fill(service.value["environment"], read, reader.places(), origin);
  }
}

void resolve_service_labels(Entry& service, FileReader& reader) {
  const Node* files = service.value.find("label_file");
  if (files == nullptr || reader.is_exhausted()) {
    return;
  }
  reader.forget_places();
  if (Node* labels = service.value.find("labels")) {
    key_value_mapping(*labels);
  }
  Variables read;
  const Origin origin = files->origin;
  for (const FileEntry& entry : entries_of(*files)) {
    Lookup lookup;
    lookup.value = [](std::string_view /*name*/) { return std::optional<std::string>(); };
    lookup.unset = [&](std::string_view name) { reader.warn_unset(entry.origin, name); };
    reader.read(service.key, entry, lookup, read);
  }
  service.value.erase("label_file");
  if (!read.empty()) {
    reader.charge(service.key, origin, read.size());
    fill(service.value["labels"], read, reader.places(), origin);
  }
}

}  // namespace

void resolve_env_files(Node& tree, const Variables& variables, Problems& problems) {
  Node* services = tree.find("services");
  if (services == nullptr) {
    return;
  }
  FileReader reader("env file", problems);
  for (Entry& service : services->entries) {
    resolve_service_env(service, variables, reader);
  }
}

void resolve_label_files(Node& tree, Problems& problems) {
  Node* services = tree.find("services");
  if (services == nullptr) {
    return;
  }
  FileReader reader("label file", problems);
  for (Entry& service : services->entries) {
    resolve_service_labels(service, reader);
  }
}

}  // namespace cmp::compose
