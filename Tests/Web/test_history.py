"""A long history is read back to its beginning."""

COUNT = 500

#: Scrolls up step by step, as a wheel does, and writes down every message that comes into sight.
READ_BACK = """async (wanted) => {
    const scroller = document.querySelector('.timeline-scroller');
    const seen = new Map();
    let largest = 0;
    const frames = [];
    let jumps = 0;
    const note = () => {
        const view = scroller.getBoundingClientRect();
        const rows = [...document.querySelectorAll('.message')];
        largest = Math.max(largest, rows.length);
        for (const row of rows) {
            const box = row.getBoundingClientRect();
            if (box.bottom > view.top && box.top < view.bottom) {
                seen.set(row.dataset.eventId, row.querySelector('.bubble').textContent);
            }
        }
    };
    const visibleRow = () => {
        const view = scroller.getBoundingClientRect();
        return [...document.querySelectorAll('.message')].find((row) => row.getBoundingClientRect().top > view.top + 80);
    };
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const deadline = performance.now() + 60000;
    note();
    while (seen.size < wanted && performance.now() < deadline) {
        const row = visibleRow();
        const before = row?.getBoundingClientRect().top;
        const at = scroller.scrollTop;
        const began = performance.now();
        scroller.scrollTop -= 300;
        await frame(); await frame();
        frames.push((performance.now() - began) / 2);
        // What was in sight has moved down by as much as was scrolled, whatever was added above it.
        if (row?.isConnected && at > 300 && Math.abs(row.getBoundingClientRect().top - before - 300) > 2) jumps += 1;
        note();
    }
    frames.sort((first, second) => first - second);
    return { texts: [...seen.values()], largest, jumps, median: frames[frames.length >> 1],
        slowest: frames[Math.floor(frames.length * 0.95)] };
}"""


def test_five_hundred_messages_are_seen_once_and_in_order(new_person):
    minji = new_person("minji")
    room_id = minji.create_room(preset="private_chat", name="긴 이야기")
    for number in range(1, COUNT + 1):
        minji.send(room_id, f"{number}번째 이야기" + " 조금 더 길게 이어지는 말" * (number % 7))
    minji.page.reload()
    minji.open_room(room_id)
    minji.bubble(f"{COUNT}번째 이야기").wait_for()
    result = minji.page.evaluate(READ_BACK, COUNT)
    numbers = sorted(int(text.split("번째")[0]) for text in result["texts"])
    print({name: value for name, value in result.items() if name != "texts"})
    assert numbers == list(range(1, COUNT + 1))
    assert result["jumps"] == 0
    assert result["largest"] < 150

    # Down again: everything once, in order, and the button takes us to the end.
    order = minji.page.evaluate("""async () => {
        const scroller = document.querySelector('.timeline-scroller');
        const texts = [];
        const seen = new Set();
        for (let step = 0; step < 600; step += 1) {
            for (const row of document.querySelectorAll('.message')) {
                if (!seen.has(row.dataset.eventId)) {
                    seen.add(row.dataset.eventId);
                    texts.push(parseInt(row.querySelector('.bubble').textContent));
                }
            }
            if (scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 2) break;
            scroller.scrollTop += 350;
            await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        }
        return texts;
    }""")
    assert order == list(range(1, COUNT + 1))


def test_new_messages_do_not_move_who_reads_back(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    room_id = minji.start_direct(wang)
    wang.accept_invitation()
    for number in range(60):
        wang.send(room_id, f"옛날 이야기 {number}")
    minji.bubble("옛날 이야기 59").wait_for()
    minji.page.evaluate("document.querySelector('.timeline-scroller').scrollTop -= 1500")
    minji.page.locator(".to-newest").wait_for()
    place = "() => [...document.querySelectorAll('.bubble')].map((one) => [one.textContent, one.getBoundingClientRect().top]).filter(([, top]) => top > 100 && top < 700)"
    before = minji.page.evaluate(place)
    wang.send(room_id, "새 소식 하나")
    wang.send(room_id, "새 소식 둘")
    minji.page.locator(".to-newest", has_text="새 메시지 2개").wait_for()
    assert minji.page.evaluate(place) == before
    minji.page.locator(".to-newest").click()
    minji.bubble("새 소식 둘").wait_for()
    minji.page.locator(".to-newest").wait_for(state="detached")


def test_a_late_page_of_history_moves_nothing(new_person):
    minji, wang = new_person("minji"), new_person("wang")
    room_id = minji.create_room(preset="private_chat", name="느린 길", invite=[wang.user_id])
    for number in range(1, 121):
        minji.send(room_id, f"{number}번째 이야기")
    held, is_released = [], []
    wang.page.route("**/messages?**",
                     lambda route: route.continue_() if is_released else held.append(route))
    # Who comes in later gets the newest messages only.
    wang.join(room_id)
    wang.open_room(room_id)
    wang.bubble("120번째 이야기").wait_for()
    wang.page.evaluate("document.querySelector('.timeline-scroller').scrollTop = 0")
    wang.page.locator(".history-state").wait_for()
    wang.page.wait_for_timeout(300)
    place = """() => Math.round([...document.querySelectorAll('.message')].find((one) =>
        one.querySelector('.bubble').textContent.startsWith('84번째')).getBoundingClientRect().top)"""
    before = wang.page.evaluate(place)
    assert len(held) == 1
    is_released.append(True)
    held[0].continue_()
    wang.page.locator(".history-state").wait_for(state="detached")
    wang.page.wait_for_timeout(300)
    assert abs(wang.page.evaluate(place) - before) <= 1
    assert wang.page.evaluate("document.querySelector('.timeline-scroller').scrollTop") > 1000
