from datetime import datetime
from zoneinfo import ZoneInfo

from freezegun import freeze_time

from .common import DunningCommon

UTC = ZoneInfo("UTC")


class NightCommon(DunningCommon):
    """A company's clock, the scheduled action that looks every quarter of an hour, and the morning after."""

    def setUp(self):
        super().setUp()
        self.Run = self.env["ar.dunning.run"].sudo()

    def zone(self, name, company=None):
        (company or self.company).resource_calendar_id.tz = name
        return ZoneInfo(name)

    def at(self, zone, *moment, fold=0):
        """The clock of the server when it is this moment in a zone."""
        return freeze_time(datetime(*moment, tzinfo=zone, fold=fold).astimezone(UTC).replace(tzinfo=None))

    def tick(self, company=None):
        """The scheduled action looks; the night that it begins, if it does, is worked through."""
        run = self.Run._begin_night(company or self.company)
        if run:
            run._play()
            run._put({"state": "done"})
            self.env.invalidate_all()
        return run
