"""Search in messages and for people, as clients ask for it.

The numbers in brackets are those of the project's checklist of rules that implementers get wrong.
"""

import time

from support.client import path, unique


def search(client, term, next_batch=None, order_by="recent", **criteria):
    """What `room_events` of the answer holds."""
    params = {"next_batch": next_batch} if next_batch else None
    body = {"search_categories": {"room_events": {"search_term": term, "order_by": order_by, **criteria}}}
    return client.ok("POST", path("search"), body, params=params)["search_categories"]["room_events"]


def found(client, term, **criteria):
    return [result["result"]["content"]["body"] for result in search(client, term, **criteria)["results"]]


def test_korean_is_found_by_syllables_and_initial_consonants(pair):
    """(113)"""
    alice, bob, room = pair
    alice.send(room, "다들 안녕하세요")
    alice.send(room, "한국 학교에 갔어")
    for term in ("안녕", "ㅇㄴ", "안ㄴ", "하세", "안녀"):
        assert found(bob, term) == ["다들 안녕하세요"], term
    for term in ("한국", "ㅎㄱ", "한구", "ㅎㄱ 학"):
        assert found(bob, term) == ["한국 학교에 갔어"], term
    assert found(bob, "미국") == []
    answer = search(bob, "ㅎㄱ")
    assert set(answer["highlights"]) == {"한국", "학교"} and answer["count"] == 1


def test_other_scripts_and_accents(pair):
    """(113)"""
    alice, bob, room = pair
    for text in ("東京と大阪", "我在北京", "Việt Nam", "El Niño"):
        alice.send(room, text)
    for term, text in (("東京", "東京と大阪"), ("北京", "我在北京"), ("viet", "Việt Nam"), ("nino", "El Niño")):
        assert found(bob, term) == [text]
    # With its accents it is the closer one.
    alice.send(room, "El Nino")
    assert found(bob, "niño", order_by="rank") == ["El Niño", "El Nino"]


def test_it_is_the_same_before_and_after_indexing(pair):
    """(113) The index follows a second behind; nobody is to notice."""
    alice, bob, room = pair
    texts = [f"{unique('teapot')} {number}" for number in range(5)]
    for text in texts:
        alice.send(room, text)
    at_once = found(bob, "teapot")
    assert at_once == texts[::-1]
    time.sleep(2.5)
    assert found(bob, "teapot") == at_once


def test_redacted_messages_are_not_found(pair):
    """(32)"""
    alice, bob, room = pair
    event = alice.send(room, "비밀번호 1234")
    assert found(bob, "비밀번호")
    time.sleep(2.5)
    alice.redact(room, event)
    assert found(bob, "비밀번호") == [] == found(alice, "1234")


def test_only_rooms_of_the_user_and_until_he_left(people):
    """(113)"""
    alice, bob, carol = people(3)
    room = alice.room_with(bob)
    alice.send(room, "walnut one")
    bob.leave(room)
    alice.send(room, "walnut two")
    encrypted = alice.create_room(initial_state=[
        {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}])
    alice.send(encrypted, "walnut three")
    assert found(alice, "walnut") == ["walnut two", "walnut one"]
    assert found(bob, "walnut") == ["walnut one"]
    assert found(carol, "walnut") == []
    alice.ignore(alice)
    bob.ignore(alice)
    assert found(bob, "walnut") == []


def test_pages_groups_context_and_state(people):
    """(113)"""
    alice, bob = people(2)
    rooms = [alice.room_with(bob), alice.room_with(bob)]
    sent = [alice.send(rooms[number % 2], f"hazelnut {number}") for number in range(7)]
    criteria = {
        "filter": {"limit": 3}, "groupings": {"group_by": [{"key": "room_id"}, {"key": "sender"}]},
        "event_context": {"before_limit": 1, "after_limit": 1, "include_profile": True}, "include_state": True}
    page = search(bob, "hazelnut", **criteria)
    assert set(page["groups"]["room_id"]) == set(rooms) == set(page["state"])
    assert list(page["groups"]["sender"]) == [alice.user_id]
    first = page["results"][1]
    assert [event["event_id"] for event in first["context"]["events_before"]] == [sent[3]]
    assert alice.user_id in first["context"]["profile_info"]
    assert first["result"]["room_id"] == rooms[1] and first["rank"] > 0
    seen = []
    while True:
        seen += [result["result"]["event_id"] for result in page["results"]]
        if "next_batch" not in page:
            break
        page = search(bob, "hazelnut", page["next_batch"], **criteria)
    assert seen == sent[::-1]


def test_bad_searches_are_refused(people):
    """(113)"""
    [alice] = people(1)
    events = {"search_term": "x"}
    for bad in ({"keys": ["content.url"]}, {"order_by": "oldest"}, {"groupings": {"group_by": [{"key": "type"}]}}):
        alice.fails(400, "M_INVALID_PARAM", "POST", path("search"), {
            "search_categories": {"room_events": {**events, **bad}}})
    alice.fails(400, "M_INVALID_PARAM", "POST", path("search"), {"search_categories": {"room_events": events}},
                params={"next_batch": "nonsense"})
    alice.fails(413, "M_TOO_LARGE", "POST", path("search"), {
        "search_categories": {"room_events": {"search_term": "x" * 5000}}})


def test_people_are_found_as_one_types(people):
    """(118)"""
    alice, bob, carol = people(3)
    bob.ok("PUT", path("profile", bob.user_id, "displayname"), {"displayname": "박하늬"})
    alice.room_with(bob)

    def names(client, term):
        found = client.ok("POST", path("user_directory", "search"), {"search_term": term})
        return [user["display_name"] for user in found["results"]]

    for _ in range(2):
        for term in ("박하늬", "ㅂㅎㄴ", "하늬", "박하", "박ㅎ", bob.localpart, bob.user_id):
            assert "박하늬" in names(alice, term), term
        assert names(carol, "박하늬") == []
        time.sleep(1.5)


def test_public_rooms_are_found_by_initial_consonants(people):
    """(115)"""
    [alice] = people(1)
    room = alice.create_room(visibility="public", name="하늘다람쥐 모임")
    for term in ("ㅎㄴㄷㄹㅈ", "다람", "하늘 모"):
        chunk = alice.ok("POST", path("publicRooms"), {"filter": {"generic_search_term": term}})["chunk"]
        assert [entry["room_id"] for entry in chunk] == [room], term
