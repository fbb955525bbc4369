"""Two people meet, talk, read, and come back."""

import time

from playwright.sync_api import expect


def test_two_people_talk_within_a_second_and_see_what_was_read(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    minji.start_direct(wang)
    wang.accept_invitation()

    minji.say("안녕! 저녁 먹었어?")
    began = time.monotonic()
    wang.bubble("안녕! 저녁 먹었어?").wait_for(timeout=1000)
    to_wang = time.monotonic() - began
    wang.say("아직! 떡볶이 어때?")
    began = time.monotonic()
    minji.bubble("아직! 떡볶이 어때?").wait_for(timeout=1000)
    print(f"there {to_wang * 1000:.0f} ms, back {(time.monotonic() - began) * 1000:.0f} ms")

    expect(minji.row("안녕! 저녁 먹었어?").locator(".unread-number")).to_have_count(0)
    assert minji.bubble("안녕! 저녁 먹었어?").count() == 1
    assert "mine" in minji.row("안녕! 저녁 먹었어?").get_attribute("class")
    assert "theirs" in wang.row("안녕! 저녁 먹었어?").get_attribute("class")


def test_unread_number_goes_from_one_to_none(new_person):
    minji, wang = new_person("minji"), new_person("wang", viewport=(360, 740))
    minji.start_direct(wang)
    room_id = wang.accept_invitation()
    wang.page.locator(".room-back").click()

    minji.say("읽으면 1이 사라져요")
    number = minji.row("읽으면 1이 사라져요").locator(".unread-number [aria-hidden]")
    expect(number).to_have_text("1")
    expect(wang.page.locator(".unread-badge [aria-hidden]")).to_have_text("1")

    wang.open_room(room_id)
    expect(wang.page.locator(".read-divider")).to_have_count(1)
    expect(number).to_have_count(0)
    wang.page.locator(".room-back").click()
    expect(wang.page.locator(".unread-badge")).to_have_count(0)


def test_unread_number_counts_down_in_a_group(new_person):
    minji, wang, ayu = new_person("minji"), new_person("wang"), new_person("ayu")
    page = minji.page
    page.locator(".new-chat").click()
    page.locator("dialog .segment[data-value=group]").click()
    page.fill("#field-group-name", "제주 여행 🍊")
    for friend in (wang, ayu):
        page.fill("#field-group-person", friend.username)
        page.locator(".add-person").click()
        page.locator(".chosen-person", has_text=friend.username).wait_for()
    page.locator("dialog .submit").click()
    page.wait_for_selector("naru-room")
    wang.accept_invitation()
    ayu.accept_invitation()
    expect(page.locator(".member-count [aria-hidden]")).to_have_text("3")
    for friend in (wang, ayu):
        friend.page.evaluate("location.hash = '#/'")
        friend.page.wait_for_selector("naru-room", state="detached")

    minji.say("공항에서 만나요")
    number = minji.row("공항에서 만나요").locator(".unread-number [aria-hidden]")
    expect(number).to_have_text("2")
    room_id = minji.room_id()
    wang.open_room(room_id)
    expect(number).to_have_text("1")
    expect(wang.row("공항에서 만나요").locator(".unread-number [aria-hidden]")).to_have_text("1")
    ayu.open_room(room_id)
    expect(number).to_have_count(0)
    expect(wang.row("공항에서 만나요").locator(".unread-number")).to_have_count(0)


def test_reload_keeps_the_session_and_the_room(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    minji.start_direct(wang)
    wang.accept_invitation()
    minji.say("새로고침해도 그대로")
    wang.bubble("새로고침해도 그대로").wait_for()
    minji.page.reload()
    minji.bubble("새로고침해도 그대로").wait_for()
    wang.say("다녀왔어?")
    minji.bubble("다녀왔어?").wait_for()
    assert minji.bubble("새로고침해도 그대로").count() == 1


def test_second_start_opens_the_same_room(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    first = minji.start_direct(wang)
    wang.accept_invitation()
    minji.page.evaluate("location.hash = '#/'")
    minji.page.wait_for_selector("naru-room", state="detached")
    assert minji.start_direct(wang) == first
    assert wang.start_direct(minji) == first
    assert minji.page.locator(".chat-row").count() == 1


def test_typing_is_shown_and_ends_with_the_message(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    minji.start_direct(wang)
    wang.accept_invitation()
    wang.field.press_sequentially("음…")
    expect(minji.page.locator(".typing")).to_contain_text("입력하고 있어요")
    wang.field.press("Enter")
    minji.bubble("음…").wait_for()
    expect(minji.page.locator(".typing")).to_be_empty()


def test_messages_written_without_a_connection_arrive_once_and_in_order(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    room_id = minji.start_direct(wang)
    wang.accept_invitation()
    lost = []

    def lose_the_answer(route):
        # The server takes the message, and the client never learns of it. (Firefox does not tell us the body.)
        path = route.request.url.removeprefix(minji.origin)
        lost.append(minji.request("PUT", path, {"msgtype": "m.text", "body": "하나"}))
        route.abort()

    minji.page.route("**/send/m.room.message/**", lose_the_answer, times=1)
    for text in ("하나", "둘", "셋"):
        minji.say(text)
    expect(wang.page.locator(".theirs .bubble")).to_have_text(["하나", "둘", "셋"])
    assert len(lost) == 1
    assert minji.messages(room_id) == ["하나", "둘", "셋"]
    expect(minji.page.locator(".mine .bubble")).to_have_text(["하나", "둘", "셋"])

    minji.page.route("**/send/m.room.message/**", lambda route: route.abort())
    minji.say("다시 열어도 보내져요")
    minji.page.wait_for_timeout(300)
    minji.page.unroute("**/send/m.room.message/**")
    minji.page.reload()
    expect(wang.page.locator(".theirs .bubble")).to_have_text(["하나", "둘", "셋", "다시 열어도 보내져요"])
    assert minji.messages(room_id)[-1] == "다시 열어도 보내져요"
    assert minji.bubble("다시 열어도 보내져요").count() == 1


def test_refused_message_can_be_sent_again(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    minji.start_direct(wang)
    wang.accept_invitation()
    refusal = {"status": 403, "content_type": "application/json", "body": '{"errcode":"M_FORBIDDEN","error":"no"}'}
    minji.page.route("**/send/m.room.message/**", lambda route: route.fulfill(**refusal), times=1)
    minji.say("한 번 더")
    minji.page.locator(".resend").click()
    wang.bubble("한 번 더").wait_for()
    expect(minji.page.locator(".resend")).to_have_count(0)


def test_invite_link_lets_people_in_and_leaving_takes_them_out(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    page = minji.page
    page.locator(".new-chat").click()
    page.locator("dialog .segment[data-value=group]").click()
    page.fill("#field-group-name", "링크로 모여요")
    page.locator("dialog .toggle").click()
    page.locator("dialog .submit").click()
    page.wait_for_selector("naru-room")
    page.locator(".room-header [aria-label='채팅방 정보']").click()
    link = page.locator(".copy-invite-link").get_attribute("data-link")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)

    # From elsewhere, as by a link in a mail.
    wang.page.goto("about:blank")
    wang.page.goto(link)
    wang.page.locator(".card .primary").click()
    wang.page.wait_for_selector("naru-room")
    expect(page.locator(".notice-row").last).to_contain_text("들어왔어요")
    wang.page.locator(".room-header [aria-label='채팅방 정보']").click()
    wang.page.locator(".leave").click()
    wang.page.locator("dialog .dialog-actions .danger").click()
    wang.page.wait_for_selector("naru-room", state="detached")
    expect(wang.page.locator(".chat-row")).to_have_count(0)
    expect(page.locator(".notice-row").last).to_contain_text("나갔어요")


def test_invitation_can_be_declined(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    minji.start_direct(wang)
    wang.page.locator(".chat-row a").click()
    wang.page.locator(".decline").click()
    expect(wang.page.locator(".chat-row")).to_have_count(0)
    expect(minji.page.locator(".notice-row").last).to_contain_text("초대를 거절했어요")


def test_edited_and_deleted_messages(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    room_id = minji.start_direct(wang)
    wang.accept_invitation()
    event_id = wang.send(room_id, "오타가 있써요")
    minji.bubble("오타가 있써요").wait_for()
    wang.send(room_id, "* 오타가 있어요", **{
        "m.new_content": {"msgtype": "m.text", "body": "오타가 있어요"},
        "m.relates_to": {"rel_type": "m.replace", "event_id": event_id}})
    expect(minji.page.locator(".bubble")).to_have_text("오타가 있어요수정됨")
    minji.say("지울 말")
    wang.bubble("지울 말").wait_for()
    minji.bubble("지울 말").click(button="right")
    minji.page.locator(".message-menu .danger").click()
    minji.page.locator("dialog .dialog-actions .danger").click()
    wang.bubble("삭제된 메시지예요").wait_for()
    expect(wang.bubble("지울 말")).to_have_count(0)


def test_log_out_and_sign_in_again(new_person):
    from people import PASSWORD

    minji = new_person("minji")
    page = minji.page
    page.locator(".rail button").click()
    page.locator(".log-out").click()
    page.wait_for_selector("naru-welcome")
    assert page.evaluate("localStorage.getItem('naru.credentials')") is None
    page.locator(".welcome-actions .button").nth(1).click()
    page.fill("#field-username", minji.username)
    page.fill("#field-password", "not this one")
    page.locator("form [type=submit]").click()
    expect(page.locator(".form-error")).to_have_text("아이디나 비밀번호가 맞지 않아요")
    page.fill("#field-password", PASSWORD)
    page.locator("form [type=submit]").click()
    page.wait_for_selector("naru-chat-list")


def test_messages_and_dialogs_can_be_reached_by_keyboard(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    minji.start_direct(wang)
    wang.accept_invitation()
    minji.say("먼저 한 말")
    minji.say("나중에 한 말")
    wang.bubble("나중에 한 말").wait_for()
    page = minji.page
    page.bring_to_front()
    page.locator(".timeline-scroller").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(minji.bubble("먼저 한 말")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".message-menu button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".message-menu")).to_have_count(0)
    page.locator(".new-chat").click()
    expect(page.locator("#field-person")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".new-chat")).to_be_focused()
