"""Looking into an HTML file: which addresses it names, and its text outside of code."""

import re
from html.parser import HTMLParser

FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
VERBATIM = {"pre", "code", "script", "style"}


class HtmlFile(HTMLParser):
    """An HTML file taken apart.

    Attributes:
        fetched: addresses that a browser would load by itself.
        links: addresses of links.
        ids: of all elements.
        images: attributes of every image.
        tags: names of all elements, in order.
        prose: the text outside of code, scripts and styles.
    """

    def __init__(self, text):
        super().__init__()
        self.fetched, self.links, self.ids, self.images, self.tags, self.prose = [], [], [], [], [], ""
        self._verbatim = 0
        self.feed(text)
        styles = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
        self.fetched += re.findall(r"url\(['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", styles)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        self._verbatim += tag in VERBATIM
        if FETCHED.get(tag) in found:
            self.fetched.append(found[FETCHED[tag]])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "img":
            self.images.append(found)
        if "id" in found:
            self.ids.append(found["id"])

    def handle_endtag(self, tag):
        self._verbatim -= tag in VERBATIM

    def handle_data(self, data):
        if not self._verbatim:
            self.prose += data


def read(path):
    """The file taken apart."""
    return HtmlFile(path.read_text(encoding="utf-8"))
