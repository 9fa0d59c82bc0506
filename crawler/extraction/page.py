"""One page's bytes -> one Extraction. The flow of extraction reads from top to bottom here.

Pure. The same bytes give the same result, whatever was extracted before. A page that
is no article is no error: it comes back with a ``problem``.
"""

from __future__ import annotations

from crawler.errors import ExtractionError
from crawler.extraction import charset, quality, signals
from crawler.extraction.content import blocks, body, headline
from crawler.extraction.content.embedded import Embedded
from crawler.extraction.facts import accounts, context, metadata, reservations, zones
from crawler.extraction.quality import Problem
from crawler.extraction.series import continuation
from crawler.extraction.stub import may_be_stub, target_of
from crawler.extraction.tree import parse
from crawler.models import Candidate, Extraction, Page, Source

_EASTERN = ("zh", "ja", "ko")


def extract(
    page: Page,
    source: Source | None = None,
    candidate: Candidate | None = None,
    *,
    zone: str = "",
) -> Extraction:
    """``zone`` is for dates that name none, where no source has one; "" leaves it to the page (`zones`).

    Raises ExtractionError if a source's selector cannot be compiled.
    """
    if problem := quality.of_bytes(page.body, page.content_type):
        return _nothing(problem)
    decoded = charset.decode(page.body, page.charset)
    tree = parse(decoded.text, page.url)
    if tree is None:
        return _nothing(Problem("empty", "the page has no element"))
    if len(decoded.text) > quality.MOST_TEXT and (problem := quality.of_size(tree.root)):
        return _nothing(problem)
    try:
        told = signals.read(tree.root)
        head = headline.read(tree.root, told, source.headline if source else (), candidate.title if candidate else "")
        scripts = Embedded(tree.root, tree.base)
        main = body.find(tree, told, head, source, scripts)
        # Not asked of a page that has the declared container: a stub has no article in it.
        if not main.by_container and may_be_stub(decoded.text) and (target := target_of(tree)):
            return _nothing(Problem("stub", f"the page only leads on to {target}"), target)
        language = metadata.language(tree.root, told, main)
        asks = language == "zh" and not main.by_container  # Western accounts are authors, and named as such
        beside = context.beside(tree.root, head, main)
        facts = context.Context(
            tree=tree,
            signals=told,
            embedded=scripts,
            title=head.title,
            body=main,
            source=source,
            candidate=candidate,
            zone=(source.zone if source else zone) or zones.zone_of(language, told),
            language=language,
            now=page.fetched,
            beside=beside,
            after=context.after(main),
            cut=tuple(line.text for line in main.cut if line.text),
            near=accounts.named_near(tree.root, head.element, main.element, beside) if asks else (),
        )
        found = metadata.read(facts)
    except RecursionError as error:
        raise ExtractionError(f"page: {page.url}: nested too deeply for the parser") from error
    # In Chinese papers captions are paragraphs of the text; elsewhere they belong to their pictures, in ``html``.
    text = blocks.to_text(
        main.blocks, captions=language in _EASTERN or not any(b.text and not b.caption for b in main.blocks)
    )
    dated = found.published is not None and found.published.provenance.partition(":")[0] not in (
        "list",
        "feed",
        "url",
    )
    outcome = quality.Outcome(head.title, text, main, bool(head.elements), dated, facts.after)
    problem = quality.of_text(decoded) or quality.of_page(tree, outcome)
    if problem is None and quality.is_cut_off(decoded.text):
        problem = Problem("truncated", "the markup ends in the middle of a tag or a script")
    evidence = ({"title": head.evidence} if head.title else {}) | {"body": main.evidence} | found.evidence
    if reserved := reservations.read(tree.root, page.reserved):
        evidence["reservations"] = reserved
    return Extraction(
        title=head.title,
        html=blocks.to_html(main.blocks),
        text=text,
        published=found.published,
        authors=found.authors,
        medium=found.medium,
        section=found.section,
        original_url=found.original_url,
        images=tuple(dict.fromkeys(image for block in main.blocks for image in block.images)),
        language=found.language,
        evidence=evidence,
        by_container=main.by_container,
        confidence=round(main.confidence, 2),
        next_url=continuation.next_of(tree, main.element, page.url),
        damaged=decoded.damaged,
        problem=problem.word if problem else "",
        detail=problem.detail if problem else "",
    )


def _nothing(problem: Problem, target: str = "") -> Extraction:
    return Extraction(problem=problem.word, detail=problem.detail, original_url=target)
