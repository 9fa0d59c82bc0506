"""The list of faults: a row each, and where the tests of a row stand that do not carry its id in their name.

A test belongs to a row when its name or its case holds the row's id (``test_N8_…``, ``[H14-gzip-bomb]``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePosixPath

README = Path(__file__).resolve().parents[2] / "README.md"

_ROWS = {
    "N": """
        no such host name | connection refused or reset | silence, or one byte at a time | a body without an end
        | fewer bytes than announced | a certificate that proves nothing | a host with one kind of address only
        | the whole network is down | a proxy in the environment | the network goes in the middle of a run""",
    "H": """
        a list that has moved for good | redirects without end | a redirect to a file, a script or a private address
        | an article that leads to the home page | "not modified" | validators that lie | a crash between a list and its articles
        | an article that is gone | a door that stays shut | Retry-After in every form | one article that always fails
        | a picture, a PDF, a video for an article | a page for a feed | compression bombs, cut and false compression
        | a bomb that does not say so | headers that no server should send | a page behind a cookie
        | addresses that are too long, or none | a server that knows plain GET only | a page in several variants""",
    "S": """
        private addresses | a name that changes its address | addresses in disguise | links to foreign hosts
        | sitemaps without end | lists without end""",
    "X": """
        an empty page | broken markup | a page nested too deep | a page of too many tags | a page that kills the parser
        | a page that only a script fills | an article on several pages | an article in data only | pages that are no articles
        | what stands around an article | what a page hides | XML that reads files or explodes | a feed that is cut off
        | a feed that is no clean XML | a sitemap that is none | feed entries without link, id, title or date
        | relative addresses | a canonical address that lies | text that is escaped twice""",
    "C": """
        GBK under a false name | UTF-8 under a false name | other encodings | damaged bytes | text that was damaged at its site
        | control characters | line ends and blanks of every kind | direction marks and what is not seen
        | forms of one character | titles without measure | characters beyond the basic plane""",
    "D": """
        a time without a zone | zones of several meanings | Chinese and relative dates | numbers and days that are none
        | a date in the future | places of a page that disagree | only some other date | a date that changes with each visit
        | a clock that is wrong | summer time, TZ, another machine | leap seconds and ancient years""",
    "Y": """
        titles that mean something in YAML | titles that look like other values | titles that end the header or add a key
        | a body with a fence of its own | template tags | active markup | Markdown by accident | the first byte of a document
        | values without measure | YAML 1.1, 1.2, line ends, marks""",
    "F": """
        ids that are paths | names that are too long | one title, one day, two articles | a name that is taken
        | a title that changes | disks that fold case | links that lead out of the folder | a hundred thousand files""",
    "K": """
        a full disk | a disk that is nearly full | a folder that may not be written | a failed sync | a short write
        | killed at any call | a power cut at any point | a crash while mending | a spoiled document
        | a document that a person changed | temporary files of a dead run | a collection that has moved
        | an index older or newer than its files | a log that fills the disk""",
    "B": """
        two runs at once | a reader that holds the index | two writers that read first | no database, or a damaged one
        | no index, but documents | an older schema | a newer schema | another program's database | a lost write-ahead log
        | a network disk | text that no database takes | growth over the years | an SQLite that is too old""",
    "R": """
        robots.txt that can not be had | robots.txt by its status | robots.txt however it is written
        | robots.txt that turns to no | delays of several kinds | one host, several sources | reservations of a page
        | a first run on a large site""",
    "U": """
        one article, several addresses | two articles, nearly one address | one story, several sources
        | pages of one template | very short texts | a correction | a page that changes all the time
        | an article that becomes a stub | an article that moves | another order of arrival
        | a list that has rolled on | another version of the fingerprint""",
    "G": """
        a source that has gone silent | texts that shrink, fields that go | one paragraph in every article | a domain that was sold
        | more and more pages that are none | a broken source file | two sources of one name | a verdict that flaps
        | cron that has stopped""",
    "E": """
        SIGTERM and SIGINT | SIGKILL | a run longer than its interval | cron's environment | a page that takes all memory
        | a dependency that changes the text | text that writes log lines | secrets in addresses | leaks""",
}  # fmt: skip
TITLES = {
    f"{letter}{number}": " ".join(title.split())
    for letter, titles in _ROWS.items()
    for number, title in enumerate(titles.split("|"), start=1)
}
_IN_A_NAME = re.compile(r"(?:(?<![A-Za-z0-9])|(?<=Test))([NHSXCDYFKBRUGE][1-9]\d?)(?![0-9a-z])")


# Tests that are older than the list: file, and the beginning of their names.
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "N6": ("test_addresses.py::TestCertificates",),
    "N9": ("test_proxy.py::TestGuard",),
    "H5": (
        "test_crawl.py::TestOneSite::test_second_run_asks_for_the_list_only",
        "test_crawl.py::TestOneSite::test_second_run_sends_the_validators_it_was_given",
    ),
    "H10": ("test_retries.py::test_retry_after",),
    "H11": ("test_index.py::test_a_failing_article_is_tried_later_and_later_then_given_up",),
    "H18": ("test_identity.py::test_never_fetched", "test_identity.py::test_canonical_form"),
    "S1": ("test_guards.py::test_private_address_may_not", "test_addresses.py::test_private"),
    "S3": ("test_guards.py::test_host_that_spells_an_address", "test_addresses.py::test_private"),
    "S4": ("test_addresses.py::test_links_out_of_scope_are_dropped", "test_scope.py::test_refused"),
    "S6": (
        "test_polling.py::test_walk_ends_after_ten_pages_and_reports_the_gap",
        "test_multi_page.py::test_thirty_pages_are_enough",
    ),
    "X5": (
        "test_worker.py::test_page_that_kills_the_process_is_named",
        "test_hostile_runs.py::TestPageThatKillsTheWorker",
    ),
    "X6": ("test_shapes.py::test_a_page_that_only_a_script_fills_is_no_article",),
    "X7": (
        "test_multi_page.py::test_three_pages_are_one_document",
        "test_multi_page.py::test_one_page_missing_is_all_owed",
    ),
    "X8": ("test_shapes.py::test_the_text_is_whole_and_nothing_else[in ",),
    "X9": ("test_quality_pages.py::test_a_doubtful_page_is_held_back_with_its_reason",),
    "X10": ("test_body.py::",),
    "X12": ("test_feed.py::test_billion_laughs_costs_nothing", "test_feed.py::test_what_is_refused"),
    "X13": ("test_feed.py::test_a_feed_that_is_cut_off_keeps_its_whole_items",),
    "X14": (
        "test_feed.py::test_what_stands_before_the_feed",
        "test_feed.py::test_addresses_survive_what_is_broken_elsewhere",
    ),
    "X16": ("test_feed.py::test_where_the_link_stands", "test_feed.py::test_bad_entries"),
    "X17": ("test_listing.py::test_links_are_resolved",),
    "C1": ("test_charset.py::test_the_header_may_lie", "test_charset.py::test_the_meta_may_lie"),
    "C6": ("test_text.py::test_nothing_unseen_gets_through",),
    "C7": ("test_text.py::test_twice_is_once", "test_text.py::test_clean_text"),
    "C9": ("test_text.py::test_fold_is_equal_for_variants",),
    "C11": ("test_text.py::test_a_cut_leaves_whole_characters",),
    "D3": ("test_dates.py::test_in_beijing",),
    "D4": ("test_dates.py::test_never_an_exception_and_never_out_of_range",),
    "D5": ("test_dates.py::test_the_future_is_clamped_or_refused",),
    "D6": ("test_metadata.py::test_when_it_was_published",),
    "D10": ("test_dates.py::test_the_machine_has_no_say",),
    "Y1": ("test_front_matter.py::test_any_text_gives_the_same_keys_and_values_everywhere",),
    "Y2": ("test_front_matter.py::test_a_value_that_looks_like_yaml_is_read_as_it_stands",),
    "Y4": ("test_front_matter.py::test_a_body_with_fences_of_its_own_leaves_the_header_alone",),
    "Y5": ("test_styles.py::test_no_template_is_left_in_a_body",),
    "Y6": ("test_markup.py::test_nothing_active_survives",),
    "Y9": ("test_front_matter.py::test_long_values_are_bounded",),
    "F1": ("test_naming.py::test_a_name_is_safe", "test_naming.py::test_no_path_leaves"),
    "F3": ("test_library.py::test_what_differs_is_another_document",),
    "F4": ("test_library.py::test_a_foreign_file_under_the_wanted_name_is_never_overwritten",),
    "F5": ("test_library.py::test_a_correction_replaces_the_text_and_keeps_the_old_one",),
    "F6": ("test_naming.py::test_two_",),
    "F7": ("test_library.py::test_a_path_that_leaves_the_folder_is_refused",),
    "K3": ("test_usage.py::test_folder",),
    "K13": ("test_backup.py::test_a_restored_copy_is_the_collection", "test_rebuild.py::"),
    "B1": ("test_endings.py::TestLock",),
    "B11": ("test_text.py::test_fields_are_one_line_of_valid_utf8_in_nfc",),
    "R2": ("test_robots.py::test_allowed", "test_robots.py::test_refused"),
    "R8": ("test_polling.py::test_limit_fetches_the_newest_and_no_more",),
    "U1": ("test_identity.py::test_one_page",),
    "U2": ("test_identity.py::test_two_pages",),
    "U4": ("test_fingerprint.py::test_a_digit_counts",),
    "U5": ("test_library.py::test_what_differs_is_another_document",),
    "U6": ("test_library.py::test_a_correction_replaces_the_text_and_keeps_the_old_one",),
    "U7": ("test_second_looks.py::test_a_page_that_flaps_is_frozen_and_named", "test_flicker.py::"),
    "U8": ("test_second_looks.py::test_a_page_that_says_that_it_is_deleted_is_withdrawn",),
    "U9": ("test_found_in_review.py::test_address_that_leads_to_a_known_article_is_fetched_once",),
    "U11": ("test_polling.py::test_list_that_ends_without_overlap_reports_the_gap",),
    "U12": ("test_fingerprint.py::test_form_and_version",),
    "G5": ("test_verdict.py::test_verdict",),
    "G6": ("test_loader.py::test_broken_file",),
    "G7": ("test_loader.py::test_two_sources_of_one_name_stop_the_program",),
    "E1": ("test_endings.py::TestTerm", "test_endings.py::test_next_run_completes[SIGTERM]"),
    "E2": ("test_endings.py::TestKill", "test_endings.py::test_next_run_completes[SIGKILL]"),
    "E4": ("test_setup_run.py::test_current_folder", "test_setup_run.py::test_through_symbolic_links"),
    "E6": ("test_sites.py::",),
    "E7": ("test_hostile_runs.py::TestRunOverTheCorpus",),
}  # fmt: skip


def rows_of(node: str, case_rows: Mapping[str, str]) -> set[str]:
    """The rows that a test belongs to; ``case_rows`` names the row of each page of tests/hostile/."""
    file, _, names = node.partition("::")
    if file.endswith("faults/test_table.py"):  # it tries the table, no row
        return set()
    found = {row for row in _IN_A_NAME.findall(node.replace("_", " ")) if row in TITLES}
    place = f"{PurePosixPath(file).name}::{names}"
    found |= {row for row, begins in ELSEWHERE.items() if place.startswith(begins)}
    if place.startswith("test_hostile.py::") and place.endswith("]"):
        found |= {case_rows.get(place[place.index("[") + 1 : -1], "")} & TITLES.keys()
    return found


@cache
def does_not_apply() -> dict[str, str]:
    """Rows that the README's table of promises leaves out, with its reason: ``| S5, X15 | reason |``."""
    found = re.findall(r"^\| ((?:[A-Z][1-9]\d?(?:, )?)+) \| (.+?) \|$", README.read_text("utf-8"), re.MULTILINE)
    return {row: reason for rows, reason in found for row in rows.split(", ")}
