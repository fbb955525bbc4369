"""Pictures of every screen, wide and narrow, light and dark, Korean and English; and what can be measured of them."""

import datetime

import pytest
from playwright.sync_api import expect

SIZES = {"360": (360, 740), "768": (768, 1024), "1440": (1440, 860)}

MEASURE = """() => {
    const problems = [];
    if (document.documentElement.scrollWidth > innerWidth) problems.push('wider than the window');
    for (const target of document.querySelectorAll('button, a.rail-item, .chat-row a, input, textarea, select')) {
        const box = target.getBoundingClientRect();
        if (box.width === 0 || getComputedStyle(target).visibility === 'hidden') continue;
        const shell = target.closest('.field-box, .chat-search, .toggle, .failed-actions') ?? target;
        const outer = shell.getBoundingClientRect();
        if (Math.max(box.height, outer.height) < 44) problems.push(`low: ${target.className} ${box.height}`);
        const name = target.getAttribute('aria-label') || target.textContent.trim() || target.labels?.length;
        if (!name) problems.push(`nameless: ${target.outerHTML.slice(0, 90)}`);
        if (box.right > innerWidth + 1 || box.left < -1) problems.push(`out of sight: ${target.className}`);
    }
    return problems;
}"""


@pytest.fixture(scope="module")
def names():
    return {"minji": "민지", "wang": "王雨涵", "ayu": "Ayu", "jun": "준호"}


@pytest.fixture
def shots(new_person, screenshots, browser, names):
    """Some people, their rooms, and a way to take pictures of what one of them sees."""

    def prepare(size, scheme, locale):
        minji = new_person("minji", viewport=SIZES[size], color_scheme=scheme, locale=locale)
        others = {name: new_person(name) for name in ("wang", "ayu", "jun")}
        for person, name in [(minji, "minji"), *((person, name) for name, person in others.items())]:
            person.set_name(names[name])

        def shoot(name):
            minji.page.mouse.move(0, 0)
            minji.page.wait_for_timeout(250)
            file = f"{browser.browser_type.name}-{name}-{size}-{scheme}-{locale[:2]}.png"
            minji.screenshot(screenshots / file)
            assert minji.page.evaluate(MEASURE) == [], name

        return minji, others, shoot

    return prepare


def fill_rooms(minji, others):
    """A group in the middle of a conversation, a conversation of two, an invitation."""
    wang, ayu, jun = others["wang"], others["ayu"], others["jun"]
    everybody = [person.user_id for person in others.values()]
    trip = minji.create_room(preset="private_chat", name="제주 여행 🍊", invite=everybody)
    for person in others.values():
        person.join(trip)
    direct = wang.create_room(preset="private_chat", invite=[minji.user_id], is_direct=True)
    minji.join(direct)
    crowd = jun.create_room(preset="private_chat", invite=[minji.user_id, wang.user_id, ayu.user_id])
    for person in (minji, wang, ayu):
        person.join(crowd)
    ayu.create_room(preset="private_chat", name="K-pop dance crew", invite=[minji.user_id])
    for text in ("비행기표 끊었어요! 금요일 아침 7시 10분 ✈️", "공항에서 6시에 만나면 될까요?"):
        jun.send(trip, text)
    minji.send(trip, "네! 저는 공항버스 타고 갈게요")
    wang.send(trip, "照片太美了！我下个月也想去")
    ayu.send(trip, "See you all there! 🧡")
    ayu.send(trip, "I’ve put the list of places into https://example.org/jeju-places, have a look and add whatever "
                   "you would like to eat or see.")
    minji.send(trip, "바다 색깔 실화?! 다음엔 나도 꼭 간다")
    minji.send(trip, "🍊")
    jun.send(crowd, "다음 주 보드게임 모임 어때요?")
    ayu.send(crowd, "좋아요, 제가 케이크 가져갈게요 🍰")
    wang.send(direct, "你好！今天可以直接连上了")
    minji.send(direct, "와, 이제 잘 되네요!")
    wang.send(direct, "나루 덕분이에요 😄")
    return trip, direct


@pytest.mark.parametrize("locale", ["ko-KR", "en-US"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["360", "1440"])
def test_every_screen(shots, size, scheme, locale):
    minji, others, shoot = shots(size, scheme, locale)
    page = minji.page
    page.wait_for_timeout(300)
    shoot("empty")
    trip, direct = fill_rooms(minji, others)
    expect(page.locator(".chat-row")).to_have_count(4)
    page.locator(".chat-row", has_text="나루 덕분").wait_for()
    shoot("chats")
    minji.open_room(trip)
    page.locator(".bubble", has_text="바다 색깔").wait_for()
    others["jun"].request("POST", f"/_matrix/client/v3/rooms/{trip}/read_markers",
                          {"m.read": others["jun"].send(trip, "저도요!")})
    page.locator(".bubble", has_text="저도요!").wait_for()
    shoot("group")
    page.locator(".room-header .icon-button").last.click()
    shoot("info")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.evaluate("location.hash = '#/'")
    minji.open_room(direct)
    page.locator(".bubble", has_text="나루 덕분").wait_for()
    shoot("direct")
    page.evaluate("location.hash = '#/'")
    page.locator(".chat-row a:has(.invitation-badge)").click()
    page.locator(".accept").wait_for()
    shoot("invitation")
    page.evaluate("location.hash = '#/'")
    page.locator(".new-chat").click()
    shoot("new-chat")
    page.locator("dialog .segment[data-value=group]").click()
    page.fill("#field-group-person", others["wang"].username)
    page.locator(".add-person").click()
    page.locator(".chosen-person").wait_for()
    shoot("new-group")
    page.keyboard.press("Escape")
    page.locator(".rail-item:visible, .list-settings:visible").last.click()
    page.locator(".settings").wait_for()
    shoot("settings")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["360", "768", "1440"])
def test_before_signing_in(new_person, screenshots, browser, size, scheme):
    for locale in ("ko-KR", "en-US"):
        person = new_person("guest", sign_up=False, viewport=SIZES[size], color_scheme=scheme, locale=locale)
        page = person.page
        page.goto(person.origin)
        name = f"{browser.browser_type.name}-{{}}-{size}-{scheme}-{locale[:2]}.png"
        page.locator("naru-welcome").wait_for()
        person.screenshot(screenshots / name.format("welcome"))
        assert page.evaluate(MEASURE) == []
        page.locator("naru-welcome .primary").click()
        page.fill("#field-username", "Min ji")
        page.fill("#field-password", "short")
        page.locator("form [type=submit]").click()
        page.wait_for_timeout(600)
        person.screenshot(screenshots / name.format("sign-up"))
        assert page.locator(".help.error").count() == 2
        assert page.evaluate(MEASURE) == []


def test_lost_connection_is_said_and_comes_back(new_person, screenshots, browser):
    minji = new_person("minji")
    minji.page.wait_for_timeout(500)
    minji.page.route("**/_matrix/client/v3/sync**", lambda route: route.abort())
    # The request that is waiting has to end before the client can notice.
    minji.page.reload()
    minji.page.locator(".stage .banner").wait_for()
    minji.screenshot(screenshots / f"{browser.browser_type.name}-banner-1440-light-ko.png")
    minji.page.unroute("**/_matrix/client/v3/sync**")
    minji.page.locator(".stage .banner .button").click()
    expect(minji.page.locator(".stage .banner")).to_have_count(0)


def test_language_and_theme_can_be_chosen_and_stay(new_person):
    minji = new_person("minji")
    page = minji.page
    page.locator(".rail button").click()
    page.locator(".settings .segment[data-value=en]").click()
    expect(page.locator(".chat-list h1")).to_have_text("Chats")
    page.locator(".settings .segment[data-value=dark]").click()
    page.reload()
    expect(page.locator(".chat-list h1")).to_have_text("Chats")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(24, 26, 41)"
    assert page.evaluate("document.documentElement.lang") == "en"


def test_days_are_divided_and_minutes_grouped(new_person):
    minji = new_person("minji")
    room_id = minji.create_room(preset="private_chat", name="하루")
    minji.open_room(room_id)
    for text in ("하나", "둘", "셋"):
        minji.say(text)
    minji.row("셋").locator("time").wait_for()
    today = datetime.date.today()
    expect(minji.page.locator(".day-row")).to_have_count(1)
    expect(minji.page.locator(".day-row")).to_contain_text(f"{today.year}년")
    times = minji.page.locator(".message time").all_inner_texts()
    assert len(times) == len(set(times)), "the same minute is written once"
