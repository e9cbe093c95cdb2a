from odoo import fields
from odoo.tests import tagged

from odoo.addons.ar_dunning.tests.walk_common import WalkCommon, WalkTests
from odoo.addons.ar_dunning_credit.tests.test_written_by_system import OVERRIDE

REQUEST = {
    *("name", "customer_id", "order_id", "currency_id", "amount", "return_date", "user_id", "payment_id", "note"),
}
TRIAL = {"kind", "until", "free_value"}


@tagged("post_install", "-at_install")
class TestWrittenBySystem(WalkTests, WalkCommon):
    """Approvals, what was let pass, deposits and accepted terms: no person writes what the system decides or books."""

    addon = "ar_dunning_sale"
    of_others = {"res.company", "sale.order", "sale.order.line", "ar.dunning.trial"}
    more_people = OVERRIDE
    own = {
        "ar.dunning.deposit": {
            "requested": REQUEST,
            "paid": {"name", "return_date", "user_id", "note"},
            "": {"note"},
            "new": REQUEST | {"company_id"},
        },
        "ar.dunning.trial": dict.fromkeys(("planned", "running", "decide", "cancelled"), TRIAL),
        "sale.order.line": {"": {"ar_dunning_trial"}, "new": {"ar_dunning_trial"}},
    }
    settings = {
        "ar.dunning.deposit.rule": set(),
        "res.company": set(),
    }
    deletes = {"ar.dunning.deposit": {"requested", "cancelled"}}

    @classmethod
    def records(cls):
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        customer = cls.env["ar.dunning.customer"]._of_partners(cls.partner_a, cls.company, create=True)
        product = cls.env["product.product"].create({"name": "Walk", "taxes_id": False})
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.partner_a.id,
                "note": "<p>Our terms</p>",
                "order_line": [(0, 0, {"product_id": product.id, "price_unit": 10.0})],
            }
        )
        values = {"name": "Walk", "customer_id": customer.id, "amount": 10.0, "return_date": fields.Date.today()}
        states = ("requested", "paid", "released", "applied", "cancelled")
        deposits = dict(
            zip(states, cls.env["ar.dunning.deposit"].create([dict(values) for _state in states]), strict=True)
        )
        for state, deposit in deposits.items():
            deposit._put({"state": state})
        terms = cls.env["ar.dunning.terms"].sudo()._record(order, "confirmed", "Anna", fields.Datetime.now())
        rule = cls.env["ar.dunning.deposit.rule"].search([], limit=1)
        rule = rule or cls.env["ar.dunning.deposit.rule"].create({"name": "Walk"})
        releases = {}
        for state in ("requested", "approved", "declined", "overridden"):
            other = order.copy()
            verdict = other._dunning_verdicts()[other.id]
            releases[state] = cls.env["ar.dunning.release"].sudo()._record(other, state, verdict)
        trials = {}
        for state in ("planned", "running", "decide", "charged", "ended", "withdrawn", "cancelled"):
            values = {"order_id": order.copy().id, "kind": "trial", "until": fields.Date.today(), "state": state}
            trials[state] = cls.env["ar.dunning.trial"].sudo()._make(values)
        payment = cls.unmatched_payment(5.0, fields.Date.today())
        return {
            "ar.dunning.deposit": deposits,
            "ar.dunning.terms": {"": terms},
            "ar.dunning.release": releases,
            "ar.dunning.trial": trials,
            "ar.dunning.deposit.rule": {"": rule},
            "ar.dunning.customer": {"": customer},
            "sale.order": {"quotation": order},
            "sale.order.line": {"": order.order_line},
            "account.move": {"": payment.move_id or cls.invoice()},
            "account.payment": {"": payment},
            "res.company": {"": cls.company},
        }

    def test_accepted_terms_keep_their_text(self):
        """The document of the terms, for everybody."""
        document = self.found["ar.dunning.terms"][""].attachment_id
        for su in (False, True):
            target = document.with_env(self.env(user=self.people["administrator"], su=su))
            self.assertTrue(self.is_refused(lambda target=target: target.write({"raw": b"Other terms"})))
            self.assertTrue(self.is_refused(target.unlink))
