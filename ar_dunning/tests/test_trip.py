import sys
from contextlib import contextmanager
from pathlib import Path

from odoo.tests import tagged

from .common import REMINDED, DunningCommon

FAMILY = "ar_dunning"
MOST = 49  # as it is; a trip of 22 is the aim, and more is a step back


@contextmanager
def entered(files):
    """Adds to `files` each file of the family from which a function is called meanwhile, as addon/folder/name."""

    def profile(frame, event, _argument):
        if event == "call":
            parts = Path(frame.f_code.co_filename).parts
            own = next((place for place, part in enumerate(parts) if part.startswith(FAMILY)), None)
            if own is not None and "tests" not in parts:
                files.add("/".join(parts[own:]))

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)


@tagged("post_install", "-at_install")
class TestTrip(DunningCommon):
    """How many files one enters who follows a reminder from the journal item to the mail: it does not become more."""

    def test_one_reminder(self):
        self.invoice()
        files = set()
        with entered(files):
            notice = self.night(REMINDED).notice_ids
            self.send(notice, REMINDED)
        self.assertEqual(notice.state, "sent")
        own = sorted(name for name in files if name.startswith("ar_dunning/"))
        self.assertLessEqual(len(own), MOST, "\n".join(own))
