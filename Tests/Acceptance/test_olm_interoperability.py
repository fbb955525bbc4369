"""Our Olm, Megolm, short authentication strings and backup encryption against vodozemac and libolm, both ways.

NARU_OLM_SESSIONS says how many random sessions there are with each of the others, SEED repeats a run.
"""

import os
import random

import olm
import pytest
import vodozemac

from support.conversation import converse
from support.encryption import (
    LibolmAccount, OurAccount, Peer, Refused, VodozemacAccount, decode, encode)

SESSIONS = int(os.environ.get("NARU_OLM_SESSIONS", 250))
STEPS = 60


@pytest.fixture(scope="module")
def peer():
    peer = Peer()
    yield peer
    peer.stop()


@pytest.fixture
def chance():
    seed = int(os.environ.get("SEED", random.randrange(2**32)))
    print(f"SEED={seed}")
    return random.Random(seed)


# Olm


@pytest.mark.parametrize("their_account", [VodozemacAccount, LibolmAccount])
def test_random_sessions(peer, chance, their_account):
    decrypted = 0
    for number in range(SESSIONS):
        peer.ask("forget")
        accounts = [OurAccount(peer), their_account()]
        chance.shuffle(accounts)
        try:
            decrypted += converse(chance, *accounts, steps=chance.randint(1, STEPS))
        except AssertionError as error:
            raise AssertionError(f"session {number}: {error}") from error
    assert decrypted > SESSIONS


@pytest.mark.parametrize("their_account", [VodozemacAccount, LibolmAccount])
def test_late_messages(peer, chance, their_account):
    """Forty keys are kept, two thousand may be missing, five chains stay."""
    ours, theirs = OurAccount(peer), their_account()
    our_session = ours.outbound(theirs.identity_key, theirs.one_time_key())
    their_session, _ = theirs.inbound(ours.identity_key, our_session.encrypt("first"))
    our_session.decrypt(their_session.encrypt("second"))
    messages = [their_session.encrypt(str(number)) for number in range(2_000)]
    assert our_session.decrypt(messages[1_999]) == "1999"
    assert our_session.decrypt(messages[1_959]) == "1959"
    with pytest.raises(Refused):
        our_session.decrypt(messages[1_958])
    messages = [our_session.encrypt(str(number)) for number in range(2_000)]
    assert their_session.decrypt(messages[1_999]) == "1999"
    for number in range(1_998, 1_970, -1):
        assert their_session.decrypt(messages[number]) == str(number)


def test_signatures(peer):
    ours, theirs = OurAccount(peer), VodozemacAccount()
    signature = peer.ask("sign", account=ours.number, message=encode(b"text"))["signature"]
    key = vodozemac.Ed25519PublicKey.from_base64(ours.signing_key)
    key.verify_signature(b"text", vodozemac.Ed25519Signature.from_base64(signature))
    olm.ed25519_verify(ours.signing_key, b"text", signature)
    for account in (theirs, LibolmAccount()):
        signature = account.account.sign(b"text")
        signature = signature if isinstance(signature, str) else signature.to_base64()
        for text, valid in [(b"text", True), (b"Text", False)]:
            assert peer.ask("verify", ed25519=account.signing_key, message=encode(text), signature=signature) \
                == {"valid": valid}


# Megolm


class VodozemacGroup:
    def __init__(self):
        self.session = vodozemac.GroupSession()
        self.id = self.session.session_id

    def key(self):
        return self.session.session_key.to_base64()

    def encrypt(self, text):
        return self.session.encrypt(text.encode()).to_base64()

    @staticmethod
    def reader(session_key):
        return VodozemacReader(vodozemac.InboundGroupSession(vodozemac.SessionKey(session_key)))

    @staticmethod
    def imported(export):
        return VodozemacReader(vodozemac.InboundGroupSession.import_session(vodozemac.ExportedSessionKey(export)))


class VodozemacReader:
    def __init__(self, session):
        self.session = session

    def decrypt(self, ciphertext):
        decrypted = self.session.decrypt(vodozemac.MegolmMessage.from_base64(ciphertext))
        return decrypted.plaintext.decode(), decrypted.message_index

    def export(self, index):
        return self.session.export_at(index).to_base64()


class LibolmGroup:
    def __init__(self):
        self.session = olm.OutboundGroupSession()
        self.id = self.session.id

    def key(self):
        return self.session.session_key

    def encrypt(self, text):
        return self.session.encrypt(text)

    @staticmethod
    def reader(session_key):
        return LibolmReader(olm.InboundGroupSession(session_key))

    @staticmethod
    def imported(export):
        return LibolmReader(olm.InboundGroupSession.import_session(export))


class LibolmReader:
    def __init__(self, session):
        self.session = session

    def decrypt(self, ciphertext):
        return self.session.decrypt(ciphertext)

    def export(self, index):
        return self.session.export_session(index)


def our_text(peer, reader, ciphertext):
    answer = peer.ask("group_decrypt", reader=reader, ciphertext=ciphertext)
    return decode(answer["plaintext"]).decode(), answer["index"]


@pytest.mark.parametrize("their_group", [VodozemacGroup, LibolmGroup])
def test_group_sessions(peer, chance, their_group):
    for _ in range(max(1, SESSIONS // 100)):
        theirs = their_group()
        ours = peer.ask("group")
        late = chance.randrange(5)
        their_texts = [(text, theirs.encrypt(text)) for text in map(str, range(late))]
        our_texts = [(str(number), peer.ask("group_encrypt", group=ours["group"], plaintext=encode(b"early")))
                     for number in range(late)]
        our_reader = peer.ask("reader", session_key=theirs.key())
        assert our_reader["session_id"] == theirs.id and our_reader["first_known_index"] == late
        assert our_reader["signed"]
        their_reader = theirs.reader(peer.ask("group_key", group=ours["group"])["session_key"])
        for number in range(late, 300):
            text = f"안녕 {number}"
            their_texts.append((text, theirs.encrypt(text)))
            our_texts.append((text, peer.ask("group_encrypt", group=ours["group"], plaintext=encode(text.encode()))))
        order = list(range(late, 300))
        chance.shuffle(order)
        for number in order:
            text, ciphertext = their_texts[number]
            assert our_text(peer, our_reader["reader"], ciphertext) == (text, number)
            text, answer = our_texts[number]
            assert their_reader.decrypt(answer["ciphertext"]) == (text, number)
        for number in range(late):
            with pytest.raises(Refused, match="unknownMessageIndex"):
                our_text(peer, our_reader["reader"], their_texts[number][1])
        damaged = bytearray(decode(their_texts[-1][1]))
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        with pytest.raises(Refused):
            our_text(peer, our_reader["reader"], encode(bytes(damaged)))


@pytest.mark.parametrize("their_group", [VodozemacGroup, LibolmGroup])
def test_exports(peer, chance, their_group):
    theirs = their_group()
    messages = [theirs.encrypt(str(number)) for number in range(3)]
    far = peer.ask("reader", session_key=their_group().key())["reader"]
    first_key = theirs.key()
    our_reader = peer.ask("reader", session_key=first_key)["reader"]
    their_reader = theirs.reader(first_key)
    messages += [theirs.encrypt(str(number)) for number in range(3, 40)]
    for index in [3, 17, 39, 255, 256, 65_535, 65_536, 70_000, 2**24 - 1, 2**24, 2**24 + 2**16, 2**31, 2**32 - 1]:
        if index >= 2**31 and their_group is LibolmGroup:
            continue  # It takes a distance of more than half of all indices for a negative one.
        ours = peer.ask("export", reader=our_reader, index=index)["session_key"]
        assert ours == their_reader.export(index), index
        again = peer.ask("reader", export=ours)
        assert again["first_known_index"] == index and again["session_id"] == theirs.id and not again["signed"]
        assert peer.ask("relation", reader=our_reader, other=again["reader"])["relation"] \
            == ("equal" if index == 3 else "better")
        assert peer.ask("relation", reader=again["reader"], other=far)["relation"] == "unconnected"
        if index < 40:
            assert our_text(peer, again["reader"], messages[index]) == (str(index), index)
            assert their_group.imported(ours).decrypt(messages[index]) == (str(index), index)


def test_sessions_that_libolm_pickled(peer):
    group = olm.OutboundGroupSession()
    group.encrypt("before")
    session = olm.InboundGroupSession(group.session_key)
    pickle = session.pickle("a key of any length")
    ours = peer.ask("reader", libolm_pickle=pickle.decode(), key=encode(b"a key of any length"))
    assert ours["session_id"] == group.id and ours["first_known_index"] == 1 and ours["signed"]
    assert our_text(peer, ours["reader"], group.encrypt("text")) == ("text", 1)
    with pytest.raises(Refused, match="malformedPickle"):
        peer.ask("reader", libolm_pickle=pickle.decode(), key=encode(b"another key"))
    imported = olm.InboundGroupSession.import_session(session.export_session(1))
    assert not peer.ask("reader", libolm_pickle=imported.pickle("").decode(), key="")["signed"]


# Short authentication strings

SAS_INFO = "MATRIX_KEY_VERIFICATION_SAS|@a:x|A|{ours}|@b:x|B|{theirs}|t"
CODE_INFO = "MATRIX_KEY_VERIFICATION_MAC@a:xA@b:xBt{key_id}"


def test_short_authentication_strings(peer):
    for _ in range(20):
        ours = peer.ask("sas")
        theirs = vodozemac.Sas()
        their_key = theirs.public_key.to_base64()
        established = theirs.diffie_hellman(vodozemac.Curve25519PublicKey.from_base64(ours["public_key"]))
        info = SAS_INFO.format(ours=ours["public_key"], theirs=their_key)
        strings = peer.ask("sas_strings", sas=ours["sas"], their_key=their_key)
        assert strings["emoji"] == list(established.bytes(info).emoji_indices)
        assert strings["decimals"] == list(established.bytes(info).decimals)
        for method, theirs_of in [("hkdf-hmac-sha256.v2", established.calculate_mac),
                                  ("hkdf-hmac-sha256", established.calculate_mac_invalid_base64)]:
            code = peer.ask("sas_code", sas=ours["sas"], their_key=their_key, method=method,
                            text="key", key_id="ed25519:A")["code"]
            assert code == theirs_of("key", CODE_INFO.format(key_id="ed25519:A"))


# The encryption of backups


def encrypted_by_vodozemac(public_key: str, text: str) -> dict:
    key = vodozemac.Curve25519PublicKey.from_base64(public_key)
    message = vodozemac.PkEncryption.from_key(key).encrypt(text.encode())
    return {"ciphertext": encode(message.ciphertext), "mac": encode(message.mac),
            "ephemeral": encode(message.ephemeral_key)}


def encrypted_by_libolm(public_key: str, text: str) -> dict:
    message = olm.PkEncryption(public_key).encrypt(text)
    return {"ciphertext": message.ciphertext, "mac": message.mac, "ephemeral": message.ephemeral_key}


def test_backup_encryption(peer):
    secret = os.urandom(32)
    theirs, libolms = vodozemac.PkDecryption.from_key(vodozemac.Curve25519SecretKey.from_bytes(secret)), \
        olm.PkDecryption()
    public_key = peer.ask("backup_key", secret=encode(secret))["public_key"]
    assert public_key == theirs.public_key.to_base64()
    for text in ["", "세션", "x" * 1_000]:
        ours = peer.ask("backup_encrypt", public_key=public_key, plaintext=encode(text.encode()))["session_data"]
        message = vodozemac.Message.from_base64(ours["ciphertext"], ours["mac"], ours["ephemeral"])
        assert theirs.decrypt(message).decode() == text
        ours = peer.ask(
            "backup_encrypt", public_key=libolms.public_key, plaintext=encode(text.encode()))["session_data"]
        assert libolms.decrypt(olm.PkMessage(ours["ephemeral"], ours["mac"], ours["ciphertext"])) == text
        for session_data in [encrypted_by_vodozemac(public_key, text), encrypted_by_libolm(public_key, text)]:
            answer = peer.ask("backup_decrypt", secret=encode(secret), session_data=session_data)
            assert decode(answer["plaintext"]).decode() == text
            with pytest.raises(Refused):
                peer.ask("backup_decrypt", secret=encode(os.urandom(32)), session_data=session_data)
