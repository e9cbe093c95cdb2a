import csv
from datetime import date
from decimal import Decimal
from io import StringIO

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import file_open

from ..core.rates import MissingRate

TODAY = "2026-11-22"


class RateCommon(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rate = cls.env["ar.dunning.rate"]
        cls.manager = new_test_user(cls.env, "rate_manager", "ar_dunning.group_dunning_manager")

    def series(self, *values, **vals):
        """A series of (first day, value) or (first day, value, last day)."""
        rows = [
            Command.create({"date_from": row[0], "value": row[1], "date_to": row[2] if len(row) > 2 else False})
            for row in values
        ]
        return self.Rate.create({"name": "Test series", "code": "TEST", "value_ids": rows, **vals})


@tagged("post_install", "-at_install")
class TestRates(RateCommon):
    """How long a value holds, and what happens where there is none."""

    def refused(self, words, rows, **vals):
        """Saving the series fails, and says so in these words."""
        with self.assertRaises(ValidationError) as caught:
            self.series(*rows, **vals)
        self.assertRegex(str(caught.exception), words)

    def test_how_long_a_value_holds(self):
        cases = [
            ("half_year", "2026-01-01", date(2026, 6, 30)),
            ("half_year", "2026-07-01", date(2026, 12, 31)),
            ("half_year", "2013-03-16", date(2013, 6, 30)),
            ("year", "2026-01-01", date(2026, 12, 31)),
            ("change", "2026-01-01", False),
        ]
        for number, (fixing, first, last) in enumerate(cases):
            with self.subTest(fixing=fixing, first=first):
                rate = self.series((first, 2.0), fixing=fixing, code=f"CASE{number}")
                self.assertEqual(rate.value_ids.period_end, last)

    def test_a_value_of_change_ends_with_the_next(self):
        rate = self.series(("2020-01-01", 1.0), ("2020-05-29", 0.5), fixing="change")
        later, earlier = rate.value_ids.sorted("date_from", reverse=True)
        self.assertEqual((earlier.period_end, later.period_end), (date(2020, 5, 28), False))
        later.unlink()
        self.assertFalse(earlier.period_end, "without a next one it holds on")

    def test_one_value_over_several_half_years(self):
        rate = self.series(("2016-07-01", -0.88, "2022-12-31"), ("2023-01-01", 1.62))
        series = rate._as_series()
        self.assertEqual(series.on(date(2022, 12, 31)).rate, Decimal("-0.88"))
        self.assertEqual(series.on(date(2023, 1, 1)).rate, Decimal("1.62"))

    def test_a_gap_is_an_error_that_names_series_and_period(self):
        series = self.series(("2024-01-01", 3.62), ("2025-01-01", 2.27))._as_series()
        with self.assertRaises(MissingRate) as caught:
            series.on(date(2024, 8, 1))
        self.assertEqual(
            (caught.exception.series, caught.exception.first, caught.exception.last),
            ("Test series", date(2024, 8, 1), date(2024, 12, 31)),
        )

    def test_overlapping_values_are_refused_in_plain_words(self):
        for fixing, rows in (
            ("half_year", [("2026-01-01", 2.15), ("2026-06-01", 2.4)]),
            ("half_year", [("2016-07-01", 0.0, "2022-12-31"), ("2022-07-01", 0.5)]),
            ("year", [("2026-01-01", 1.6), ("2026-01-01", 1.7)]),
            ("change", [("2026-01-01", 1.6), ("2026-01-01", 1.7)]),
        ):
            with self.subTest(fixing=fixing):
                self.refused("Test series: .* overlap", rows, fixing=fixing)
        self.refused("before it begins", [("2026-01-01", 1.0, "2025-12-31")])

    def test_a_longer_fixing_may_not_make_values_overlap(self):
        rate = self.series(("2026-01-01", 2.15), ("2026-07-01", 2.4))
        with self.assertRaises(ValidationError) as caught:
            rate.fixing = "year"
        self.assertIn("overlap", str(caught.exception))

    def test_amounts_need_a_currency(self):
        self.refused("currency", [], unit="amount")

    @freeze_time(TODAY)
    def test_missing_today(self):
        held = self.series(("2026-07-01", 2.4), code="HELD")
        missing = self.series(("2026-01-01", 2.15), code="OLD")
        empty = self.series(code="EMPTY")
        everyone = held | missing | empty
        self.assertEqual(everyone.mapped("is_missing"), [False, True, True])
        self.assertEqual(held.value_today, 2.4)
        found = self.Rate.search([("is_missing", "=", True), ("id", "in", everyone.ids)])
        self.assertEqual(found, missing | empty)
        self.assertEqual(self.Rate.search([("is_missing", "=", False), ("id", "in", everyone.ids)]), held)

    def test_an_edited_figure_loses_its_source(self):
        rate = self.series(("2026-07-01", 2.4))
        value = rate.value_ids
        value._put({"status": "P", "source": "Central bank", "address": "https://example.com"})
        value.source = "Central bank, 30 June"
        self.assertEqual(value.status, "P", "a better source proves the same figure")
        value.value = 2.5
        self.assertEqual((value.status, value.source, value.address), (False, False, False))


@tagged("post_install", "-at_install")
class TestRateRights(RateCommon):
    def test_who_reads_and_who_edits(self):
        rate = self.series(("2026-07-01", 2.4))
        accountant = new_test_user(self.env, "rate_accountant", "ar_dunning.group_dunning_user")
        auditor = new_test_user(self.env, "rate_auditor", "account.group_account_readonly")
        sales = new_test_user(self.env, "rate_sales", "base.group_user")
        for user in (accountant, auditor):
            self.assertEqual(rate.with_user(user).value_ids.value, 2.4)
            with self.assertRaises(AccessError):
                rate.with_user(user).value_ids.value = 3
        with self.assertRaises(AccessError):
            rate.with_user(sales).read(["name"])
        rate.with_user(self.manager).value_ids.value = 3
        self.assertEqual(rate.value_ids.value, 3)


@tagged("post_install", "-at_install")
class TestRateImport(RateCommon):
    """A table of values, through the import that every list of Odoo has."""

    def load(self, text):
        wizard = self.env["base_import.import"].create(
            {
                "res_model": "ar.dunning.rate.value",
                "file": text.encode(),
                "file_type": "text/csv",
                "file_name": "rates.csv",
            }
        )
        header = next(csv.reader(StringIO(text)))
        return wizard.execute_import(header, header, {"quoting": '"', "separator": ",", "has_headers": True})

    def test_the_template_loads(self):
        (template,) = self.env["ar.dunning.rate.value"].get_import_templates()
        with file_open(template["template"].removeprefix("/"), "r") as file:
            text = file.read()
        rate = self.series(("2026-07-01", 2.4), code="ECB_TEMPLATE")
        result = self.load(text.replace("ECB_MRO", "ECB_TEMPLATE"))
        self.assertFalse(result["messages"])
        value = rate.value_ids.filtered(lambda value: value.date_from == date(2027, 1, 1))
        self.assertEqual((value.value, value.period_end, value.status), (2.4, date(2027, 6, 30), False))
        self.assertIn("publication", value.source)

    def test_an_overlap_is_told_and_nothing_is_loaded(self):
        rate = self.series(("2026-07-01", 2.4))
        result = self.load("rate_id,date_from,value\nTEST,2027-01-01,2.5\nTEST,2026-09-01,2.75\n")
        self.assertIn("Test series: the value 2.4 from", result["messages"][0]["message"])
        self.assertIn("overlap", result["messages"][0]["message"])
        self.assertEqual(len(rate.value_ids), 1)


@tagged("post_install", "-at_install")
class TestWarning(RateCommon):
    """Managers are told once where a series in use has no value."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ar.dunning.regime"].search([]).unlink()

    def open_ones(self, rate):
        return self.env["mail.activity"].search([("res_model", "=", rate._name), ("res_id", "=", rate.id)])

    def use(self, rate):
        return self.env["ar.dunning.regime"].create(
            {
                "name": "Testland",
                "country_id": self.env.ref("base.is").id,
                "audience": "business",
                "interest_source": "reference",
                "interest_rate_id": rate.id,
                "margin": 8,
            }
        )

    def test_once_per_series_and_closed_when_solved(self):
        used = self.series(("2026-01-01", 2.15), code="USED")
        unused = self.series(("2026-01-01", 2.15), code="UNUSED")
        self.use(used)
        on = date(2026, 11, 22)
        self.assertFalse(self.Rate._warn_missing(date(2026, 6, 30)) & used, "its last day still has a value")
        for _night in range(2):
            self.assertIn(used, self.Rate._warn_missing(on))
        activity = self.open_ones(used)
        self.assertEqual(len(activity), 1)
        self.assertTrue(activity.user_id.has_group("ar_dunning.group_dunning_manager"))
        self.assertIn("2026-11-22", activity.note)
        self.assertFalse(self.open_ones(unused))
        used.value_ids = [Command.create({"date_from": "2026-07-01", "value": 2.4})]
        self.assertNotIn(used, self.Rate._warn_missing(on))
        self.assertFalse(self.open_ones(used).filtered("active"))

    def test_an_archived_rule_warns_nobody(self):
        rate = self.series(code="ARCHIVED")
        self.use(rate).active = False
        self.assertNotIn(rate, self.Rate._warn_missing(date(2026, 11, 22)))
