#include "compose/merge.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "compose/key_index.hpp"
#include "compose/merge_rules.hpp"
#include "compose/merge_tags.hpp"
#include "compose/scalar.hpp"
#include "compose/yaml_text.hpp"

namespace cmp::compose {

namespace {

class Merger {
 public:
  Merger(std::vector<std::string_view> path, Problems& problems) : path_(std::move(path)), problems_(problems) {}

  Node merge(Node base, Node over) {
    switch (merge_rule(path_)) {
      case MergeRule::kReplace:
        return replaced(base, std::move(over));
      case MergeRule::kKeyValues:
        return key_values(std::move(base), std::move(over));
      case MergeRule::kStringList:
        return append(as_list(std::move(base)), as_list(std::move(over)));
      case MergeRule::kHosts:
        return hosts(as_host_list(std::move(base)), as_host_list(std::move(over)));
      case MergeRule::kBuild:
        return by_type(build_mapping(std::move(base)), build_mapping(std::move(over)));
      case MergeRule::kDependencies:
        return by_type(dependency_mapping(std::move(base)), dependency_mapping(std::move(over)));
      case MergeRule::kNames:
        return by_type(name_mapping(std::move(base)), name_mapping(std::move(over)));
      case MergeRule::kLogging:
        return logging(std::move(base), std::move(over));
      case MergeRule::kSubnets:
        return subnets(std::move(base), std::move(over));
      case MergeRule::kByType:
        break;
    }
    return by_type(std::move(base), std::move(over));
  }

 private:
  Node replaced(const Node& base, Node over) const {
    if (problems_.explain && !base.is_null()) {
      note_override(over, base);
    }
    return over;
  }

  /// Scalars are replaced, mappings merged, sequences appended; null in the later file keeps what is there.
  Node by_type(Node base, Node over) {
    if (over.is_null()) {
      base.health = std::max(base.health, over.health);
      return base;
    }
    if (base.is_null() || base.is_scalar()) {
      return replaced(base, std::move(over));
    }
    if (base.kind != over.kind) {
      problems_.error(over.origin,
                      fmt::format("cannot override {}: {} can't replace {}", path(), kind_name(over), kind_name(base)));
      base.health = Health::kIncomplete;
      return base;
    }
    return base.is_mapping() ? mappings(std::move(base), std::move(over)) : append(std::move(base), std::move(over));
  }

  Node mappings(Node base, Node over) {
    const std::size_t known = base.entries.size();
    const KeyIndex index(base.entries);
    std::vector<std::size_t> targets;
    targets.reserve(over.entries.size());
    for (const Entry& entry : over.entries) {
      targets.push_back(index.find(entry.key));
    }
    base.entries.reserve(known + over.entries.size());
    base.health = std::max(base.health, over.health);
    for (std::size_t i = 0; i < over.entries.size(); ++i) {
      Entry& entry = over.entries[i];
      if (targets[i] == KeyIndex::kNone) {
        base.entries.push_back(std::move(entry));
        continue;
      }
      Node& target = base.entries[targets[i]].value;
      path_.push_back(base.entries[targets[i]].key);
      target = merge(std::move(target), std::move(entry.value));
      path_.pop_back();
    }
    return base;
  }

  static Node append(Node base, Node over) {
    if (base.is_null()) {
      return over;
    }
    base.health = std::max(base.health, over.health);
    base.items.insert(base.items.end(), std::make_move_iterator(over.items.begin()),
                      std::make_move_iterator(over.items.end()));
    return base;
  }

  /// Also a value-less name replaces what was there: it stands for a look-up in the environment.
  Node key_values(Node base, Node over) {
    if (!key_value_mapping(base) || !key_value_mapping(over)) {
      return over;
    }
    if (base.is_null() || over.is_null()) {
      return base.is_null() ? std::move(over) : std::move(base);
    }
    const std::size_t known = base.entries.size();
    const KeyIndex index(over.entries);
    std::vector<bool> used(over.entries.size());
    for (std::size_t i = 0; i < known; ++i) {
      const std::size_t at = index.find(base.entries[i].key);
      if (at != KeyIndex::kNone) {
        base.entries[i].value = replaced(base.entries[i].value, std::move(over.entries[at].value));
        used[at] = true;
      }
    }
    for (std::size_t i = 0; i < over.entries.size(); ++i) {
      if (!used[i]) {
        base.entries.push_back(std::move(over.entries[i]));
      }
    }
    return base;
  }

  static Node hosts(Node base, Node over) {
    std::set<std::string> known;
    for (const Node& item : base.items) {
      known.insert(scalar_text(item));
    }
    std::erase_if(over.items, [&known](const Node& item) { return known.contains(scalar_text(item)); });
    return append(std::move(base), std::move(over));
  }

  /// Options belong to a driver: those of another driver are of no use.
  Node logging(Node base, Node over) {
    if (!base.is_mapping() || !over.is_mapping()) {
      return by_type(std::move(base), std::move(over));
    }
    const Node* before = base.find("driver");
    const Node* after = over.find("driver");
    const bool same_driver = before == nullptr || after == nullptr || same_value(*before, *after);
    return same_driver ? mappings(std::move(base), std::move(over)) : over;
  }

  static bool same_subnet(const Node& a, const Node& b) {
    const Node* left = a.find("subnet");
    const Node* right = b.find("subnet");
    return left == nullptr || right == nullptr ? left == right : same_value(*left, *right);
  }

  /// The later list stands, each of its pools on top of the earlier one with the same subnet. (Compose agrees unless
  /// there are several earlier pools, where it mixes up their gateways.)
  Node subnets(Node base, Node over) {
    if (!base.is_sequence() || !over.is_sequence() || over.items.empty()) {
      return by_type(std::move(base), std::move(over));
    }
    for (Node& pool : over.items) {
      const auto same = [&pool](const Node& known) { return same_subnet(known, pool); };
      const auto known = std::ranges::find_if(base.items, same);
      if (known != base.items.end()) {
        pool = by_type(*known, std::move(pool));
      }
    }
    return over;
  }

  static std::string_view kind_name(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kMapping:
        return "a mapping";
      case Node::Kind::kSequence:
        return "a list";
      case Node::Kind::kScalar:
        return "a single value";
      case Node::Kind::kNull:
        break;
    }
    return "nothing";
  }

  std::string path() const {
    std::string text;
    for (const std::string_view step : path_) {
      text += text.empty() ? "" : ".";
      text += step;
    }
    return text;
  }

  std::vector<std::string_view> path_;
  Problems& problems_;
};

}  // namespace

void note_override(Node& over, const Node& base) {
  Node* first = &over;
  while (!first->items.empty() || !first->entries.empty()) {
    first = first->items.empty() ? &first->entries.front().value : &first->items.front();
  }
  if (base.origin.source) {
    for (auto note = base.origin.source->notes.rbegin(); note != base.origin.source->notes.rend(); ++note) {
      if (note->kind == Note::Kind::kOverrides) {
        first->origin.add_note(*note);
      }
    }
  }
  const std::string text = base.is_sequence()  ? "a list"
                           : base.is_mapping() ? "a mapping"
                                               : yaml_string(base.scalar, 0);
  first->origin.add_note({Note::Kind::kOverrides, text, base.origin.pos()});
}

Node merge_at(const std::vector<std::string>& path, Node base, Node over, Problems& problems) {
  return Merger({path.begin(), path.end()}, problems).merge(std::move(base), std::move(over));
}

Node merge(Node base, Node over, Problems& problems) {
  apply_merge_tags(base, take_merge_tags(over));
  return merge_at({}, std::move(base), std::move(over), problems);
}

bool same_value(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.scalar != b.scalar || a.items.size() != b.items.size() ||
      a.entries.size() != b.entries.size() || (a.is_scalar() && scalar_type(a) != scalar_type(b))) {
    return false;
  }
  if (!std::equal(a.items.begin(), a.items.end(), b.items.begin(), same_value)) {
    return false;
  }
  const KeyIndex index(b.entries);
  return std::ranges::all_of(a.entries, [&](const Entry& entry) {
    const std::size_t at = index.find(entry.key);
    return at != KeyIndex::kNone && same_value(entry.value, b.entries[at].value);
  });
}

}  // namespace cmp::compose
