"""Keys of devices and people, signed as clients sign them."""

import json

import olm


def canonical(value):
    """What a signature covers."""
    covered = {key: part for key, part in value.items() if key not in ("signatures", "unsigned")}
    return json.dumps(covered, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def signed(value, user_id, key_id, signature):
    signatures = {**value.get("signatures", {})}
    signatures[user_id] = {**signatures.get(user_id, {}), f"ed25519:{key_id}": signature}
    return {**value, "signatures": signatures}


def cross_signing_keys(client):
    keys = {usage: olm.PkSigning(olm.PkSigning.generate_seed()) for usage in ("master", "self_signing", "user_signing")}
    body = {}
    for usage, key in keys.items():
        value = {"user_id": client.user_id, "usage": [usage],
                 "keys": {f"ed25519:{key.public_key}": key.public_key}}
        if usage != "master":
            master = keys["master"]
            value = signed(value, client.user_id, master.public_key, master.sign(canonical(value)))
        body[f"{usage}_key"] = value
    return keys, body
