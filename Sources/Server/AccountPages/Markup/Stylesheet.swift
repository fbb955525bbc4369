import Crypto
import UnpaddedBase64

/// The look of our pages: the web client's ink and coral on calm blue-grey.
enum Stylesheet {
    static let path = "/oauth2/style.css"
    /// Changes with the text, so that browsers may keep it for ever.
    static let address =
        path + "?"
        + UnpaddedBase64.encode(
            Array(SHA256.hash(data: Array(text.utf8)).prefix(9)), alphabet: .urlSafe)

    static let text = """
        :root {
            color-scheme: light dark;
            --ink: light-dark(#2b2f55, #e7e9f7);
            --text: light-dark(#1d2040, #eceefa);
            --muted: light-dark(#5c6183, #a4a9c8);
            --ground: light-dark(#e9eef4, #10121c);
            --card: light-dark(#ffffff, #212438);
            --sunken: light-dark(#eff1f7, #2f3350);
            --line: light-dark(#e3e6ef, #363b57);
            --edge: light-dark(#878cab, #7c82a6);
            --accent: light-dark(#2b2f55, #93b2ff);
            --accent-hover: light-dark(#3a3f6e, #a9c2ff);
            --on-accent: light-dark(#ffffff, #12142a);
            --coral: light-dark(#ffd6cc, #713b34);
            --on-coral: light-dark(#33191a, #fff3ef);
            --good: light-dark(#136d54, #6fd3b0);
            --danger: light-dark(#b3261e, #ff9d92);
            --on-danger: light-dark(#ffffff, #2a0f0c);
            --link: light-dark(#2a56c6, #9dbbff);
            --focus: light-dark(#3d6df0, #9dbbff);
            --banner: light-dark(#fff1d9, #3a2f1b);
            --on-banner: light-dark(#5b3d06, #ffdf9f);
        }
        *, *::before, *::after { box-sizing: border-box; }
        body {
            display: flex; flex-direction: column; align-items: center;
            min-block-size: 100vh; min-block-size: 100dvh; margin: 0; padding: 32px 16px;
            background: var(--ground); color: var(--text);
            font: 400 16px/1.55 "Pretendard", -apple-system, BlinkMacSystemFont, "Apple SD Gothic Neo", "Segoe UI",
                "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", "Noto Sans", sans-serif;
            word-break: keep-all; overflow-wrap: anywhere;
            -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
        }
        h1, h2, p, ul, dl, dd { margin: 0; padding: 0; }
        ul { list-style: none; }
        h1 { font-size: 23px; line-height: 1.35; font-weight: 700; color: var(--ink); letter-spacing: -0.01em; }
        h2 { font-size: 17px; line-height: 1.4; font-weight: 700; color: var(--ink); }
        a { color: var(--link); text-underline-offset: 3px; }
        :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 6px; }
        .brand { display: flex; align-items: center; gap: 10px; margin-block: auto 18px; color: var(--ink); }
        .brand svg { inline-size: 36px; block-size: 36px; }
        .brand span { font-size: 18px; font-weight: 700; }
        main {
            display: flex; flex-direction: column; gap: 18px;
            inline-size: min(420px, 100%); padding: 32px 28px 28px;
            border-radius: 26px; background: var(--card);
            box-shadow: light-dark(0 8px 36px rgb(43 47 85 / 0.09), none);
        }
        footer { margin-block: 20px auto; color: var(--muted); font-size: 13px; text-align: center; }
        .lead { color: var(--muted); }
        h1 + .lead { margin-block-start: -10px; }
        form { display: flex; flex-direction: column; gap: 16px; }
        .field { display: flex; flex-direction: column; gap: 6px; }
        .field label, .term { font-size: 14px; font-weight: 600; color: var(--muted); }
        input:not([type="checkbox"]) {
            inline-size: 100%; min-block-size: 50px; padding: 0 16px;
            border: 1.5px solid var(--edge); border-radius: 14px;
            background: var(--sunken); color: var(--text); font: inherit;
        }
        input[aria-invalid="true"] { border-color: var(--danger); }
        input:not([type="checkbox"]):focus-visible { outline-offset: 0; border-radius: 14px; }
        .code input { text-align: center; font-size: 24px; letter-spacing: 0.12em; text-transform: uppercase; }
        .help { font-size: 14px; color: var(--muted); }
        .error { font-size: 14px; font-weight: 600; color: var(--danger); }
        .check { display: flex; align-items: flex-start; gap: 10px; min-block-size: 44px; padding-block: 9px; }
        .check input { flex: none; inline-size: 22px; block-size: 22px; margin: 1px 0 0; accent-color: var(--accent); }
        .button {
            display: inline-flex; align-items: center; justify-content: center;
            min-block-size: 50px; padding: 10px 20px; border: 0; border-radius: 14px;
            background: var(--sunken); color: var(--ink); font: inherit; font-weight: 700;
            text-align: center; text-decoration: none; cursor: pointer; transition: background 120ms;
        }
        .button:hover { background: var(--line); }
        .button.primary { background: var(--accent); color: var(--on-accent); }
        .button.primary:hover { background: var(--accent-hover); }
        .button.danger { background: var(--danger); color: var(--on-danger); }
        .button.danger:hover { filter: brightness(1.08); }
        .button.small { min-block-size: 44px; padding: 6px 14px; font-size: 14px; }
        .button:focus-visible { border-radius: 14px; }
        .actions { display: flex; flex-direction: column; gap: 10px; }
        .plain { border: 0; padding: 10px 4px; min-block-size: 44px; background: none; color: var(--link); font: inherit; text-decoration: underline; text-underline-offset: 3px; cursor: pointer; }
        .aside { text-align: center; color: var(--muted); }
        .aside a { display: inline-block; padding-block: 10px; font-weight: 600; }
        .person {
            display: flex; align-items: center; gap: 12px; padding: 12px 14px;
            border-radius: 18px; background: var(--coral); color: var(--on-coral);
        }
        .person .initial {
            display: grid; place-items: center; flex: none; inline-size: 44px; block-size: 44px;
            border-radius: 16px; background: light-dark(#ffffffb3, #00000038); font-size: 20px; font-weight: 700;
        }
        .person .name { display: block; font-weight: 700; line-height: 1.35; }
        .person .identifier { display: block; font-size: 14px; direction: ltr; unicode-bidi: isolate; text-align: start; }
        .facts { display: flex; flex-direction: column; gap: 12px; padding: 16px; border-radius: 18px; background: var(--sunken); }
        .facts dt { font-size: 13px; font-weight: 600; color: var(--muted); }
        .facts dd { font-weight: 600; }
        .facts dd.identifier { direction: ltr; unicode-bidi: isolate; text-align: start; }
        .bullets { display: flex; flex-direction: column; gap: 8px; padding-inline-start: 20px; list-style: disc; }
        .notice { padding: 14px 16px; border-radius: 16px; background: var(--banner); color: var(--on-banner); font-size: 15px; }
        .notice.good { background: light-dark(#dff5ec, #17352c); color: var(--good); font-weight: 600; }
        .notice.bad { background: light-dark(#fdeae7, #45211d); color: light-dark(#8c1d16, #ffc4bc); font-weight: 600; }
        .list { display: flex; flex-direction: column; border-radius: 18px; overflow: hidden; background: var(--sunken); }
        .list > li + li { border-block-start: 1px solid var(--line); }
        .list a.row {
            display: flex; align-items: center; justify-content: space-between; gap: 12px;
            min-block-size: 56px; padding: 12px 16px; color: var(--text); text-decoration: none; font-weight: 600;
        }
        .list a.row:hover { background: var(--line); }
        .list a.row:focus-visible { outline-offset: -3px; border-radius: 18px; }
        .list a.row .detail { display: block; color: var(--muted); font-weight: 400; font-size: 14px; }
        .list a.row.risky { color: var(--danger); }
        .list .arrow { flex: none; color: var(--muted); }
        .tag { display: inline-block; padding: 1px 9px; border-radius: 10px; background: var(--coral); color: var(--on-coral); font-size: 13px; font-weight: 700; }
        .back { align-self: flex-start; margin-block: -8px; padding-block: 10px; font-weight: 600; text-decoration: none; }
        .back:hover { text-decoration: underline; }
        @media (max-width: 479px) {
            body { padding: 20px 12px; }
            main { padding: 26px 20px 22px; border-radius: 22px; }
        }
        @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
        """
}
