"""What stands in a PDF, and where, as poppler reads it: the same on every version of the libraries that Odoo runs with."""

import re
import subprocess
from dataclasses import dataclass

POINT = 25.4 / 72  # millimetres
PAGE = re.compile(r'<page width="[\d.]+" height="[\d.]+">(.*?)</page>', re.DOTALL)
WORD = re.compile(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">([^<]*)</word>')
INVISIBLE = str.maketrans({"\xa0": " ", "\u200b": "", "\ufeff": ""})
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"'}


@dataclass(frozen=True)
class Place:
    """A word and its box, in millimetres from the left and the top of the page."""

    word: str
    left: float
    top: float
    right: float
    bottom: float


def texts_of(pdf):
    """The text of each page, blanks folded."""
    pages = _read(pdf, "-layout").split("\f")[:-1]
    return [" ".join(page.translate(INVISIBLE).split()) for page in pages]


def places_of(pdf):
    """The words of each page with their places."""
    return [[_place(*found) for found in WORD.findall(page)] for page in PAGE.findall(_read(pdf, "-bbox"))]


def place_of(page, wanted):
    """The place of the first of the words `wanted`, which stand one after the other on a page of `places_of`.

    :raise AssertionError: they do not stand there
    """
    words = wanted.split()
    for start in range(len(page) - len(words) + 1):
        if [place.word for place in page[start : start + len(words)]] == words:
            return page[start]
    raise AssertionError(f"{wanted!r} is not on the page: {' '.join(place.word for place in page)}")


def _place(left, top, right, bottom, word):
    for entity, sign in ENTITIES.items():
        word = word.replace(entity, sign)
    return Place(word, *(float(value) * POINT for value in (left, top, right, bottom)))


def _read(pdf, *options):
    command = ["pdftotext", "-enc", "UTF-8", *options, "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
