"""This file knows what is said to the person at the command line: the extension's own sentences.

Faults have one text and one action each, `fault_<code>` and `fix_<code>` in extension/_locales, so
that the browser and the doctor say the same.
"""

from __future__ import annotations

import json
import locale
import os
import re
from functools import cache

from relay.core import places

LANGUAGES = ("en", "ru")


class Words:
    """The sentences of one language."""

    def __init__(self, language: str) -> None:
        folder = places.shipped("extension") / "_locales" / language
        self.language = language
        self._messages = json.loads((folder / "messages.json").read_text(encoding="utf-8"))

    def fault(self, code: str) -> str:
        """What is wrong."""
        return self.say(f"fault_{code.replace('-', '_')}")

    def fix(self, code: str) -> str:
        """The one thing to do."""
        return self.say(f"fix_{code.replace('-', '_')}")

    def say(self, key: str, *values: str) -> str:
        """A sentence with its values, in the order of their numbers."""
        entry = self._messages[key]
        contents = {
            name.lower(): values[int(one["content"][1:]) - 1]
            for name, one in entry.get("placeholders", {}).items()
        }
        text: str = re.sub(r"\$(\w+)\$", lambda m: contents[m[1].lower()], entry["message"])
        return text


@cache
def of(language: str) -> Words:
    return Words(language)


def here() -> Words:
    """In the language of who sits here, if we have it."""
    return of(language())


def language() -> str:
    """ "ru" for a Russian system, else "en"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "ru" if value.lower().startswith("ru") else "en"
    spoken = locale.getlocale()[0] or ""
    return "ru" if spoken.lower().startswith(("ru", "russian")) else "en"
