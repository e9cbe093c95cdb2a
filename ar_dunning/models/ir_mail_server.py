from odoo import api, fields, models


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    ar_dunning_per_minute = fields.Integer(
        "Reminders per Minute",
        help="Reminders, formal notices and the like beyond this wait for the next minute. 0: no limit.",
    )
    ar_dunning_per_connection = fields.Integer(
        "Reminders per Connection", help="After so many mails the connection is made anew. 0: no limit."
    )

    def _ar_dunning_most_per_minute(self):
        """Our limit, and Odoo's own for a person's server; 0: none."""
        limits = [self.ar_dunning_per_minute]
        if self.owner_user_id:
            limits.append(self._get_personal_mail_servers_limit())
        return min((limit for limit in limits if limit > 0), default=0)

    @api.model_create_multi
    def create(self, vals_list):
        servers = super().create(vals_list)
        self._ar_dunning_reroute()
        return servers

    def write(self, vals):
        result = super().write(vals)
        if {"active", "from_filter", "sequence", "owner_user_id"} & set(vals):
            self._ar_dunning_reroute()
        return result

    def unlink(self):
        """What we keep about a server goes with it; its mails leave through another."""
        Server = self.env["ar.dunning.mail.server"].sudo()
        Server.search([("mail_server_id", "in", self.ids)])._discard()
        result = super().unlink()
        self._ar_dunning_reroute()
        return result

    @api.model
    def _ar_dunning_reroute(self):
        """Servers have changed: what waits may have to leave through another."""
        waiting = self.env["ar.dunning.delivery"].sudo().search([("state", "=", "queued"), ("mail_id", "!=", False)])
        waiting._assign()
