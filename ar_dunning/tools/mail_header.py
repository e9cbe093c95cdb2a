"""Values of mail headers, made from parsed parts: one line each, one address each.

A name may hold anything that was typed or imported, also line breaks, which would begin a header of their own.
"""

import re

from odoo.tools.mail import email_normalize_all, formataddr

# Control characters, and the line ends that Unicode knows besides.
BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def unbroken(text):
    """The text without line breaks and control characters, as a subject or a heading holds it; blanks stay as typed."""
    return BREAKS.sub(" ", text or "").strip()


def one_line(text):
    """The text unbroken, and blanks folded."""
    return " ".join(unbroken(text).split())


def mailbox(name, email):
    """A header value for one person at one address, which may be written like `Name <address>`.

    :return: the first address that is found in `email`, with the name; empty where there is none
    """
    addresses = addresses_in(email)
    return formataddr((one_line(name), addresses[0])) if addresses else ""


def addresses_in(email):
    """All plain addresses in a field that people fill with one or with several, in order and once each."""
    return list(dict.fromkeys(email_normalize_all(one_line(email))))
