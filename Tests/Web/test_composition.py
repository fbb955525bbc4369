"""Enter that ends a composition sends nothing; the next one sends the whole message, once."""

import pytest

#: What stands in the field while the person types, and what the input method makes of it in the end.
COMPOSITIONS = {
    "hangul": (["ㅎ", "하", "한", "한ㄱ", "한그", "한글"], "한글"),
    "kana": (["k", "か", "かn", "かな"], "仮名"),
    "pinyin": (["n", "ni", "nih", "niha", "nihao"], "你好"),
}


class ChromiumInputMethod:
    """The browser's own input method interface, as far as the debugging protocol reaches it."""

    def __init__(self, person):
        self.page = person.page
        self.session = person.context.new_cdp_session(person.page)

    def compose(self, text):
        self.session.send("Input.imeSetComposition", {
            "text": text, "selectionStart": len(text), "selectionEnd": len(text)})

    def press_enter_while_composing(self):
        self.session.send("Input.dispatchKeyEvent", {
            "type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229})
        self.session.send("Input.dispatchKeyEvent", {
            "type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13})

    def commit(self, text):
        self.session.send("Input.insertText", {"text": text})


class SyntheticInputMethod:
    """The events in the order in which a browser fires them, where it gives no access to its input method."""

    def __init__(self, person):
        self.page = person.page
        self.page.evaluate("""() => {
            const field = document.querySelector('naru-composer textarea');
            const fire = (type, data) => field.dispatchEvent(new CompositionEvent(type, { data, bubbles: true }));
            let before = '';
            let isComposing = false;
            window.inputMethod = {
                compose(text) {
                    if (!isComposing) { before = field.value; isComposing = true; fire('compositionstart', ''); }
                    fire('compositionupdate', text);
                    field.value = before + text;
                    field.dispatchEvent(new InputEvent('input', { data: text, isComposing: true, bubbles: true,
                        inputType: 'insertCompositionText' }));
                },
                enter() {
                    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', keyCode: 229,
                        isComposing: true, bubbles: true, cancelable: true }));
                },
                commit(text) {
                    isComposing = false;
                    field.value = before + text;
                    fire('compositionend', text);
                    field.dispatchEvent(new InputEvent('input', { data: text, bubbles: true,
                        inputType: 'insertCompositionText' }));
                },
            };
        }""")

    def compose(self, text):
        self.page.evaluate("text => inputMethod.compose(text)", text)

    def press_enter_while_composing(self):
        self.page.evaluate("inputMethod.enter()")

    def commit(self, text):
        self.page.evaluate("text => inputMethod.commit(text)", text)


@pytest.mark.parametrize("writing", COMPOSITIONS)
def test_enter_during_a_composition_never_sends(new_person, is_chromium, writing):
    steps, result = COMPOSITIONS[writing]
    minji = new_person("minji")
    room_id = minji.create_room(preset="private_chat", name="혼잣말")
    minji.open_room(room_id)
    minji.field.click()
    method = ChromiumInputMethod(minji) if is_chromium else SyntheticInputMethod(minji)

    for step in steps:
        method.compose(step)
    method.press_enter_while_composing()
    method.press_enter_while_composing()
    minji.page.wait_for_timeout(300)
    assert minji.page.locator(".bubble").count() == 0
    assert minji.messages(room_id) == []

    method.commit(result)
    minji.page.wait_for_timeout(100)
    assert minji.page.locator(".bubble").count() == 0
    # On some systems the key that ended the composition comes once more, as an ordinary one.
    minji.field.press("Enter")
    minji.field.press("Enter")
    minji.page.locator(".message.delivery-received .bubble").wait_for()
    minji.page.wait_for_timeout(300)
    assert minji.page.locator(".bubble").all_inner_texts() == [result]
    assert minji.messages(room_id) == [result]
    assert minji.field.input_value() == ""


def test_a_second_word_is_not_joined_by_the_last_syllable_of_the_first(new_person, is_chromium):
    minji = new_person("minji")
    room_id = minji.create_room(preset="private_chat", name="혼잣말")
    minji.open_room(room_id)
    minji.field.click()
    method = ChromiumInputMethod(minji) if is_chromium else SyntheticInputMethod(minji)
    for word in ("안녕", "반가워"):
        method.compose(word)
        method.press_enter_while_composing()
        method.commit(word)
        minji.field.press("Enter")
    minji.page.locator(".bubble", has_text="반가워").wait_for()
    minji.page.wait_for_timeout(500)
    assert minji.messages(room_id) == ["안녕", "반가워"]


def test_shift_enter_begins_a_new_line(new_person):
    minji = new_person("minji")
    room_id = minji.create_room(preset="private_chat", name="혼잣말")
    minji.open_room(room_id)
    minji.field.press_sequentially("첫 줄")
    minji.field.press("Shift+Enter")
    minji.field.press_sequentially("둘째 줄")
    minji.field.press("Enter")
    minji.page.locator(".message.delivery-received").wait_for()
    assert minji.messages(room_id) == ["첫 줄\n둘째 줄"]
