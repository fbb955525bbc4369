"""Runs the core as WebAssembly in both browsers, under the server's own content security policy, against the vectors
that the Swift tests hold the native build against."""

import functools
import http.server
import os
import pathlib
import re
import subprocess
import sys
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "support"))

import swift_vectors  # noqa: E402

CORE = ROOT / ".build/web-core/core.wasm"
LIBOLM = pathlib.Path("/usr/share/javascript/olm")


def policy():
    """What the server sends with every file of the web client."""
    source = (ROOT / "Sources/Server/HTTPServing/StaticFiles.swift").read_text()
    text = re.search(r'"Content-Security-Policy",\s*((?:\+?\s*"[^"]*"\s*)+)', source)[1]
    return "".join(re.findall(r'"([^"]*)"', text))


class Handler(http.server.SimpleHTTPRequestHandler):
    """`/strict/…` is the same folder without leave to run WebAssembly."""

    extensions_map = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm"}

    def translate_path(self, path):
        return super().translate_path(path.removeprefix("/strict"))

    def end_headers(self):
        allowed = policy()
        if self.path.startswith("/strict/"):
            allowed = allowed.replace(" 'wasm-unsafe-eval'", "")
        self.send_header("Content-Security-Policy", allowed)
        super().end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="session")
def core_origin(tmp_path_factory):
    if not CORE.exists():
        pytest.skip(f"{CORE} is not built; run make web-core")
    folder = tmp_path_factory.mktemp("core")
    (folder / "core.wasm").write_bytes(CORE.read_bytes())
    for name in ("olm.js", "olm.wasm"):
        (folder / name).write_bytes((LIBOLM / name).read_bytes())
    (folder / "index.html").write_text('<!doctype html><title>core</title><script src="olm.js"></script>'
                                       '<script type="module" src="page.js"></script>')
    subprocess.run(["esbuild", ROOT / "Tests/Web/core/page.ts", "--bundle", "--format=esm", "--target=es2022",
                    f"--outfile={folder / 'page.js'}", "--log-level=warning"], check=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def core_page(browser, core_origin):
    context = browser.new_context()
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{core_origin}/index.html")
    page.wait_for_function("typeof check === 'function'")
    yield page
    context.close()
    assert problems == []


@pytest.fixture
def check(core_page):
    """Runs a check of Tests/Web/core/page.ts, which must look at no fewer things than said."""

    def run(name, *vectors, at_least):
        result = core_page.evaluate("([name, vectors]) => check(name, ...vectors)", [name, vectors])
        assert result["findings"] == []
        assert result["count"] >= at_least, "the check looked at too little"

    return run


def test_search_finds_what_it_finds_natively(check):
    expectations = swift_vectors.calls("HangulSearchTests/SearchQueryTests.swift", "expect")
    check("checkSearch", [
        {"query": expected[0], "finds": expected["finds"], "not": expected.get("not", [])} for expected in expectations
    ], at_least=240)


def test_highlights_are_in_units_of_javascript(check):
    check("checkHighlights", at_least=7)


def test_encodings(check):
    json_tests, parser_tests = "CanonicalJSONTests/CanonicalEncodingTests.swift", "CanonicalJSONTests/JSONParserTests.swift"
    base64_tests = "CanonicalJSONTests/UnpaddedBase64Tests.swift"
    check("checkEncodings", {
        "canonical": swift_vectors.arguments(json_tests, "examplesOfTheSpecification"),
        "notCanonical": swift_vectors.arguments(json_tests, "numbersThatAreNotCanonicalAreRefused"),
        "notJSON": swift_vectors.arguments(parser_tests, "textThatIsNotJSONIsRefused")
        + swift_vectors.arguments(parser_tests, "aKeyThatStandsTwiceIsRefused")
        + swift_vectors.arguments(parser_tests, "halfASurrogatePairIsRefused"),
        "notUTF8": swift_vectors.arguments(parser_tests, "bytesThatAreNotUTF8AreRefused"),
        "base64": swift_vectors.arguments(base64_tests, "examplesOfTheSpecification"),
        "notBase64": swift_vectors.arguments(base64_tests, "textThatNoBytesEncodeToIsRefused"),
    }, at_least=90)


@pytest.mark.parametrize("seed", [1, 2])
def test_primitives_agree_with_the_browsers_own(check, seed):
    check("checkAgainstTheBrowser", seed, at_least=480)


def test_curves(check):
    source = (ROOT / "Tests/PrimitivesTests/CurveVectorTests.swift").read_text()
    points = re.search(r"for point in \[(.*?)\]", source, re.S)[1]
    check("checkCurves", re.findall(r'"([0-9a-f]{64})"', points), at_least=22)


def test_signatures_at_the_edge_are_judged_as_natively(check):
    vectors = swift_vectors.arguments("PrimitivesTests/EdgeSignatureTests.swift", "verdicts")
    check("checkVerification", vectors, at_least=20)


def test_megolm_with_libolm(check):
    check("checkGroupSessions", at_least=1_300)


@pytest.mark.parametrize("seed", [1, 2])
def test_olm_with_libolm(check, seed):
    check("checkSessions", seed, 20, at_least=500)


def test_short_strings_with_libolm(check):
    check("checkShortStrings", at_least=42)


def test_files(check):
    check("checkFiles", at_least=50)


def test_machines_talk_and_survive_being_killed(check):
    check("checkMachines", at_least=30)


def test_nothing_that_strangers_send_stops_a_machine(check):
    check("checkHostility", at_least=10)


def test_a_device_is_verified_by_emoji_and_another_recovered(check):
    check("checkVerificationByEmoji", at_least=8)


def test_sessions_are_exported_and_imported(check):
    check("checkExport", at_least=3)


def test_speed_beside_libolm(browser, core_page):
    """Prints the table of docs/performance.md: `MILLISECONDS=3000 pytest -s Tests/Web/test_web_core.py -k speed`.

    A stopwatch on a busy machine says nothing, so it runs only when it is asked for.
    """
    if "MILLISECONDS" not in os.environ:
        pytest.skip("MILLISECONDS says how long to measure each")
    speeds = core_page.evaluate(f"measureSpeed({int(os.environ['MILLISECONDS'])})")
    print(f"\n{browser.browser_type.name} {browser.version}")
    for name, ours in speeds["naru"].items():
        theirs = speeds["libolm"].get(name)
        print(f"| {name} | {ours:,.0f}/s | {theirs:,.0f}/s | {ours / theirs:.2f} × |" if theirs else f"| {name} | {ours:,.0f}/s |")
        assert theirs is None or ours > theirs / 4


@pytest.mark.parametrize(("swift", "typescript"), [
    ("Operation.swift", "operations.ts"), ("MachineMethod.swift", "machine.ts"),
])
def test_both_sides_number_alike(swift, typescript):
    cases = re.findall(r"^    case ([\w, ]+)$", (ROOT / "Sources/Core/WebCore" / swift).read_text(), re.M)
    listed = re.search(r"= \[(.*?)\] as const", (ROOT / "Web/src/core" / typescript).read_text(), re.S)[1]
    assert re.findall(r"\w+", " ".join(cases)) == re.findall(r'"(\w+)"', listed)


def test_arguments_are_looked_at(check):
    check("checkArguments", at_least=5)


def test_no_memory_is_lost(check):
    check("checkMemory", at_least=2)


def test_secrets_are_forgotten(check):
    check("checkThatSecretsAreForgotten", at_least=4)


def test_the_policy_has_to_allow_webassembly(browser, core_origin):
    """And allows nothing else that evaluates."""
    context = browser.new_context()
    attempt = """async () => {
        const tried = {};
        const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
        await WebAssembly.compile(module).then(() => tried.wasm = true, () => tried.wasm = false);
        try { tried.script = (0, eval)("1") === 1 } catch { tried.script = false }
        return tried;
    }"""
    page = context.new_page()
    page.goto(f"{core_origin}/index.html")
    assert page.evaluate(attempt)["wasm"] is True
    page.goto(f"{core_origin}/strict/index.html")
    assert page.evaluate(attempt)["wasm"] is False
    context.close()
