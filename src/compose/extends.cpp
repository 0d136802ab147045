// services.*.extends (compose-spec.md 2.11).

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/nearest.hpp"
#include "compose/merge.hpp"
#include "compose/model.hpp"
#include "compose/setup.hpp"

namespace cmp::compose {

namespace {

constexpr std::size_t kMaxChain = 500;
constexpr std::size_t kMaxCopiedNodes = 2'000'000;

struct Reference {
  std::string service;
  std::string file;  ///< "" is the same one
  Origin origin;
};

/// Where services are looked up.
struct Scope {
  Node* services = nullptr;
  const Node* earlier = nullptr;  ///< services of the documents before, if any
  std::string file;
  std::string directory;  ///< relative `extends.file` start here
  std::vector<const std::vector<KeyPath>*> places;
};

struct Link {
  std::string file;
  std::string service;
  friend bool operator==(const Link&, const Link&) = default;
};

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) {
    count += count_nodes(item);
  }
  for (const Entry& entry : node.entries) {
    count += count_nodes(entry.value);
  }
  return count;
}

Entry* find_entry(Node& services, const std::string& name) {
  const auto it = std::ranges::find(services.entries, name, &Entry::key);
  return it == services.entries.end() ? nullptr : &*it;
}

/// Which of the services that are there may have been meant by one that is not.
std::string hint(std::string_view name, const Node* services, const Node* earlier) {
  std::vector<std::string_view> names;
  for (const Node* each : {services, earlier}) {
    if (each == nullptr) {
      continue;
    }
    for (const Entry& entry : each->entries) {
      names.emplace_back(entry.key);
    }
  }
  const std::string_view meant = nearest(name, names);
  return meant.empty() ? std::string() : fmt::format(", did you mean '{}'?", meant);
}

class Extender {
 public:
  explicit Extender(Model& model) : model_(model), problems_(model.session.problems) {}

  /// Replaces the service by its base with itself on top. Without a base it is incomplete.
  void resolve(Entry& service, const Scope& scope) {
    if (service.value.find("extends") != nullptr && !extend(service, scope)) {
      service.value.erase("extends");
      service.value.health = Health::kIncomplete;
    }
  }

 private:
  bool extend(Entry& service, const Scope& scope) {
    Reference reference;
    if (!parse(service.key, *service.value.find("extends"), reference) ||
        !enter(scope, service.key, reference.origin)) {
      return false;
    }
    const bool done =
        reference.file.empty() ? from_same_file(service, scope, reference) : from_other_file(service, scope, reference);
    chain_.pop_back();
    return done;
  }

  bool parse(const std::string& name, const Node& extends, Reference& reference) {
    reference.origin = extends.origin;
    if (extends.is_scalar()) {
      reference.service = extends.scalar;
      return true;
    }
    const Node* service = extends.find("service");
    if (service == nullptr || !service->is_scalar()) {
      return fail(extends.origin, fmt::format("services.{0}: extends.service is required, {0} extends nothing", name));
    }
    reference.service = service->scalar;
    const Node* file = extends.find("file");
    if (file != nullptr && file->is_scalar()) {
      reference.file = file->scalar;
    } else if (file != nullptr && !file->is_null()) {
      return fail(file->origin, fmt::format("services.{}.extends.file must be a string", name));
    }
    return true;
  }

  bool enter(const Scope& scope, const std::string& name, const Origin& origin) {
    const Link link{scope.file, name};
    if (std::ranges::find(chain_, link) != chain_.end()) {
      std::string text;
      for (const Link& step : chain_) {
        text += fmt::format("'{}' in {} extends ", step.service, step.file);
      }
      return fail(origin, fmt::format("circular reference: {}'{}' in {}", text, name, scope.file));
    }
    if (chain_.size() >= kMaxChain) {
      return fail(origin, fmt::format("a chain of more than {} services that extend each other", kMaxChain));
    }
    chain_.push_back(link);
    return true;
  }

  bool from_same_file(Entry& service, const Scope& scope, const Reference& reference) {
    if (Entry* base = find_entry(*scope.services, reference.service)) {
      resolve(*base, scope);
      return put_on_top(service, base->value, scope, reference.origin);
    }
    const Node* base = scope.earlier == nullptr ? nullptr : scope.earlier->find(reference.service);
    if (base == nullptr) {
      return fail(reference.origin,
                  fmt::format("cannot extend service '{}' in {}: service '{}' not found{}", service.key, scope.file,
                              reference.service, hint(reference.service, scope.services, scope.earlier)));
    }
    return put_on_top(service, *base, scope, reference.origin);
  }

  bool from_other_file(Entry& service, const Scope& scope, const Reference& reference) {
    const std::shared_ptr<ExtensionBase> other = load(service.key, scope, reference);
    if (!other) {
      return false;
    }
    Node* services = other->tree.find("services");
    if (services == nullptr || !services->is_mapping()) {
      return fail(reference.origin,
                  fmt::format("cannot extend service '{}' in {}: no services section", service.key, other->file));
    }
    Entry* base = find_entry(*services, reference.service);
    if (base == nullptr) {
      return fail(reference.origin,
                  fmt::format("cannot extend service '{}' in {}: service '{}' not found in {}{}", service.key,
                              scope.file, reference.service, other->file, hint(reference.service, services, nullptr)));
    }
    Scope there{services, nullptr, other->file, parent_directory(other->file), scope.places};
    there.places.push_back(&other->places);
    resolve(*base, there);
    return put_on_top(service, base->value, there, reference.origin);
  }

  std::shared_ptr<ExtensionBase> load(const std::string& name, const Scope& scope, const Reference& reference) {
    const std::string file = absolute_path(scope.directory, reference.file, model_.session.home);
    std::shared_ptr<ExtensionBase>& base = model_.bases[file];
    if (base) {
      return base;
    }
    Result<InputFile> source = read_source(model_.session, file);
    if (!source) {
      Error error = std::move(source).error().context(fmt::format("services.{}.extends", name));
      problems_.add(std::move(error).at(reference.origin.pos()));
      return nullptr;
    }
    auto loaded = std::make_shared<ExtensionBase>();
    loaded->file = file;
    for (Node& document : source->documents) {
      std::vector<KeyPath> places;
      add_document(model_, file, std::move(document), loaded->tree, DocumentUse::kBase, places);
      loaded->places.insert(loaded->places.end(), places.begin(), places.end());
    }
    resolve_paths(loaded->tree, parent_directory(file), model_.session.home, problems_);
    base = loaded;
    return base;
  }

  bool put_on_top(Entry& service, const Node& base, const Scope& scope, const Origin& origin) {
    service.value.erase("extends");
    if (base.is_null()) {
      return true;
    }
    if (!base.is_mapping()) {
      return fail(base.origin, fmt::format("services.{} extends something that is no service", service.key));
    }
    model_.session.copied_nodes += count_nodes(base);
    if (model_.session.copied_nodes > kMaxCopiedNodes) {
      return fail(origin, "the services that extend others expand to too much");
    }
    Node whole = base;
    whole.erase("extends");
    for (const std::vector<KeyPath>* places : scope.places) {
      apply_merge_tags_below(whole, {"services", service.key}, *places);
    }
    service.value = merge_at({"services", service.key}, std::move(whole), std::move(service.value), problems_);
    return true;
  }

  bool fail(const Origin& origin, std::string message) {
    problems_.error(origin, std::move(message));
    return false;
  }

  Model& model_;
  Problems& problems_;
  std::vector<Link> chain_;
};

}  // namespace

void apply_extends(Model& model, const std::string& file, Node& document, const Node& earlier,
                   const std::vector<KeyPath>& places) {
  Node* services = document.find("services");
  if (services == nullptr) {
    return;
  }
  const Scope scope{services, earlier.find("services"), file, model.directory, {&places}};
  Extender extender(model);
  for (Entry& service : services->entries) {
    extender.resolve(service, scope);
  }
}

}  // namespace cmp::compose
