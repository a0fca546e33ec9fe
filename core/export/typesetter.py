"""Sets one report in a process of its own: HTML in, PDF out.

Run as `python -I typesetter.py` with two parts on standard input, each after 8 bytes of length: the
page as HTML, whose pictures are empty places, then the figures as a JSON object from the address of a
place to its SVG. The page is set while the figures are still being drawn; only painting needs them.
Standard output is the PDF. Exit status NO_PANGO: the libraries that set type are not installed.

Pango is not safe to use, nor its objects to let go, from several threads at once, and a crash in it
ends its process: here that is not the process that serves everybody. It imports nothing of the project.
"""

import gc
import json
import sys
from typing import Any, BinaryIO
from xml.etree import ElementTree

NO_PANGO = 3


def part(stream: BinaryIO) -> bytes:
    """The next part of the input."""
    return stream.read(int.from_bytes(stream.read(8), "big"))


def main() -> int:
    """Read, set, fill, write."""
    gc.set_threshold(20_000)  # setting type makes many thousand small things that stay to the end
    page = part(sys.stdin.buffer).decode("utf-8")
    try:
        import weasyprint
    except OSError:
        return NO_PANGO
    # nothing is fetched but what stands in the document itself
    inside = weasyprint.urls.URLFetcher(allowed_protocols=["data"], allow_redirects=False)
    images: dict[str, Any] = {}
    document = weasyprint.HTML(string=page, url_fetcher=inside).render(cache=images, pdf_variant="pdf/ua-1")
    for address, svg in json.loads(part(sys.stdin.buffer)).items():
        image = images[address]
        image.__init__(ElementTree.fromstring(svg), image._base_url, image._url_fetcher, image._context)
    sys.stdout.buffer.write(document.write_pdf(pdf_variant="pdf/ua-1"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
