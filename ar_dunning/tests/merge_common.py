from .common import DunningCommon


class MergeCommon(DunningCommon):
    """Two contacts with a record each, to be merged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Customer = cls.env["ar.dunning.customer"].sudo()
        cls.partner_b.write({"email": "b@example.com", "is_company": True, "user_id": False})
        cls.keep, cls.gone = (cls.record(partner) for partner in (cls.partner_a, cls.partner_b))

    @classmethod
    def record(cls, partner):
        return cls.Customer.create({"partner_id": partner.id, "company_id": cls.company.id})

    def merge(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo()
        wizard._merge((self.partner_a | self.partner_b).ids, self.partner_a, extra_checks=False)
        self.env.invalidate_all()
        self.assertFalse(self.gone.exists())
        self.assertEqual(self.keep.partner_id, self.partner_a)
