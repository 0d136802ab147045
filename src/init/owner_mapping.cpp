#include "init/owner_mapping.hpp"

#include "init/identity.hpp"
#include "sys/id_mapping.hpp"

namespace cmp::init {

Result<OwnerMapping> map_owner(int root, const container::HostOwner& owner) {
  container::Credentials credentials;
  credentials.user = owner.user;
  CMP_TRY(const Identity who, look_up_identity_in(root, credentials));
  OwnerMapping mapping{.owner = owner, .uid = who.ids.uid, .gid = who.ids.gid, .user_namespace = UniqueFd()};
  if (owner.uid != mapping.uid || owner.gid != mapping.gid) {
    CMP_TRY(mapping.user_namespace, sys::swapping_user_namespace({owner.uid, mapping.uid}, {owner.gid, mapping.gid}));
  }
  return mapping;
}

}  // namespace cmp::init
