"""A random conversation of two Olm sessions over a network that loses, delays and repeats, and what must come of it."""

from dataclasses import dataclass, field

from support.encryption import Refused

# What our implementation and vodozemac keep for messages that come late. libolm counts otherwise.
KEPT_CHAINS = 5
KEPT_KEYS = 40
MAXIMUM_ON_THE_WAY = 12
WORDS = ["안녕", "hello", "ㅋㅋㅋ", "日本", "🦊", "x" * 40, " "]


def fields(payload: bytes) -> dict:
    """The key-value pairs of a payload, as the specification writes them."""
    found, position = {}, 0

    def number():
        nonlocal position
        value = shift = 0
        while True:
            byte = payload[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while position < len(payload):
        tag = number()
        value = number()
        if tag & 7 == 2:
            value, position = payload[position:position + value], position + value
        found[tag] = value
    return found


@dataclass(frozen=True)
class Message:
    text: str
    parts: tuple
    chain: bytes
    index: int


def message(text: str, parts: tuple) -> Message:
    body = fields(parts[1][1:])[0x22] if parts[0] == 0 else parts[1]
    inner = fields(body[1:-8])
    return Message(text, parts, inner[0x0A], inner[0x10])


@dataclass
class Chain:
    """What a receiver still has of one of the sender's ratchet keys."""

    next_index: int = 0
    skipped: list = field(default_factory=list)


class Side:
    """One device, and which messages it must be able to decrypt."""

    def __init__(self, account, session=None):
        self.account, self.session = account, session
        self.chains: dict[bytes, Chain] = {}
        self.forgotten_chains: set[bytes] = set()
        self.on_the_way: list[Message] = []
        self.received: list[Message] = []

    def must_decrypt(self, message: Message) -> bool:
        if message.chain in self.forgotten_chains:
            return False
        chain = self.chains.get(message.chain, Chain())
        return message.index >= chain.next_index or message.index in chain.skipped

    def receive(self, message: Message, sender: "Side"):
        """Delivers a message: it must be decrypted, or must not be, whatever the sides' implementations are."""
        must, again = self.must_decrypt(message), message in self.received
        try:
            text = self.decrypt(message, sender)
        except Refused:
            # What libolm has dropped is not easily told: it counts skipped keys over all chains.
            skipped = sum(len(chain.skipped) for chain in self.chains.values())
            assert not must or (self.session and self.session.counts_over_all_chains and skipped > KEPT_KEYS / 2), \
                f"{message} was refused"
            return
        assert text == message.text
        assert not again, f"{message} was decrypted twice"
        assert must or self.session.counts_over_all_chains, f"{message} was decrypted, and its key should be gone"
        self.received.append(message)
        if must:
            self.note(message)

    def decrypt(self, message: Message, sender: "Side") -> str:
        if self.session:
            return self.session.decrypt(message.parts)
        self.session, text = self.account.inbound(sender.account.identity_key, message.parts)
        assert self.session.session_id == sender.session.session_id
        return text

    def note(self, message: Message):
        if message.chain not in self.chains:
            self.chains[message.chain] = Chain()
            if len(self.chains) > KEPT_CHAINS:
                oldest = next(iter(self.chains))
                del self.chains[oldest]
                self.forgotten_chains.add(oldest)
        chain = self.chains[message.chain]
        if message.index < chain.next_index:
            chain.skipped.remove(message.index)
            return
        chain.skipped += range(chain.next_index, message.index)
        del chain.skipped[:-KEPT_KEYS]
        chain.next_index = message.index + 1


def converse(random, first_account, second_account, steps: int) -> int:
    """Lets two accounts talk.

    Returns how many messages were decrypted.
    """
    key = second_account.fallback_key() if random.random() < 0.2 else second_account.one_time_key()
    first = Side(first_account, first_account.outbound(second_account.identity_key, key))
    second = Side(second_account)
    for _ in range(steps):
        sender, receiver = random.choice([(first, second), (second, first)])
        what = random.random()
        if what < 0.45:
            if sender.session and len(receiver.on_the_way) < MAXIMUM_ON_THE_WAY:
                text = "".join(random.choices(WORDS, k=random.randint(1, 6)))
                receiver.on_the_way.append(message(text, sender.session.encrypt(text)))
        elif what < 0.85:
            if receiver.on_the_way:
                # Mostly in order.
                last = len(receiver.on_the_way) - 1
                position = min(int(random.expovariate(1)), last)
                receiver.receive(receiver.on_the_way.pop(position), sender)
        elif what < 0.90:
            if receiver.on_the_way:
                receiver.on_the_way.pop(random.randrange(len(receiver.on_the_way)))
        elif what < 0.96:
            if receiver.received:
                receiver.receive(random.choice(receiver.received), sender)
        elif sender.session:
            sender.session.pickle()
    return len(first.received) + len(second.received)
