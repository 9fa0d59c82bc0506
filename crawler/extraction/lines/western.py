"""The page's own lines in Western papers, by language: adverts, "read more", newsletters, bylines, dates.

Pure. As in `notices`, each answer is about a line as a whole.
"""

from __future__ import annotations

import re

_LONGEST = 160  # characters of a line that may be one of them

_ADVERT = (
    r"advertisements?|story continues below advertisement|anzeige|werbung|publicit[ée]|publicidad|pubblicit[àa]|publicidade|advertentie|reklama|"
    r"реклама|広告|광고|\[?pr\]?|la suite après cette publicité|dalszy ciąg materiału pod wideo|advertisement · scroll to continue|scroll to continue"
)
_MORE = (
    r"read more|read next|read also|see also|also read|more (?:on|from|about|in) |related(?: (?:articles|stories|news|content|coverage))?|recommended|most (?:read|popular)|"
    r"read (?:the )?full (?:story|article)|watch now|watch:|listen:|catch up|don.t miss|other news|top stories|trending|"
    r"mehr zum thema|lesen sie (?:auch|mehr)|lesen sie dazu|zum thema|auch interessant|meistgelesen|"
    r"à lire aussi|lire aussi|voir aussi|sur le même sujet|en savoir plus|leggi anche|per approfondire|"
    r"más información|lea también|te puede interesar|leia também|leia mais|lees ook|lees meer|bekijk ook|czytaj też|czytaj również|zobacz też|zobacz także|więcej takich|"
    r"материалы по теме|читайте также|по теме|あわせて読みたい|関連記事|関連ニュース|관련기사|많이 본 뉴스"
)
_JOIN = (
    r"sign ?up (?:for|to|here|now)|subscribe(?: (?:to|now|today|here))?|get (?:the|our|your) .{2,60}(?:newsletter|inbox|briefing|app)|newsletter|free (?:weekly|daily) newsletter|"
    r"skip past newsletter promotion|after newsletter promotion|privacy notice|already (?:a )?(?:subscriber|member)|create (?:an|your) (?:free )?account|log in|"
    r"follow (?:us|.{2,40} on (?:twitter|facebook|instagram|x|bbc sounds|linkedin|telegram))|join (?:the conversation|our|us)|register now|"
    r"hier kostenlos bestellen|newsletter abonnieren|s.abonner|inscrivez-vous|suscr[ií]bete|iscriviti|inscreva-se|"
    r"press enter or click to view image|share (?:this|on|via|full article)|copy link|comments?|leave a comment|reply|print|email|"
    r"(?:\d+ )?(?:min(?:ute)?s?|minuten|minutos|minuti|minuty|min\.?) (?:read|lesezeit|de lecture|de lectura|di lettura|de leitura|czytania|leestijd)|temps de lecture.{0,20}|"
    r"\d+ (?:comments?|kommentare|commentaires|comentarios|commenti|comentários|reacties|komentarz[ey])|komentarze: \d+"
)
_END = (
    r"(?:reporting|editing|writing|additional reporting) by [A-Z].{2,160}|our standards\b.{0,80}|suggested topics:?|purchase licensing.{0,40}|"
    r"(?:the )?associated press writers? .{4,120} contributed.{0,60}|.{4,60} contributed (?:reporting|research|to this (?:report|story)).{0,60}|"
    r"copyright .{0,100}|©.{0,100}|all rights reserved.{0,60}|this (?:article|story|post) (?:was|is|has been|originally|first).{0,120}|"
    r"if you (?:enjoyed|liked) this.{0,120}|thanks for reading.{0,80}|image credits?:.{0,80}|photo(?:graph)?s?(?: by|:).{0,80}|source: .{2,60}"
)
_FURNITURE = re.compile(
    rf"^\W*(?:(?:{_ADVERT})|(?:{_MORE})(?:\s*[:|–—›»→•].{{0,110}})?|(?:{_JOIN})(?:\W.{{0,110}})?)\W*$", re.IGNORECASE
)
_ENDING = re.compile(rf"^\W*(?:{_END})\W*$", re.IGNORECASE)
# What a sentence must ask for to be none of the article's.
_ASKS = re.compile(
    r"sign ?up|subscri|newsletter|privacy notice|already a|create (?:an|your)|get (?:the|our|your)|follow (?:us|.{2,40} on )|log in|join (?:our|us|the conversation)|"
    r"abonnieren|s.abonner|inscri|suscr|iscriv|bestellen",
    re.IGNORECASE,
)
_MONTHS = (
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez|märz|fév|avr|juin|juil|août|déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|"
    r"fev|out|mrt|mei|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|lis|gru|январ|феврал|март|апрел|мая|июн|июл|август|сентябр|октябр|ноябр|декабр"
)
_DATE = (
    rf"(?:\d{{1,2}}\.?\s+(?:de\s+)?(?:{_MONTHS})\w*\.?,?\s+(?:de\s+)?(?:19|20)\d\d|(?:{_MONTHS})\w*\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d"
    rf"|\d{{1,2}}[./-]\d{{1,2}}[./-](?:19|20)\d\d|(?:19|20)\d\d[./-]\d{{1,2}}[./-]\d{{1,2}})"
)
_BYLINE = re.compile(
    rf"^\W*(?:(?:(?:written|posted|published|reported|words) )?by\s+[A-Z]|von\s+[A-Z]|par\s+[A-Z]|por\s+[A-Z]|di\s+[A-Z]|door\s+[A-Z]|oprac\.|автор\b|stand:|publié|mis à jour|"
    rf"veröffentlicht|aktualisiert|published|updated|posted|publicado|actualizado|pubblicato|geplaatst|gepubliceerd|opublikowano|\d+ (?:second|minute|hour|day|week|month)s? ago)"
    rf"(?!.*[.!?]\s).{{0,110}}$|^(?!.*[.!?]\s).{{0,40}}{_DATE}.{{0,60}}$",
    re.IGNORECASE,
)


def is_furniture(text: str) -> bool:
    """Wherever it stands; a sentence only if it asks the reader for something."""
    if len(text) > _LONGEST or _FURNITURE.match(text) is None:
        return False
    is_sentence = text.rstrip("\"'”’» ").endswith((".", "!", "?")) and text.count(" ") >= 4
    return not is_sentence or _ASKS.search(text[:60]) is not None


def is_ending(text: str) -> bool:
    """Credits and rights, at the end of an article."""
    return len(text) <= _LONGEST and _ENDING.match(text) is not None


def is_byline(text: str) -> bool:
    """Names and dates of a head; the same words may open a paragraph, so a sentence is none."""
    return len(text) <= _LONGEST and _BYLINE.match(text) is not None and not text.rstrip().endswith((".", "!", "?"))
