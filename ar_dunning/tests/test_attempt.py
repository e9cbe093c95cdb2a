from psycopg2.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.tests import TransactionCase, tagged

from ..tools.attempt import BUSY, attempt, taken_back

LOG = "odoo.addons.ar_dunning.tools.attempt"


@tagged("post_install", "-at_install")
class TestAttempt(TransactionCase):
    """Trying something in a savepoint: what stays, what is told, what goes through."""

    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Before"})

    def renaming(self, error=None):
        """An action that renames the partner, and then fails."""

        def action():
            self.partner.name = "After"
            if error:
                raise error
            return self.partner.name

        return action

    def stored(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT name FROM res_partner WHERE id = %s", [self.partner.id])
        return self.env.cr.fetchone()[0]

    def test_what_is_done_stays(self):
        self.assertIsNone(attempt(self.env, self.renaming()))
        self.assertEqual(self.stored(), "After")

    def test_a_refusal_is_told_in_its_own_words_and_nothing_stays(self):
        with self.assertNoLogs(LOG):
            failure = attempt(self.env, self.renaming(UserError("The day is locked.")))
        self.assertEqual((failure, failure.is_sentence), ("The day is locked.", True))
        self.assertEqual((self.partner.name, self.stored()), ("Before", "Before"))

    def test_what_breaks_is_in_the_log_too(self):
        with self.assertLogs(LOG, "ERROR") as log:
            failure = attempt(self.env, self.renaming(KeyError("rate")), "Customer 7")
        self.assertEqual((failure, failure.is_sentence), ("'rate'", False))
        self.assertIn("Customer 7", log.output[0])
        self.assertIn("KeyError", log.output[0])
        self.assertEqual(self.stored(), "Before")

    def test_an_error_without_words_is_told_by_its_name(self):
        with self.assertLogs(LOG, "ERROR"):
            self.assertEqual(attempt(self.env, self.renaming(ValueError())), "ValueError")

    def test_whoever_looks_closer_keeps_it_out_of_the_log(self):
        with self.assertNoLogs(LOG):
            self.assertEqual(attempt(self.env, self.renaming(ValueError("odd")), None), "odd")

    def test_a_record_that_somebody_holds_is_nothing_to_tell(self):
        with self.assertNoLogs(LOG):
            self.assertEqual(attempt(self.env, self.renaming(LockError("locked"))), BUSY)
        self.assertEqual(self.stored(), "Before")

    def test_errors_of_concurrency_go_through(self):
        for error in (SerializationFailure, DeadlockDetected, LockNotAvailable, ConcurrencyError):
            with self.subTest(error=error), self.assertRaises(error):
                attempt(self.env, self.renaming(error("again")))
            self.assertEqual(self.stored(), "Before")

    def test_only_the_errors_meant_are_borne(self):
        with self.assertRaises(ValueError):
            attempt(self.env, self.renaming(ValueError("odd")), only=UserError)
        self.assertEqual(attempt(self.env, self.renaming(UserError("no")), only=UserError), "no")

    def test_what_the_database_refuses_at_the_end_is_borne(self):
        """Nothing is written before the end of the action: the constraint speaks while it is flushed."""
        company = self.env.company

        def action():
            self.env["ar.dunning.customer"].create(
                [{"partner_id": self.partner.id, "company_id": company.id} for _twice in range(2)]
            )

        with self.assertLogs(LOG, "ERROR"), self.assertLogs("odoo.sql_db", "ERROR"):
            self.assertIn("ar_dunning_customer_partner_company_unique", attempt(self.env, action))
        self.assertFalse(self.env["ar.dunning.customer"].search([("partner_id", "=", self.partner.id)]))

    def test_what_is_taken_back_has_not_been(self):
        self.assertEqual(taken_back(self.env, self.renaming()), "After")
        self.assertEqual((self.partner.name, self.stored()), ("Before", "Before"))

    def test_an_error_while_looking_goes_through(self):
        with self.assertRaises(UserError):
            taken_back(self.env, self.renaming(UserError("owes nothing")))
        self.assertEqual(self.stored(), "Before")
