"""Our encryption as a program, and the other implementations with the same methods."""

import base64
import json
import os
import subprocess
from pathlib import Path

import olm
import vodozemac

REPOSITORY = Path(__file__).resolve().parents[3]


def encode(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


class Refused(Exception):
    """A message that an implementation did not decrypt."""


class Peer:
    """The program EncryptionPeer: $ENCRYPTION_PEER, or what was built beside the program under test."""

    def __init__(self):
        beside = Path(os.environ.get("NARU", REPOSITORY / ".build/release/naru")).parent / "EncryptionPeer"
        path = Path(os.environ.get("ENCRYPTION_PEER", beside))
        assert path.is_file(), f"{path} is not there: build it, or set ENCRYPTION_PEER"
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, do: str, **what) -> dict:
        self.process.stdin.write(json.dumps({"do": do, **what}).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the program ended: {self.process.wait()}"
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0


class OurAccount:
    def __init__(self, peer: Peer):
        self.peer = peer
        answer = peer.ask("account")
        self.number, self.identity_key, self.signing_key = answer["account"], answer["curve25519"], answer["ed25519"]

    def one_time_key(self) -> str:
        return self.peer.ask("one_time_keys", account=self.number, count=1)["keys"][0]

    def fallback_key(self) -> str:
        return self.peer.ask("fallback_key", account=self.number)["key"]

    def outbound(self, identity_key, one_time_key):
        answer = self.peer.ask(
            "outbound", account=self.number, identity_key=identity_key, one_time_key=one_time_key)
        return OurSession(self.peer, answer)

    def inbound(self, identity_key, message):
        answer = self.peer.ask(
            "inbound", account=self.number, identity_key=identity_key, type=message[0], body=encode(message[1]))
        return OurSession(self.peer, answer), decode(answer["plaintext"]).decode()


class OurSession:
    counts_over_all_chains = False

    def __init__(self, peer: Peer, answer: dict):
        self.peer, self.number, self.session_id = peer, answer["session"], answer["session_id"]

    def encrypt(self, text: str):
        answer = self.peer.ask("encrypt", session=self.number, plaintext=encode(text.encode()))
        return answer["type"], decode(answer["body"])

    def decrypt(self, message) -> str:
        answer = self.peer.ask("decrypt", session=self.number, type=message[0], body=encode(message[1]))
        return decode(answer["plaintext"]).decode()

    def pickle(self):
        self.peer.ask("pickle", session=self.number)


class VodozemacAccount:
    def __init__(self):
        self.account = vodozemac.Account()
        self.identity_key = self.account.curve25519_key.to_base64()
        self.signing_key = self.account.ed25519_key.to_base64()

    def one_time_key(self) -> str:
        self.account.generate_one_time_keys(1)
        key = next(iter(self.account.one_time_keys.values())).to_base64()
        self.account.mark_keys_as_published()
        return key

    def fallback_key(self) -> str:
        self.account.generate_fallback_key()
        key = next(iter(self.account.fallback_key.values())).to_base64()
        self.account.mark_keys_as_published()
        return key

    def outbound(self, identity_key, one_time_key):
        return VodozemacSession(self.account.create_outbound_session(
            vodozemac.Curve25519PublicKey.from_base64(identity_key),
            vodozemac.Curve25519PublicKey.from_base64(one_time_key)))

    def inbound(self, identity_key, message):
        pre_key = vodozemac.AnyOlmMessage.from_parts(*message).to_pre_key()
        session, plaintext = self.account.create_inbound_session(
            vodozemac.Curve25519PublicKey.from_base64(identity_key), pre_key)
        return VodozemacSession(session), plaintext.decode()


class VodozemacSession:
    counts_over_all_chains = False
    PICKLE_KEY = bytes(32)

    def __init__(self, session):
        self.session = session

    @property
    def session_id(self) -> str:
        return self.session.session_id

    def encrypt(self, text: str):
        return self.session.encrypt(text.encode()).to_parts()

    def decrypt(self, message) -> str:
        try:
            return self.session.decrypt(vodozemac.AnyOlmMessage.from_parts(*message)).decode()
        except (vodozemac.OlmDecryptionException, vodozemac.DecodeException) as error:
            raise Refused(str(error)) from error

    def pickle(self):
        self.session = vodozemac.Session.from_pickle(self.session.pickle(self.PICKLE_KEY), self.PICKLE_KEY)


class LibolmAccount:
    def __init__(self):
        self.account = olm.Account()
        self.identity_key = self.account.identity_keys["curve25519"]
        self.signing_key = self.account.identity_keys["ed25519"]

    def one_time_key(self) -> str:
        self.account.generate_one_time_keys(1)
        key = next(iter(self.account.one_time_keys["curve25519"].values()))
        self.account.mark_keys_as_published()
        return key

    def fallback_key(self) -> str:
        self.account.generate_fallback_key()
        return next(iter(self.account.fallback_key["curve25519"].values()))

    def outbound(self, identity_key, one_time_key):
        return LibolmSession(olm.OutboundSession(self.account, identity_key, one_time_key))

    def inbound(self, identity_key, message):
        pre_key = olm.OlmPreKeyMessage(encode(message[1]))
        session = olm.InboundSession(self.account, pre_key, identity_key)
        plaintext = session.decrypt(pre_key)
        self.account.remove_one_time_keys(session)
        return LibolmSession(session), plaintext


class LibolmSession:
    # Of skipped keys libolm keeps forty in all, also of chains that it has dropped.
    counts_over_all_chains = True

    def __init__(self, session):
        self.session = session

    @property
    def session_id(self) -> str:
        return self.session.id

    def encrypt(self, text: str):
        message = self.session.encrypt(text)
        return message.message_type, decode(message.ciphertext)

    def decrypt(self, message) -> str:
        kind = olm.OlmPreKeyMessage if message[0] == 0 else olm.OlmMessage
        try:
            return self.session.decrypt(kind(encode(message[1])))
        except olm.session.OlmSessionError as error:
            raise Refused(str(error)) from error

    def pickle(self):
        self.session = olm.Session.from_pickle(self.session.pickle("key"), "key")
