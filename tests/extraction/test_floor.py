"""Our extraction reaches its floor on every corpus that is here, and the floor never sinks without a reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.append(str(ROOT / "bench"))

import extraction_floor as floors
from declared_container import selector_for
from extraction_contestants import Given, shiyi
from scoring import Answer, compare, day, leaks, minute, pages_of, people, score, summary, title_form

OWN = [folder.relative_to(ROOT).as_posix() for folder in sorted((ROOT / "tests" / "extraction" / "corpus").glob("*/"))]
FLOOR = floors.read()


# --- the floor holds ---------------------------------------------------------------


def _figures(folder: Path) -> floors.Figures:
    run, marks = shiyi(), []
    for page in pages_of(folder, folder.name):
        found = run(Given(page.url, page.body(), ""))
        authors = tuple(found["authors"])
        marks.append(score(page.told, Answer(found["text"], found["title"], found["date"], authors, found["source"])))
    return summary(marks)


@pytest.mark.parametrize("corpus", FLOOR)
def test_every_corpus_reaches_its_floor(corpus: str) -> None:
    folder = ROOT / corpus
    if corpus not in OWN and not folder.is_dir():
        pytest.skip(f"{corpus} is not here, and no part of the project")
    quality = {name: least for name, least in FLOOR[corpus].items() if name not in floors.SPEED}
    assert floors.below({corpus: _figures(folder)}, {corpus: quality}) == []


@pytest.mark.parametrize("corpus", OWN)
def test_our_own_corpora_have_a_floor(corpus: str) -> None:
    assert corpus in FLOOR, "run: python bench/extraction.py --raise-floor"


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no history here: git {words[0]}: {done.stderr.strip()[:200]}")
    return done.stdout.strip()


def test_the_floor_never_sank_without_a_reason() -> None:
    if shutil.which("git") is None:
        pytest.skip("no history here: git is not installed")
    if _git("rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("no history here: the clone is shallow")
    name = floors.FILE.relative_to(ROOT).as_posix()
    if not _git("ls-tree", "HEAD", "--", name):
        pytest.skip("no history here: the floor is not committed yet")
    # Added or modified: a commit that took the file away has no text to show.
    commits = _git("log", "--format=%H", "--diff-filter=AM", "--", name).split()
    assert commits, "it is committed, so some commit must have brought it"
    history = [_git("show", f"{commit}:./{name}") for commit in commits]
    assert floors.sunk(floors.FILE.read_text(encoding="utf-8"), history) == []


# --- comparing, raising, lowering --------------------------------------------------


COMPARED = [
    ("equal", {"F1": 0.9, "leak": 0.1}, []),
    ("rounded as the file is", {"F1": 0.89996, "leak": 0.10004}, []),
    ("better", {"F1": 0.95, "leak": 0.0}, []),
    ("worse by the last digit", {"F1": 0.8999, "leak": 0.1}, ["zh: F1 is 0.8999, below the floor of 0.9"]),
    ("more leaks", {"F1": 0.9, "leak": 0.1001}, ["zh: leak is 0.1001, above the ceiling of 0.1"]),
    ("gone", {"leak": 0.1}, ["zh: F1 is not measured any more, below the floor of 0.9"]),
]


@pytest.mark.parametrize(("figures", "missed"), [case[1:] for case in COMPARED], ids=[case[0] for case in COMPARED])
def test_what_misses_the_floor(figures: floors.Figures, missed: list[str]) -> None:
    floor = {"zh": {"F1": 0.9, "leak": 0.1}, "elsewhere": {"F1": 1.0}}
    assert floors.below({"zh": figures}, floor) == missed


def test_speed_may_miss_its_ceiling_by_the_noise() -> None:
    def missed(cpu: float) -> list[str]:
        return floors.below({"zh": {"cpu": cpu}}, {"zh": {"cpu": 0.8}})

    assert missed(0.91) == []
    assert missed(0.93) == ["zh: cpu is 0.93, above the ceiling of 0.8 by more than 15%"]


def test_only_what_is_better_is_raised() -> None:
    floor = {"zh": {"F1": 0.9, "leak": 0.1, "title": 0.5, "cpu": 0.8}}
    measured = {"zh": {"F1": 0.91234, "leak": 0.05, "title": 0.5, "cpu": 0.75}, "own": {"F1": 0.5}}
    better = floors.above(measured, floor)
    assert better == [("zh", "F1", 0.9123), ("zh", "leak", 0.05), ("own", "F1", 0.5)]
    text = floors.raised(json.dumps({"corpora": floor, "lowered": {"kept": {}}}), better)
    assert json.loads(text) == {
        "corpora": {"zh": {"F1": 0.9123, "leak": 0.05, "title": 0.5, "cpu": 0.8}, "own": {"F1": 0.5}},
        "lowered": {"kept": {}},
    }


def _text(f1: float | None, leak: float = 0.1, **note: object) -> str:
    figures = {"leak": leak} if f1 is None else {"F1": f1, "leak": leak}
    return json.dumps({"corpora": {"zh": figures}, "lowered": {"zh F1": note} if note else {}})


SUNK = [
    ("no history", _text(0.9), [], []),
    ("risen", _text(0.9, 0.0), [_text(0.8)], []),
    ("below its best, not its last", _text(0.85), [_text(0.8), _text(0.9)], ["F1 stood at 0.9 once and is 0.85 now"]),
    ("more leaks", _text(0.9, 0.2), [_text(0.9)], ["leak stood at 0.1 once and is 0.2 now"]),
    ("taken out", _text(None), [_text(0.9)], ["F1 stood at 0.9 once and is None now"]),
    ("with a reason", _text(0.85, **{"from": 0.9, "reason": "two harder pages"}), [_text(0.9)], []),
    ("without one", _text(0.85, **{"from": 0.9, "reason": ""}), [_text(0.9)], ["F1 stood at 0.9 once and is 0.85 now"]),
    (
        "with the reason of an older lowering",
        _text(0.8, **{"from": 0.9, "reason": "two harder pages"}),
        [_text(0.95), _text(0.9)],
        ["F1 stood at 0.95 once and is 0.8 now"],
    ),
]


@pytest.mark.parametrize(("now", "history", "said"), [case[1:] for case in SUNK], ids=[case[0] for case in SUNK])
def test_what_sank(now: str, history: list[str], said: list[str]) -> None:
    assert floors.sunk(now, history) == [f"zh: {sentence}, without a reason" for sentence in said]


# --- the scorer --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("truth", "text", "precision", "recall"),
    [
        ("青禾股份中标", "青禾股份中标", 1.0, 1.0),
        ("青禾股份中标", "", 0.0, 0.0),
        ("", "青禾", 0.0, 1.0),
        ("", "。", 1.0, 1.0),
        ("青禾股份中标", "股份中标", 1.0, 1 / 3),
        ("青禾股份", "青禾股份青禾股份", 1 / 5, 1.0),  # said twice is said once too often
        ("青禾", "青禾", 1.0, 1.0),  # shorter than four tokens: one piece
        ("one two three four five", "one, two three four", 1.0, 1 / 2),
        ("ＡＢ 1２", "AB 12", 1.0, 1.0),
    ],
)
def test_precision_and_recall(truth: str, text: str, precision: float, recall: float) -> None:
    assert compare(truth, text) == (pytest.approx(precision), pytest.approx(recall))


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["张三、李四"], {"张三", "李四"}),
        (["张三 李四"], {"张三", "李四"}),
        (["王 博"], {"王博"}),
        (["记者：王小明"], {"王小明"}),
        (["By Ann Lee and Bo Ray"], {"annlee", "boray"}),
        (["让-雅克·卢梭"], {"让雅克卢梭"}),
        ([""], set()),
    ],
)
def test_people(names: list[str], found: set[str]) -> None:
    assert people(names) == found


@pytest.mark.parametrize(
    ("date", "of_day", "of_minute"),
    [
        ("2026-10-12T07:05:00+08:00", "2026-10-12", "2026-10-12 07:05"),
        ("2026年1月2日 9:30", "2026-01-02", "2026-01-02 09:30"),
        ("20261012", "2026-10-12", ""),
        ("Mon, 12 Oct 2026 07:05:00 GMT", "2026-10-12", "2026-10-12 07:05"),
        ("昨天", "昨天", ""),
    ],
)
def test_dates(date: str, of_day: str, of_minute: str) -> None:
    assert (day(date), minute(date)) == (of_day, of_minute)


def test_titles_differ_in_words_only() -> None:
    assert title_form("“青禾”中标——ＡＢＣ  项目") == title_form('"青禾"中标--abc 项目')
    assert title_form("青禾中标") != title_form("青禾中标_青禾在线")


def test_a_leak_is_what_the_article_does_not_say() -> None:
    truth = "请关注相关新闻。"
    assert leaks(truth, "请关注相关新闻。") == []
    assert leaks(truth, "请关注相关新闻。\n相关新闻\n责任编辑：张三\nRead More") == [
        "read more",
        "相关新闻",
        "责任编辑",
    ]


TOLD = {"text": "青禾股份中标", "title": "中标", "date": "", "author": [], "source": ""}
SCORED = [
    (TOLD, Answer(), {"R": 0, "page_f1": 0, "right": 0, "lost": 1, "leak": 0, "title": 0, "empty": 1}),
    (
        TOLD,
        Answer("青禾股份中标", "中标", "2026-10-12", ("张三",), "青禾报"),
        {
            "P": 1,
            "R": 1,
            "page_f1": 1,
            "right": 1,
            "lost": 0,
            "leak": 0,
            "title": 1,
            "empty": 0,
            "false_date": 1,
            "false_author": 1,
            "false_source": 1,
        },
    ),
    (
        {"date": "2026-10", "datetime": None, "author": ["张三", "李四"], "source": "青禾报", "source_alt": ["青禾"]},
        Answer("文", "", "2026-10-12", ("张三",), "青禾"),
        {"empty": 0, "day": 1, "author_f1": 2 / 3, "source": 1},
    ),
    (
        {"date": "2026-10-12", "datetime": "2026-10-12 07:05", "title": "甲", "title_alt": ["乙"], "text": None},
        Answer("文", "乙", "2026-10-12T07:50"),
        {"empty": 0, "day": 1, "minute": 0, "title": 1},
    ),
]


@pytest.mark.parametrize(("told", "answer", "marks"), SCORED)
def test_marks_of_a_page(told: dict[str, object], answer: Answer, marks: dict[str, float]) -> None:
    none = {name: 0 for name in ("false_date", "false_author", "false_source") if told is TOLD}
    assert score(told, answer) == pytest.approx({**none, **marks})


def test_summary_takes_f1_of_the_means_and_no_precision_from_an_empty_page() -> None:
    marks = [{"P": 1.0, "R": 0.5, "page_f1": 2 / 3}, {"R": 0.5, "page_f1": 0.0, "title": 1.0}]
    assert summary(marks) == pytest.approx({"P": 1.0, "R": 0.5, "F1": 2 / 3, "page_f1": 1 / 3, "title": 1.0})


# --- the container that a source would declare -------------------------------------


@pytest.mark.parametrize(
    ("page", "selector"),
    [
        ("<div id=a><div id=b><p>甲</p><p>乙</p></div><p>丙</p></div>", "#b"),
        ("<div class=text>丁</div><div class='text main'><p>甲</p><p>乙</p></div>", "div.main"),
        ("<div id=a><div>丙</div><div><p>甲</p><p>乙</p></div></div>", "#a > div:nth-of-type(2)"),
        ("<div id=a><p>甲</p><div id=b><p>乙</p></div></div>", "#a"),
        ("<script>甲乙</script><p>丙</p>", ""),
    ],
)
def test_the_container_is_the_smallest_element_with_the_text(page: str, selector: str) -> None:
    assert selector_for(f"<meta charset=utf-8><body>{page}".encode(), "https://example.org/", "甲\n乙") == selector


# --- the benchmark itself ----------------------------------------------------------


PARAGRAPHS = [
    "青禾股份十二日公告，公司中标轻轨三号线供电项目，金额五千八百万元，工期两年。",
    "公司表示，项目明年春天动工，建成以后每天可以运送乘客六万人次，沿线居民出行会方便许多。",
    "业内人士认为，这类订单的毛利并不高，但是回款稳定，对公司的现金流有好处。",
]
PAGE = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>青禾股份中标轻轨项目_青禾在线</title></head><body>"
    "<h1>青禾股份中标轻轨项目</h1><div class='info'>2026-10-12 07:30 来源：青禾证券报</div><div class='content'>"
    f"{''.join(f'<p>{paragraph}</p>' for paragraph in PARAGRAPHS)}</div></body></html>"
)
TRUTH = {
    "url": "https://news.example.cn/a/1.html",
    "title": "青禾股份中标轻轨项目",
    "date": "2026-10-12",
    "datetime": "2026-10-12 07:30",
    "source": "青禾证券报",
    "text": "\n".join(PARAGRAPHS),
    "lang": "zh",
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "one.html").write_text(PAGE, encoding="utf-8")
    (folder / "one.json").write_text(json.dumps(TRUTH), encoding="utf-8")
    return folder


def _bench(corpus: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        str(ROOT / "bench" / "extraction.py"),
        "--corpus",
        str(corpus),
        "--only",
        "shiyi",
        *words,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def test_the_benchmark_tells_figures_and_answers_and_who_is_missing(corpus: Path, tmp_path: Path) -> None:
    scores, pages, no_folder = tmp_path / "scores.json", tmp_path / "pages.jsonl", tmp_path / "file"
    no_folder.write_text("")
    done = _bench(corpus, "--json", str(scores), "--per-page", str(pages), "--only", "gne", "--cache", str(no_folder))
    assert (done.returncode, "gne: not available: " in done.stdout) == (0, True), done.stderr
    (figures,) = json.loads(scores.read_text())["corpora"].values()
    assert {name: figures["shiyi"][name] for name in ("n", "F1", "title", "minute", "source", "errors")} == {
        **dict.fromkeys(("n", "F1", "title", "minute", "source"), 1.0),
        "errors": 0.0,
    }
    (line,) = map(json.loads, pages.read_text().splitlines())
    assert line["answer"] | {"corpus": ""} == {
        "corpus": "",
        "text": TRUTH["text"],
        "title": TRUTH["title"],
        "date": "2026-10-12T07:30:00+08:00",
        "authors": [],
        "source": TRUTH["source"],
    }


def test_the_benchmark_raises_the_floor_checks_it_and_refuses_to_lower_it(corpus: Path, tmp_path: Path) -> None:
    file = tmp_path / "floor.json"
    name = Path(os.path.relpath(corpus, ROOT)).as_posix()
    file.write_text(json.dumps({"corpora": {name: {"F1": 0.5}}, "lowered": {}}))
    assert _bench(corpus, "--raise-floor", "--floor", str(file)).returncode == 0
    assert floors.read(file)[name]["F1"] == 1.0
    assert _bench(corpus, "--check", "--floor", str(file)).returncode == 0
    (corpus / "one.json").write_text(json.dumps(TRUTH | {"title": "另一个标题"}))
    before = file.read_bytes()
    for option, code in (("--check", 1), ("--raise-floor", 2)):
        done = _bench(corpus, option, "--floor", str(file))
        assert (done.returncode, f"{name}: title is 0.0, below the floor of 1.0" in done.stdout) == (code, True)
    assert file.read_bytes() == before
